"""Trunks: which one carries a call, and what becomes of one that fails."""
