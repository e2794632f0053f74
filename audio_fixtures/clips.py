"""The clips: where they are, what they say, and their sound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from audio.wav import read_wav

FOLDER = Path(__file__).parent
LABELS = FOLDER / "labels.yaml"
CLIPS = FOLDER / "clips"
SOUND = "sound"
"""The voice of clips without words."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker the synthesiser can play, and the line he calls from."""

    name: str
    variant: str
    rate: int
    """Words per minute as espeak-ng counts them."""
    pitch: int
    noise_dbfs: float


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording: `lin/keyi_de`."""

    id: str
    text: str
    """What is said, with punctuation; for a sound, what it is."""
    voice: Voice | None
    """None: a sound without words."""

    @property
    def words(self) -> str:
        """Return what a recogniser should hear: the text without punctuation."""
        if self.voice is None:
            return ""
        return "".join(character for character in self.text if character.isalnum())

    @property
    def path(self) -> Path:
        """Return the WAV of this clip."""
        return clip_path(self.id)


def clip_path(clip: str) -> Path:
    """Return where the WAV of a clip is, whether it exists or not.

    An absolute path without its ending names a clip of one's own.
    """
    return CLIPS / f"{clip}.wav"


@cache
def clip_sound(clip: str) -> bytes:
    """Return the telephone samples of a clip; raises OSError when there is no such clip."""
    return read_wav(clip_path(clip))


def clip_sounds(clips: Iterable[str]) -> Mapping[str, bytes]:
    """Return the telephone samples of several clips by their ids."""
    return {clip: clip_sound(clip) for clip in clips}


@cache
def catalogue() -> Mapping[str, Clip]:
    """Return every labelled clip by its id."""
    labels = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    voices = {name: Voice(name=name, **facts) for name, facts in labels["voices"].items()}
    spoken = [
        Clip(f"{voice}/{name}", text, voices[voice])
        for voice, lines in labels["speech"].items()
        for name, text in lines.items()
    ]
    sounds = [Clip(f"{SOUND}/{name}", text, None) for name, text in labels["sounds"].items()]
    return {clip.id: clip for clip in (*spoken, *sounds)}
