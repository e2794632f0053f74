"""What a customer hears while somebody is fetched: soft bells, slowly going up and down.

The tune is made here and belongs to nobody else. It never falls silent for long, ends where it can
begin again, and leaves room for a spoken line over it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from audio.level import dbfs, pcm_of, samples
from audio.pcm import SAMPLE_RATE
from audio.wav import write_wav

LEVEL_DBFS = -26.0
SECONDS = 11.2

_BEAT_SECONDS = 0.4
# Steps of a pentatonic scale on A4, in which nothing clashes; None lets the bell before ring on.
_TUNE: tuple[int | None, ...] = (
    *(0, 4, 7, None, 9, 7, 4, None, 2, 4, 7, None, 4, 2, 0, None),
    *(0, 2, 4, None, 7, 9, 12, None, 9, 7, 4, None),
)
_ROOT_HZ = 440.0
_PARTIALS = ((1.0, 1.0, 0.9), (2.0, 0.25, 0.5), (3.0, 0.08, 0.25))
"""Multiple of the note, strength, and seconds after which a third of it is left."""
_STRIKE_SECONDS = 0.012
_RINGING_SECONDS = 3.6
_FADE_SECONDS = 0.4
_DIGEST = hashlib.sha256(
    repr((LEVEL_DBFS, SECONDS, _TUNE, _ROOT_HZ, _PARTIALS, _RINGING_SECONDS)).encode()
).hexdigest()[:16]


@cache
def hold_sound() -> bytes:
    """Return the tune as samples, to be repeated."""
    count = round(SECONDS * SAMPLE_RATE)
    sound = np.zeros(count)
    for beat, step in enumerate(_TUNE):
        if step is not None:
            begin = round(beat * _BEAT_SECONDS * SAMPLE_RATE)
            bell = _bell(_ROOT_HZ * 2.0 ** (step / 12.0))
            # What rings on beyond the end is heard at the beginning, so that no seam is heard.
            sound[(begin + np.arange(len(bell))) % count] += bell
    pcm = pcm_of(sound / np.abs(sound).max() / 2.0)
    return pcm_of(samples(pcm) * 10.0 ** ((LEVEL_DBFS - dbfs(pcm)) / 20.0))


def hold_wav(folder: Path) -> Path:
    """Return the tune as a telephone WAV in that folder; it is written once.

    Making it takes a tenth of a second, which no call that goes on can spare: ask before.
    """
    path = folder / f"hold-{_DIGEST}.wav"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Several processes may write it at a time; each puts a whole one in place.
        own = folder / f"hold-{uuid4().hex}.wav"
        write_wav(own, hold_sound())
        own.replace(path)
    return path


def _bell(hz: float) -> NDArray[np.float64]:
    seconds = np.arange(round(_RINGING_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    sound = np.zeros(len(seconds))
    for multiple, strength, decay in _PARTIALS:
        ringing = np.exp(-seconds / decay)
        sound += strength * ringing * np.sin(2.0 * np.pi * hz * multiple * seconds)
    fading = np.minimum(1.0, (_RINGING_SECONDS - seconds) / _FADE_SECONDS)
    return sound * fading * np.minimum(1.0, seconds / _STRIKE_SECONDS)
