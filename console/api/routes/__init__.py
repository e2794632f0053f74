"""What can be asked under /api, by subject."""
