"""Recorded voices and the simulated recipients who speak with them."""
