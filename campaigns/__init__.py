"""Whom to call, when, and what came of it."""
