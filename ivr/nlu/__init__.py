"""From the words of an utterance to its meaning."""
