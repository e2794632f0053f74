"""Fragments that several flows include."""
