"""How loud speech is (ITU-T P.56), and speech brought to a loudness without clipping.

Active speech level, because telephony states its levels in it, it ignores the pauses of a
sentence, and it holds for sentences of half a second. ITU-R BS.1770 weighs frequencies that the
telephone doesn't carry and gates in blocks of 400 ms, which is all there is of many an answer.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from audio.pcm import SAMPLE_RATE

SPEECH_DBOV = -20.0
"""Active speech level of every sentence; 0 is a full-scale square wave, as in ITU-T G.100.1."""
LOUD_DB = 6.0
"""What somebody hears more who asked for it louder."""
PEAK = 0.95
"""No sample is larger; of full scale."""

_MARGIN_DB = 15.9
_TIME_CONSTANT_SECONDS = 0.03
_STEP = 8
"""Samples that the envelope is told for at once: 1,000 a second, where 694 are asked for."""
_HANGOVER_STEPS = round(0.2 * SAMPLE_RATE / _STEP)
_THRESHOLDS = 2.0 ** -np.arange(1, 16)
"""As in ITU-T P.56, method B, loudest first."""
_LIMITER_SAMPLES = 40
"""The limiter looks 5 ms ahead and lets go as slowly."""
_TOLERANCE_DB = 0.05
_ROUNDS = 8

Samples = NDArray[np.float64]


def level_for(*, loud: bool) -> float:
    """Return the active speech level of a sentence said in the usual way, or loudly."""
    return SPEECH_DBOV + LOUD_DB if loud else SPEECH_DBOV


def active_level(samples: Samples) -> float:
    """Return the active speech level in dBov (ITU-T P.56, method B); -inf for silence."""
    energy = float(np.dot(samples, samples))
    if energy <= 0.0:
        return -math.inf
    envelope = _envelope(samples)
    at = np.arange(envelope.size)
    before: tuple[float, float] | None = None
    for threshold in _THRESHOLDS:
        loud = np.where(envelope >= threshold, at, -envelope.size - _HANGOVER_STEPS)
        active = int(np.count_nonzero(at - np.maximum.accumulate(loud) <= _HANGOVER_STEPS))
        if not active:
            continue
        level = 10.0 * math.log10(energy / (active * _STEP))
        above = level - 20.0 * math.log10(threshold)
        if above >= _MARGIN_DB:
            if before is None:
                return level
            earlier_level, earlier_above = before
            share = (_MARGIN_DB - earlier_above) / (above - earlier_above)
            return earlier_level + share * (level - earlier_level)
        before = level, above
    return 10.0 * math.log10(energy / samples.size)


def levelled(samples: Samples, target_dbov: float = SPEECH_DBOV) -> Samples:
    """Return speech at that active level, its peaks limited; silence is left as it is."""
    level = active_level(samples)
    if not math.isfinite(level):
        return samples
    gain_db = target_dbov - level
    heard: Samples = samples * 10.0 ** (gain_db / 20.0)
    if np.abs(heard).max() <= PEAK:
        return heard
    for _ in range(_ROUNDS):
        heard = limited(samples * 10.0 ** (gain_db / 20.0))
        missing = target_dbov - active_level(heard)
        if abs(missing) <= _TOLERANCE_DB:
            break
        gain_db += missing
    return heard


def limited(samples: Samples, ceiling: float = PEAK) -> Samples:
    """Return the sound with no sample above the ceiling; the gain moves slowly, nothing is cut."""
    peaks = np.abs(samples)
    if not samples.size or peaks.max() <= ceiling:
        return samples
    needed = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    around = 2 * _LIMITER_SAMPLES + 1
    edge = np.ones(_LIMITER_SAMPLES)
    lowest = np.lib.stride_tricks.sliding_window_view(
        np.concatenate((edge, needed, edge)), around
    ).min(axis=1)
    padded = np.pad(lowest, _LIMITER_SAMPLES, mode="edge")
    # Each mean is over values that are all small enough for the sample in its middle.
    sums = np.concatenate(([0.0], np.cumsum(padded)))
    gain = (sums[around:] - sums[:-around]) / around
    heard: Samples = np.clip(samples * gain, -ceiling, ceiling)
    return heard


def _envelope(samples: Samples) -> Samples:
    """Return the sound rectified and smoothed twice with a time constant of 30 ms."""
    padded = np.pad(np.abs(samples), (0, -samples.size % _STEP))
    steps = padded.reshape(-1, _STEP).mean(axis=1)
    smoothed: Samples = np.convolve(steps, _response())[: steps.size]
    return smoothed


@cache
def _response() -> Samples:
    steps = _TIME_CONSTANT_SECONDS * SAMPLE_RATE / _STEP
    decay = math.exp(-1.0 / steps)
    at = np.arange(round(12 * steps))
    response: Samples = (1.0 - decay) ** 2 * (at + 1) * decay**at
    return response
