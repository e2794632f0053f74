"""Speech: what a conversation asks of the synthesiser."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class VoiceEngine(StrEnum):
    """What makes the sound of a voice."""

    PYTTSX3 = "pyttsx3"
    """pyttsx3 on espeak-ng; always there."""
    PIPER = "piper"
    """Piper; the voice is a file, and the package an extra."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A way of speaking; part of every cache key."""

    language: str = "zh-CN"
    name: str = "sit/cmn-latn-pinyin"
    """The engine's voice id; for Piper the path of the voice file."""
    rate: int = 200
    """Words per minute as espeak-ng counts them; Piper's own speed counts as 200."""
    volume: float = 1.0
    engine: VoiceEngine = VoiceEngine.PYTTSX3
    edition: str = ""
    """What tells a voice file from another of the same name."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a sentence is said to somebody who asked for it to be said differently."""

    slow: bool = False
    """At three quarters of the rate."""
    loud: bool = False
    """6 dB louder, with the peaks limited."""


PLAIN = Manner()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence: words that are always the same, or the value of a slot."""

    text: str
    clip: str = ""
    """Name of the recording that may stand for it, `FLOW/PROMPT.VARIANT.NUMBER`; empty: none."""


class SpeechError(Exception):
    """The synthesiser gave no sound; the message says what to do."""


class Speech(Protocol):
    """Text in, a telephone WAV out."""

    async def wav(self, text: str, manner: Manner = PLAIN, pieces: tuple[Piece, ...] = ()) -> Path:
        """Return the WAV of one sentence, from the cache when it was said before.

        `pieces` are the parts of the sentence, for which recordings may be there.
        Raises SpeechError when no usable sound came of it.
        """
