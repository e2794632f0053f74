"""What sound is here: 8 kHz, 16-bit, mono, in 20 ms frames."""
