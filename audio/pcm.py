"""Telephone sound: 8 kHz, 16-bit little-endian, mono, in frames of 20 ms."""

from __future__ import annotations

from collections.abc import Iterator

Frame = bytes
"""One 20 ms piece of telephone sound: 320 bytes."""

SAMPLE_RATE = 8000
SAMPLE_BYTES = 2
FRAME_SECONDS = 0.02
FRAME_SAMPLES = 160
FRAME_BYTES = FRAME_SAMPLES * SAMPLE_BYTES
SILENCE: Frame = bytes(FRAME_BYTES)


def seconds(pcm: bytes) -> float:
    """Return how long `pcm` lasts."""
    return len(pcm) / (SAMPLE_RATE * SAMPLE_BYTES)


def silence(duration_seconds: float) -> bytes:
    """Return digital silence of that length, rounded to whole samples."""
    return bytes(round(duration_seconds * SAMPLE_RATE) * SAMPLE_BYTES)


def frames(pcm: bytes) -> Iterator[Frame]:
    """Cut `pcm` into frames; the last one is filled up with silence."""
    for start in range(0, len(pcm), FRAME_BYTES):
        yield pcm[start : start + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
