"""Recorded speech said slower, at the same pitch (WSOLA: overlap where the waves are alike)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.pcm import SAMPLE_RATE

SLOW_RATE = 0.75
"""Rate of speech for somebody who asked for it slower, of the usual one."""

_WINDOW = round(0.03 * SAMPLE_RATE)
"""Two to three periods of a low voice."""
_HOP = _WINDOW // 2
_SEARCH = round(0.01 * SAMPLE_RATE)
"""One period of a low voice: wherever it is cut, a place in phase is that near."""

Samples = NDArray[np.float64]


def slowed(samples: Samples, rate: float = SLOW_RATE) -> Samples:
    """Return the sound lasting 1/rate as long; `rate` is above 0 and at most 1."""
    if not 0 < rate <= 1:
        raise ValueError(f"a rate of {rate} doesn't slow speech; give one above 0, at most 1")
    if rate == 1 or samples.size <= _WINDOW + _HOP:
        return samples
    length = round(samples.size / rate)
    padded = np.pad(samples, (_SEARCH, _WINDOW + _HOP + 2 * _SEARCH))
    window = np.hanning(_WINDOW + 1)[:-1]
    heard = np.zeros(length + 2 * _WINDOW)
    taken = _SEARCH
    heard[:_WINDOW] += padded[taken : taken + _WINDOW] * np.where(
        np.arange(_WINDOW) < _HOP, 1.0, window
    )
    for at in range(_HOP, length, _HOP):
        nominal = _SEARCH + round(at * rate)
        # what would follow what was taken last; the place most like it joins without a seam
        follows = padded[taken + _HOP : taken + _HOP + _WINDOW]
        around = padded[nominal - _SEARCH : nominal + _SEARCH + _WINDOW]
        likeness = np.correlate(around, follows, mode="valid")
        taken = nominal - _SEARCH + int(likeness.argmax())
        heard[at : at + _WINDOW] += padded[taken : taken + _WINDOW] * window
    return heard[:length]
