"""The REST API: what other systems ask of Menling, mounted under /api of the console."""
