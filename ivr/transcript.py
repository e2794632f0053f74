"""The turns of a call, as they will be stored and read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from asr.hearing import Utterance
from ivr.meaning import Meaning


class Speaker(StrEnum):
    """Whose turn it was."""

    MENLING = "menling"
    CALLEE = "callee"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    THIRD = "third"
    """Somebody the customer was passed on to."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a call; times are seconds of call audio."""

    speaker: Speaker
    text: str
    began_seconds: float
    ended_seconds: float
    prompt: str = ""
    """Menling's prompt id, or the question that the callee answered."""
    intent: str = ""
    confidence: float = 0.0
    key: str = ""
    interrupted: bool = False
    """Menling's sentence was cut by the callee."""
    latency_seconds: float | None = None
    """From the callee's last speech to our first sound, on our side of the line."""


def is_begun_with(turn: Turn, earlier: Turn) -> bool:
    """Answer whether `turn` is `earlier` once more, after the callee went on with it.

    Of a key, what it meant may be known later than that it was pressed.
    """
    callees = turn.speaker is earlier.speaker is Speaker.CALLEE
    return callees and turn.key == earlier.key and turn.began_seconds == earlier.began_seconds


def answered(utterance: Utterance, meaning: Meaning, question: str) -> Turn:
    """Return the turn of what the callee said to a question."""
    return Turn(
        speaker=Speaker.CALLEE,
        text=utterance.text,
        began_seconds=utterance.began,
        ended_seconds=utterance.ended,
        prompt=question,
        intent=meaning.intent,
        confidence=meaning.confidence,
    )


def pressed(digit: str, now: float, question: str, intent: str = "") -> Turn:
    """Return the turn of a key."""
    return Turn(Speaker.CALLEE, "", now, now, prompt=question, intent=intent, key=digit)


def overheard(utterance: Utterance, intent: str = "") -> Turn:
    """Return the turn of words that answered no question of ours."""
    return Turn(
        speaker=Speaker.CALLEE,
        text=utterance.text,
        began_seconds=utterance.began,
        ended_seconds=utterance.ended,
        intent=intent,
        confidence=utterance.confidence,
    )
