"""The values that pass between the line, the recogniser and the conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from audio.pcm import Frame


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word."""

    text: str
    confidence: float
    began: float
    """Seconds of call audio."""
    ended: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the same sound."""

    text: str
    confidence: float
    """Share of the probability among the alternatives, 0 to 1."""


class Completeness(StrEnum):
    """May the turn be over, by what was said in it?"""

    COMPLETE = "complete"
    """It answers the question that was asked."""
    OPEN = "open"
    """It may be all, or not."""
    UNFINISHED = "unfinished"
    """More is bound to follow: 改到……"""


Judge = Callable[[str, float], Completeness]
"""Looks at the words so far and the recogniser's confidence in them."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a question lets us hope to hear; it shapes recognition and the end of a turn."""

    phrases: tuple[str, ...] = ()
    """A closed list offered to the recogniser as grammar; empty: anything may be said."""
    end_silence_seconds: float = 0.6
    """Silence that ends the callee's turn when nobody can tell whether it is complete."""
    max_speech_seconds: float = 20.0
    complete_silence_seconds: float = 0.24
    """Silence that ends a turn which answers the question."""
    unfinished_silence_seconds: float = 1.2
    """Silence that ends a turn broken off in the middle."""
    judge: Judge | None = None
    """Says how complete a turn is; None: nobody can tell."""
    eager: bool = False
    """We are speaking: tell as early as possible what is said into our words."""
    boost: tuple[str, ...] = ()
    """Hoped for where anything may be said: readings of the sound that hold them are preferred."""

    def silence_after(self, text: str, confidence: float) -> float:
        """Return the silence that ends a turn in which this was said so far."""
        match self.judge(text, confidence) if self.judge else Completeness.OPEN:
            case Completeness.COMPLETE:
                return min(self.complete_silence_seconds, self.end_silence_seconds)
            case Completeness.UNFINISHED:
                return max(self.unfinished_silence_seconds, self.end_silence_seconds)
            case Completeness.OPEN:
                return self.end_silence_seconds


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The callee began to speak."""

    began: float
    """Seconds of call audio at the first speech frame, after debouncing."""


@dataclass(frozen=True, slots=True)
class Partial:
    """What the recogniser believes so far."""

    text: str
    settled: bool = False
    """The callee pauses, and this is all that was said up to there."""
    confidence: float = 0.0
    """0 to 1; 0 as well where the recogniser has not told yet."""
    pitched_seconds: float = 0.0
    """How long a throat was heard in the last 0.18 s, where an eager listener looked."""
    alternatives: tuple[Alternative, ...] = ()
    """Readings of the words so far, likeliest first; empty: the recogniser tells of none."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the callee said between two silences."""

    text: str
    """Without spaces in Chinese; empty: speech without a recognisable word."""
    confidence: float
    """Mean of the recogniser's word confidences, 0 to 1."""
    began: float
    """Seconds of call audio before the first speech frame."""
    ended: float
    """Seconds of call audio at the last speech frame."""
    words: tuple[Word, ...] = ()
    decided: float = 0.0
    """Seconds of call audio when the turn was taken to be over."""
    alternatives: tuple[Alternative, ...] = ()
    """Likeliest first, `text` among them; empty: the recogniser tells of none."""


@dataclass(frozen=True, slots=True)
class SpeechDismissed:
    """What had started was noise after all; no utterance follows."""

    at: float
    """Seconds of call audio when it was decided."""


ListenerEvent = SpeechStarted | Partial | Utterance | SpeechDismissed
"""Every SpeechStarted is followed by exactly one Utterance or SpeechDismissed."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """The recogniser's last word on a piece of audio."""

    text: str
    confidence: float
    words: tuple[Word, ...] = ()
    """Times are seconds from the first byte given to the recogniser."""
    alternatives: tuple[Alternative, ...] = ()
    """Likeliest first, `text` among them; empty: the recogniser tells of none."""


class RecognitionStream(Protocol):
    """One recogniser at work for one leg; utterances follow each other on it."""

    async def begin(self, phrases: tuple[str, ...] = (), boost: tuple[str, ...] = ()) -> None:
        """Start a new utterance, with a closed grammar when phrases are given.

        Without one, readings with the phrases of `boost` are preferred.
        """

    async def accept(self, pcm: bytes) -> None:
        """Hand over more audio of the utterance."""

    def partial(self) -> str:
        """Return the newest hypothesis that has arrived, without waiting."""

    async def finish(self) -> Recognition:
        """End the utterance and wait for its result."""

    async def discard(self) -> None:
        """Forget the utterance; it was noise."""

    async def close(self) -> None:
        """Give the recogniser back."""


class Hearing(Protocol):
    """Frames in, what was said out; one per leg."""

    def expect(self, expectation: Expectation) -> None:
        """Shape the hearing of the next utterance."""

    async def hear(self, frame: Frame) -> list[ListenerEvent]:
        """Take one frame and return what it completed, in order."""

    async def close(self) -> None:
        """Give back what is held."""
