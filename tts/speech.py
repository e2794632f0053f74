"""Speech: what a conversation asks of the synthesiser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Voice:
    """A way of speaking; part of every cache key."""

    language: str = "zh-CN"
    name: str = "sit/cmn-latn-pinyin"
    """The engine's voice id."""
    rate: int = 200
    """Words per minute as the engine counts them."""
    volume: float = 1.0


class SpeechError(Exception):
    """The synthesiser gave no sound; the message says what to do."""


class Speech(Protocol):
    """Text in, a telephone WAV out."""

    async def wav(self, text: str) -> Path:
        """Return the WAV of one sentence, from the cache when it was said before.

        Raises SpeechError when no usable sound came of it.
        """
