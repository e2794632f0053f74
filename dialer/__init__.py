"""How a telephone call is made and heard."""
