"""Studio sound made fit for the telephone: 8 kHz, even loudness, no dead air at the ends."""

from __future__ import annotations

from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from audio.pcm import FRAME_SAMPLES, SAMPLE_RATE
from tts.loudness import SPEECH_DBOV, levelled

LEAD_SECONDS = 0.04
TRAIL_SECONDS = 0.08

_QUIET_DB = 35.0
"""A frame that much below the loudest is silence."""
_CUTOFF_HERTZ = 3600.0
_HALF_WIDTH = 32
"""Input samples on either side of an output sample that take part in it."""

Samples = NDArray[np.float64]


def telephone(pcm: bytes, rate: int, level_dbov: float = SPEECH_DBOV) -> bytes:
    """Return 16-bit mono sound of that rate as telephone sound; empty when there is only silence.

    The band is limited to 3.6 kHz before decimation, speech is brought to the level and never
    beyond -0.4 dBFS peak, and silence is cut to 40 ms before and 80 ms after it.
    """
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.float64) / 32768
    sound = _resample(samples, rate)
    spoken = spoken_part(sound)
    if not spoken:
        return b""
    return pcm_of(levelled(_framed(sound, *spoken), level_dbov))


def pcm_of(samples: Samples) -> bytes:
    """Return 16-bit sound of numbers between -1 and 1."""
    return (samples * 32767).round().astype("<i2").tobytes()


def spoken_part(samples: Samples) -> tuple[int, int] | None:
    """Return where in telephone sound speech begins and ends, to 20 ms; None when there is none."""
    spoken = np.flatnonzero(_spoken(_powers(samples)))
    if not spoken.size:
        return None
    return int(spoken[0]) * FRAME_SAMPLES, (int(spoken[-1]) + 1) * FRAME_SAMPLES


def _resample(samples: Samples, rate: int) -> Samples:
    if rate == SAMPLE_RATE or not samples.size:
        return samples
    shared = gcd(rate, SAMPLE_RATE)
    steps, phases = rate // shared, SAMPLE_RATE // shared
    heard = np.zeros(samples.size * phases // steps)
    padded = np.concatenate((np.zeros(_HALF_WIDTH), samples, np.zeros(_HALF_WIDTH + 1)))
    filters = _filters(rate, phases)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * _HALF_WIDTH)
    # Every `phases` samples an output sample falls again on the same place between two inputs.
    for place in range(min(phases, heard.size)):
        first, phase = divmod(place * steps, phases)
        outputs = heard[place::phases]
        outputs[:] = windows[first + 1 :: steps][: outputs.size] @ filters[phase]
    return heard


@cache
def _filters(rate: int, phases: int) -> Samples:
    """Return one windowed-sinc low pass for each position between two input samples."""
    offsets = np.arange(-_HALF_WIDTH + 1, _HALF_WIDTH + 1)
    distance = offsets[None, :] - np.arange(phases)[:, None] / phases
    cutoff = min(2 * _CUTOFF_HERTZ / rate, 1.0)
    window = np.where(
        np.abs(distance) <= _HALF_WIDTH, np.cos(np.pi * distance / (2 * _HALF_WIDTH)) ** 2, 0.0
    )
    taps = np.sinc(cutoff * distance) * window
    unity: Samples = taps / taps.sum(axis=1, keepdims=True)
    return unity


def _powers(samples: Samples) -> Samples:
    whole = samples[: samples.size // FRAME_SAMPLES * FRAME_SAMPLES]
    powers: Samples = np.mean(whole.reshape(-1, FRAME_SAMPLES) ** 2, axis=1)
    return powers


def _spoken(powers: Samples) -> NDArray[np.bool_]:
    if not powers.size or powers.max() < 1e-8:
        return np.zeros(powers.size, dtype=np.bool_)
    loud: NDArray[np.bool_] = powers > powers.max() * 10 ** (-_QUIET_DB / 10)
    return loud


def _framed(samples: Samples, begins: int, ends: int) -> Samples:
    """Return the spoken part with the silence before and after it that a sentence has."""
    begin = begins - round(LEAD_SECONDS * SAMPLE_RATE)
    end = ends + round(TRAIL_SECONDS * SAMPLE_RATE)
    short = max(0, -begin), max(0, end - samples.size)
    return np.pad(samples[max(0, begin) : end], short)
