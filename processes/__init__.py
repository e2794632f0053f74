"""How Menling's processes are started, and how they end with the one that started them."""
