"""Telephone sound for models of a higher sampling rate."""

from __future__ import annotations

import numpy as np

from audio.pcm import SAMPLE_RATE

_TAPS_PER_PHASE = 24


class Upsampler:
    """Raises 8 kHz to a whole multiple of it, chunk by chunk, by a windowed-sinc low-pass.

    Needed for models whose mfcc.conf does not let the engine do it (no --allow-upsample).
    """

    def __init__(self, rate: int) -> None:
        self._factor = rate // SAMPLE_RATE
        length = _TAPS_PER_PHASE * self._factor
        places = (np.arange(length) - (length - 1) / 2) / self._factor
        self._filter = np.sinc(places) * np.hamming(length)
        self._past = np.zeros(length - 1)

    def restart(self) -> None:
        """Forget what came before; the next chunk begins a new utterance."""
        self._past[:] = 0.0

    def raise_rate(self, pcm: bytes) -> bytes:
        """Return the same sound at the higher rate; it lags by 12 samples of the lower one."""
        if self._factor == 1:
            return pcm
        values = np.frombuffer(pcm, dtype="<i2")
        spread = np.zeros(len(values) * self._factor)
        spread[:: self._factor] = values
        line = np.concatenate([self._past, spread])
        self._past = line[len(line) - len(self._past) :]
        raised = np.convolve(line, self._filter, mode="valid")
        return np.round(np.clip(raised, -32768, 32767)).astype("<i2").tobytes()
