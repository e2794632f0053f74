"""Does a throat sound in this? Breath, water, engines and blows have no pitch; pure.

A baby, a siren and a chime have one, but a higher one: they resemble themselves after a shorter
time already.

The autocorrelation of 40 ms, as in Boersma, "Accurate short-term analysis of the fundamental
frequency" (1993), without its search for the best path.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from audio.level import samples
from audio.pcm import FRAME_SECONDS, SAMPLE_RATE, Frame

LOWEST_HZ, HIGHEST_HZ = 70.0, 400.0
LEAST_LIKENESS = 0.65
"""Of a stretch and itself one period later, 0 to 1; voices reach 0.7 to 1, hiss 0.3."""

SHORTEST_PERIOD = 5
"""Samples; sounds that repeat sooner are hiss that was filtered."""
AS_LIKELY = 0.9
"""A shorter period that fits so well, measured by the one found, is the true one."""

_TRANSFORM = 1024


def pitched_seconds(frames: Sequence[Frame]) -> float:
    """Return for how long a pitch is heard in these frames."""
    pairs = (frames[at] + frames[at + 1] for at in range(len(frames) - 1))
    return sum(likeness_of_periods(pair) >= LEAST_LIKENESS for pair in pairs) * FRAME_SECONDS


def likeness_of_periods(pcm: bytes) -> float:
    """Return how much some 40 ms resemble themselves one period of a voice later, 0 to 1.

    0 as well where a period too short for a throat fits.
    """
    values = samples(pcm)
    values = values - values.mean()
    count = len(values)
    powers = np.abs(np.fft.rfft(values, _TRANSFORM)) ** 2
    likeness = np.fft.irfft(powers)[:count]
    if likeness[0] <= 1e-9:
        return 0.0
    longest = round(SAMPLE_RATE / LOWEST_HZ)
    lags = np.arange(SHORTEST_PERIOD - 1, longest + 1)
    alike = likeness[lags] / (likeness[0] * (1.0 - lags / count))
    throat = round(SAMPLE_RATE / HIGHEST_HZ) - lags[0]
    best = float(alike[throat:].max())
    above = alike[: throat + 1]
    peaks = above[1:-1][(above[1:-1] >= above[:-2]) & (above[1:-1] >= above[2:])]
    if peaks.size and float(peaks.max()) >= AS_LIKELY * best:
        return 0.0
    return min(1.0, max(0.0, best))
