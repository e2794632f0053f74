"""Versions of the schema; each one can be applied while the previous program still runs."""
