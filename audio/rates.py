"""Between telephone sound and the rate of a sound device, which is a whole multiple of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.pcm import SAMPLE_RATE

_TAPS_PER_PHASE = 24


class Lowering:
    """Lowers a device's rate to 8 kHz; what a telephone doesn't carry is filtered out first."""

    def __init__(self, rate: int) -> None:
        """`rate` is a multiple of 8000; raises ValueError for any other."""
        self._factor = factor_of(rate)
        self._filter = _low_pass(self._factor)
        self._past = np.zeros(len(self._filter) - 1)

    def lower(self, pcm: bytes) -> bytes:
        """Return the same stretch of time at 8 kHz; it lags by 12 samples."""
        if self._factor == 1:
            return pcm
        line = np.concatenate([self._past, np.frombuffer(pcm, dtype="<i2")])
        self._past = line[len(line) - len(self._past) :]
        return _pcm(np.convolve(line, self._filter, mode="valid")[:: self._factor])


class Raising:
    """Raises 8 kHz to a device's rate."""

    def __init__(self, rate: int) -> None:
        """`rate` is a multiple of 8000; raises ValueError for any other."""
        self._factor = factor_of(rate)
        self._filter = _low_pass(self._factor) * self._factor
        self._past = np.zeros(len(self._filter) - 1)

    def raised(self, pcm: bytes) -> bytes:
        """Return the same stretch of time at the device's rate; it lags by 12 samples of 8 kHz."""
        if self._factor == 1:
            return pcm
        values = np.frombuffer(pcm, dtype="<i2")
        spread = np.zeros(len(values) * self._factor)
        spread[:: self._factor] = values
        line = np.concatenate([self._past, spread])
        self._past = line[len(line) - len(self._past) :]
        return _pcm(np.convolve(line, self._filter, mode="valid"))


def factor_of(rate: int) -> int:
    """Return how many samples of a device stand for one of the telephone's."""
    factor, rest = divmod(rate, SAMPLE_RATE)
    if rest or factor < 1:
        raise ValueError(f"{rate} Hz is no multiple of {SAMPLE_RATE} Hz")
    return factor


def _low_pass(factor: int) -> NDArray[np.float64]:
    length = _TAPS_PER_PHASE * factor
    places = (np.arange(length) - (length - 1) / 2) / factor
    taps = np.sinc(places) * np.hamming(length)
    return np.asarray(taps / taps.sum(), dtype=np.float64)


def _pcm(values: NDArray[np.float64]) -> bytes:
    return np.round(np.clip(values, -32768, 32767)).astype("<i2").tobytes()
