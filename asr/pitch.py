"""Does a throat sound in this? Breath, water, engines and blows have no pitch; pure.

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

_TRANSFORM = 1024


def pitched_seconds(frames: Sequence[Frame]) -> float:
    """Return for how long a pitch is heard in these frames."""
    pairs = (frames[at] + frames[at + 1] for at in range(len(frames) - 1))
    return sum(likeness_of_periods(pair) >= LEAST_LIKENESS for pair in pairs) * FRAME_SECONDS


def likeness_of_periods(pcm: bytes) -> float:
    """Return how much some 40 ms resemble themselves one period of a voice later, 0 to 1."""
    values = samples(pcm)
    values = values - values.mean()
    count = len(values)
    powers = np.abs(np.fft.rfft(values, _TRANSFORM)) ** 2
    likeness = np.fft.irfft(powers)[:count]
    if likeness[0] <= 1e-9:
        return 0.0
    lags = np.arange(round(SAMPLE_RATE / HIGHEST_HZ), round(SAMPLE_RATE / LOWEST_HZ) + 1)
    best = (likeness[lags] / (likeness[0] * (1.0 - lags / count))).max()
    return min(1.0, max(0.0, float(best)))
