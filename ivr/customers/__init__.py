"""Simulated customers who ring a trainee, their moods, and what they make of what he says."""
