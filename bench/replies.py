"""What recipients said in a benchmark: what kind of question it answers, and was it all heard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache

from asr.sounding import syllables
from audio_fixtures.clips import catalogue
from ivr.meaning import Intent
from ivr.nlu.understanding import understand

_CHOICES = frozenset({Intent.YES, Intent.NO, Intent.HAND_OVER})
_MOMENT = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


class Answer(StrEnum):
    """What kind of question somebody answers."""

    CLOSED = "closed"
    """Yes, no, or one of several: 可以的, 放门口吧."""
    OPEN = "open"
    """A time, an address, a question in return, anything."""


def is_speech(clip: str) -> bool:
    """Answer whether somebody speaks in what a recipient played."""
    found = catalogue().get(clip)
    return found is not None and found.voice is not None


@cache
def answer_of(clip: str) -> Answer:
    """Return what kind of question the words of a clip answer."""
    meaning = understand(catalogue()[clip].words, 1.0, (Intent.YES, Intent.NO), _MOMENT)
    only = {meaning.intent, *meaning.also} <= _CHOICES and set(meaning.slots) <= {"hand_over"}
    return Answer.CLOSED if only else Answer.OPEN


def lost_first_syllables(clips: Iterable[str], heard: Iterable[str]) -> int:
    """Return how many of these clips were heard from their second or third syllable on only."""
    turns = [syllables(text) for text in heard]
    return sum(_is_cut(syllables(catalogue()[clip].words), turns) for clip in clips)


def _is_cut(said: tuple[str, ...], turns: list[tuple[str, ...]]) -> bool:
    if any(turn[: len(said[:2])] == said[:2] for turn in turns):
        return False
    rests = [said[start : start + 3] for start in (1, 2) if len(said) >= start + 2]
    return any(turn[: len(rest)] == rest for rest in rests for turn in turns)
