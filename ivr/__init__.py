"""What is said and understood in a call."""
