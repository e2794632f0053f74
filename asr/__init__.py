"""How speech becomes an utterance."""
