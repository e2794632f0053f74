"""Sounds of the telephone that are not words. Pure and repeatable."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from audio.pcm import SAMPLE_RATE
from audio_fixtures.line import Samples, at_level, band_limited, generator

TONE_DBFS = -19.0


def tone(hertz: float, seconds: float) -> Samples:
    """Return a steady tone with soft edges."""
    clock = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    edge = np.clip(np.minimum(clock, seconds - clock) / 0.005, 0, 1)
    return np.asarray(np.sin(2 * np.pi * hertz * clock) * edge)


def _quiet(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE))


def _cadence(hertz: float, on: float, off: float, times: int) -> Samples:
    return at_level(np.tile(np.concatenate([tone(hertz, on), _quiet(off)]), times), TONE_DBFS)


def _burst(name: str, seconds: float) -> Samples:
    """Return a breath of noise that starts hard and dies away."""
    count = round(seconds * SAMPLE_RATE)
    clock = np.arange(count) / count
    noise = generator(name).standard_normal(count) * np.exp(-5 * clock) * np.minimum(clock * 40, 1)
    return band_limited(noise, SAMPLE_RATE, 400, 2200)


def _cough() -> Samples:
    first, second = _burst("cough, first", 0.28), _burst("cough, second", 0.22)
    return at_level(np.concatenate([_quiet(0.05), first, _quiet(0.18), second, _quiet(0.1)]))


def _lorry() -> Samples:
    count = 3 * SAMPLE_RATE
    rumble = band_limited(generator("lorry").standard_normal(count), SAMPLE_RATE, 100, 500)
    return at_level(rumble * np.hanning(count), -26)


def _mumble(seconds: float, pitch_hz: float) -> Samples:
    """Return a voice behind a closed mouth: speech to a detector, no word to a recogniser."""
    clock = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    phase = np.cumsum(pitch_hz * (1 + 0.05 * np.sin(2 * np.pi * 0.9 * clock))) / SAMPLE_RATE
    harmonics = np.arange(1, 28)
    formants = ((330, 90, 1.0), (1100, 200, 0.08), (2300, 300, 0.04))
    centres, widths, strengths = np.array(formants).T[:, :, None]
    weights = strengths * np.exp(-np.square((harmonics * pitch_hz - centres) / widths))
    sound = (weights.sum(axis=0)[:, None] * np.sin(2 * np.pi * harmonics[:, None] * phase)).sum(
        axis=0
    )
    return at_level(sound * np.clip(np.minimum(clock, seconds - clock) / 0.15, 0, 1))


RECIPES: Mapping[str, Callable[[], Samples]] = {
    "sound/ringback": lambda: _cadence(450, 1.0, 4.0, 1),
    "sound/busy": lambda: _cadence(450, 0.35, 0.35, 5),
    "sound/beep": lambda: _cadence(1000, 0.5, 0.1, 1),
    "sound/cough": _cough,
    "sound/lorry": _lorry,
    "sound/mumble": lambda: _mumble(1.6, 150),
    "sound/mumble_again": lambda: _mumble(0.9, 150),
}
"""How each sound of labels.yaml is made."""
