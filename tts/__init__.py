"""How text becomes speech."""
