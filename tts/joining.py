"""Recorded and synthesised pieces joined into one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.pcm import SAMPLE_RATE
from tts.loudness import level_for, levelled
from tts.shaping import LEAD_SECONDS, TRAIL_SECONDS, pcm_of, spoken_part
from tts.speech import Manner, SpeechError
from tts.stretch import SLOW_RATE, slowed

COMMA_SECONDS = 0.16
"""Between two pieces where a comma stands."""
SEAM_SECONDS = 0.03
"""Between two pieces that belong together: a breath shorter than that is not heard as one."""

_EDGE_SECONDS = 0.012
_COMMAS = tuple(",;:\u3001\uff0c\uff1b\uff1a")

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sound:
    """One piece of a sentence as it will be heard."""

    pcm: bytes
    """Telephone sound."""
    text: str
    recorded: bool
    """A person spoke it at the usual rate."""


def joined(sounds: Sequence[Sound], manner: Manner) -> bytes:
    """Return one sentence: silence inside cut to what its commas ask for, seams faded, one level.

    Recorded pieces are slowed here; synthesised ones were made slow.
    Raises SpeechError when a piece is silent.
    """
    pace = SLOW_RATE if manner.slow else 1.0
    sentence = [np.zeros(round(LEAD_SECONDS * SAMPLE_RATE))]
    for place, sound in enumerate(sounds):
        if place:
            before, after = sounds[place - 1].text.rstrip(), sound.text.lstrip()
            comma = before.endswith(_COMMAS) or after.startswith(_COMMAS)
            gap = COMMA_SECONDS / pace if comma else SEAM_SECONDS
            sentence.append(np.zeros(round(gap * SAMPLE_RATE)))
        sentence.append(_spoken(sound, manner))
    sentence.append(np.zeros(round(TRAIL_SECONDS * SAMPLE_RATE)))
    return pcm_of(levelled(np.concatenate(sentence), level_for(loud=manner.loud)))


def _spoken(sound: Sound, manner: Manner) -> Samples:
    samples = np.frombuffer(sound.pcm, "<i2").astype(np.float64) / 32768
    part = spoken_part(samples)
    if part is None:
        raise SpeechError(f"nothing is heard in the sound of {sound.text!r}; record it again")
    begins, ends = part
    edge = round(_EDGE_SECONDS * SAMPLE_RATE)
    spoken = samples[max(0, begins - edge) : ends + edge].copy()
    ramp = np.linspace(0.0, 1.0, min(edge, spoken.size // 2), endpoint=False)
    spoken[: ramp.size] *= ramp
    spoken[spoken.size - ramp.size :] *= ramp[::-1]
    levelled_part = levelled(spoken)
    return slowed(levelled_part) if sound.recorded and manner.slow else levelled_part
