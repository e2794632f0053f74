"""Sounds of networks, machines and melodies for the answering clips. Pure and repeatable."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from audio.pcm import SAMPLE_RATE
from audio_fixtures.line import Samples, at_level, generator

TONE_DBFS = -19.0
_SCALE_HZ = (392.0, 440.0, 494.0, 523.0, 587.0, 659.0, 698.0, 784.0, 880.0)


def together(hertz: tuple[float, ...], seconds: float) -> Samples:
    """Return steady tones that sound at the same time, with soft edges."""
    clock = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    edge = np.clip(np.minimum(clock, seconds - clock) / 0.005, 0, 1)
    wave = np.sum([np.sin(2 * np.pi * each * clock) for each in hertz], axis=0)
    return at_level(np.asarray(wave * edge), TONE_DBFS)


def pause(seconds: float) -> Samples:
    """Return silence."""
    return np.zeros(round(seconds * SAMPLE_RATE))


def rhythm(hertz: tuple[float, ...], *seconds: float, times: float = 1) -> Samples:
    """Return tone, pause, tone, pause, and so on."""
    parts = [
        pause(each) if at % 2 else together(hertz, each) for at, each in enumerate(seconds)
    ] * round(times)
    return np.concatenate(parts)


def music(seconds: float, seed: float) -> Samples:
    """Return a melody of plucked notes over a bass: what people choose for those who wait."""
    source = generator(f"melody {round(seed)}")
    notes = []
    for at in range(round(seconds / 0.3)):
        hertz = _SCALE_HZ[int(source.integers(len(_SCALE_HZ)))]
        clock = np.arange(round(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
        fall = np.exp(-3 * clock) * np.clip(clock / 0.01, 0, 1)
        note = sum(np.sin(2 * np.pi * hertz * part * clock) / part for part in (1, 2, 3, 4))
        bass = 0.8 * np.sin(2 * np.pi * (330.0, 415.0, 349.0, 494.0)[at // 4 % 4] * clock)
        notes.append(note * fall + bass * fall)
    return at_level(np.concatenate(notes), -22)


SOUNDS: Mapping[str, Callable[..., Samples]] = {
    "beep": lambda hertz, seconds: together((hertz,), seconds),
    "tone": lambda hertz, seconds: together((hertz,), seconds),
    "ringback": lambda times: rhythm((450,), 1.0, 4.0, times=times),
    "ringback_cut": lambda: rhythm((450,), 1.0, 0.8),
    "ringback_us": lambda: rhythm((440, 480), 2.0, 4.0),
    "busy": lambda times: rhythm((450,), 0.35, 0.35, times=times),
    "busy_eu": lambda: rhythm((425,), 0.5, 0.5, times=4),
    "congestion": lambda times: rhythm((450,), 0.7, 0.7, times=times),
    "vacant": lambda: rhythm((450,), 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.4, times=3),
    "sit": lambda: np.concatenate(
        [*(together((hertz,), 0.33) for hertz in (950, 1400, 1800)), pause(0.5)]
    ),
    "music": music,
}
"""By the name after the `#`; the numbers after it are the arguments."""
