"""How loud a piece of telephone sound is, and the tones a telephone network makes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audio.pcm import FRAME_BYTES, SAMPLE_RATE, silence

QUIETEST_DBFS = -96.0
"""Digital silence; 16 bits reach no lower."""

FULL_SCALE = 32768.0

PROGRESS_TONE_HZ = 450.0
"""The one frequency of call progress tones in China (GB/T 3380)."""

_EDGE_SECONDS = 0.004

_GRID_HZ = 25.0
"""How finely frequencies are told apart."""
_GRID_SAMPLES = round(SAMPLE_RATE / _GRID_HZ)
_FRAMES_REMEMBERED = 8
"""Several detectors look at the same frame one after the other."""


@dataclass(frozen=True, slots=True)
class Tone:
    """The strongest single frequency in a piece of sound."""

    hz: float
    share: float
    """Part of the sound's energy at that frequency: near 1 for a pure tone, near 0 for noise."""


def samples(pcm: bytes) -> NDArray[np.float64]:
    """Return the samples as numbers between -1 and 1."""
    return np.frombuffer(pcm, dtype="<i2").astype(np.float64) / FULL_SCALE


def pcm_of(values: NDArray[np.float64]) -> bytes:
    """Return 16-bit sound of numbers between -1 and 1; louder ones are clipped."""
    clipped = np.clip(values, -1.0, 1.0) * (FULL_SCALE - 1)
    return np.round(clipped).astype("<i2").tobytes()


def dbfs(pcm: bytes) -> float:
    """Return the RMS level against full scale, in dB: a full-scale sine is -3."""
    return _dbfs_of_frame(pcm) if len(pcm) == FRAME_BYTES else _dbfs(pcm)


def _dbfs(pcm: bytes) -> float:
    if not pcm:
        return QUIETEST_DBFS
    values = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    power = float(np.dot(values, values)) / len(values) / FULL_SCALE**2
    if power <= 0.0:
        return QUIETEST_DBFS
    return max(QUIETEST_DBFS, 10.0 * math.log10(power))


_dbfs_of_frame = lru_cache(maxsize=_FRAMES_REMEMBERED)(_dbfs)


def tone_share(pcm: bytes, hz: float) -> float:
    """Return which part of the sound's energy lies at `hz`, between 0 and 1 (Goertzel).

    The resolution is one over the length: 50 Hz for a frame of 20 ms.
    """
    values = samples(pcm)
    energy = float(np.dot(values, values))
    if energy <= 0.0:
        return 0.0
    turn = 2.0 * math.pi * hz / SAMPLE_RATE
    coefficient = 2.0 * math.cos(turn)
    before, last = 0.0, 0.0
    for value in values:
        before, last = last, float(value) + coefficient * last - before
    power = before * before + last * last - coefficient * before * last
    return min(1.0, 2.0 * power / (len(values) * energy))


def strongest_tone(pcm: bytes, low_hz: float = 350.0, high_hz: float = 2100.0) -> Tone:
    """Return the frequency that holds most energy between two limits, to 25 Hz."""
    lines = power_lines(pcm)
    first, last = math.ceil(low_hz / _GRID_HZ), math.floor(high_hz / _GRID_HZ)
    band = lines[first : last + 1]
    best = int(band.argmax())
    share = float(band[best])
    return Tone(hz=(first + best) * _GRID_HZ if share > 0.0 else 0.0, share=min(1.0, share))


def power_lines(pcm: bytes) -> NDArray[np.float64]:
    """Return the part of the sound's energy a tone at 0, 25, 50... Hz would explain.

    All zero for digital silence. Lines closer than one over the length share what they explain.
    """
    return _lines_of_frame(pcm) if len(pcm) == FRAME_BYTES else _lines(pcm)


def _lines(pcm: bytes) -> NDArray[np.float64]:
    values = samples(pcm)
    energy = float(np.dot(values, values))
    # A padded transform has its lines on the grid. A matrix product would wake OpenBLAS's threads
    # for every frame, which costs a busy machine a millisecond each time.
    stretches = max(1, math.ceil(len(values) / _GRID_SAMPLES))
    spectrum = np.fft.rfft(values, stretches * _GRID_SAMPLES)[::stretches]
    power = spectrum.real**2 + spectrum.imag**2
    power *= 2.0 / (len(values) * energy) if energy > 0.0 else 0.0
    power.flags.writeable = False
    return power


_lines_of_frame = lru_cache(maxsize=_FRAMES_REMEMBERED)(_lines)


def tone(hz: float, duration_seconds: float, level_dbfs: float = -20.0) -> bytes:
    """Return a sine of that RMS level, with edges soft enough not to click."""
    count = round(duration_seconds * SAMPLE_RATE)
    amplitude = math.sqrt(2.0) * 10.0 ** (level_dbfs / 20.0)
    wave = amplitude * np.sin(2.0 * math.pi * hz * np.arange(count) / SAMPLE_RATE)
    ramp = min(count // 2, round(_EDGE_SECONDS * SAMPLE_RATE))
    if ramp:
        rise = np.linspace(0.0, 1.0, ramp)
        wave[:ramp] *= rise
        wave[-ramp:] *= rise[::-1]
    return pcm_of(wave)


def beep(hz: float = 1000.0, duration_seconds: float = 0.5, level_dbfs: float = -16.0) -> bytes:
    """Return the signal after which an answering machine records."""
    return tone(hz, duration_seconds, level_dbfs)


def ringback(repeats: int = 1) -> bytes:
    """Return "it rings over there": 1 s on, 4 s off (GB/T 3380)."""
    return _cadence(1.0, 4.0, repeats)


def busy(repeats: int = 1) -> bytes:
    """Return the busy tone: 0.35 s on, 0.35 s off (GB/T 3380)."""
    return _cadence(0.35, 0.35, repeats)


def congestion(repeats: int = 1) -> bytes:
    """Return the congestion tone: 0.7 s on, 0.7 s off (GB/T 3380)."""
    return _cadence(0.7, 0.7, repeats)


def _cadence(on_seconds: float, off_seconds: float, repeats: int) -> bytes:
    return (tone(PROGRESS_TONE_HZ, on_seconds) + silence(off_seconds)) * repeats
