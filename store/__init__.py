"""What is remembered: the one truth about campaigns, contacts and attempts."""
