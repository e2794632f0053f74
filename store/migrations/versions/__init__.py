"""One module per version, applied in order."""
