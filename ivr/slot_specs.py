"""Slots that a flow declares for itself: choices, scores, and words as they were said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ivr.flow_faults import Place


class SlotKind(StrEnum):
    """What a declared slot holds."""

    CHOICE = "choice"
    SCORE = "score"
    WORDS = "words"
    """Whatever was said, in the callee's own words."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that a choice slot may hold."""

    said: str
    """How it is called in a sentence."""
    phrases: tuple[str, ...]
    """How people say it, in the pattern language of `ivr/nlu/patterns.py`."""


@dataclass(frozen=True, slots=True)
class SlotSpec:
    """A slot that a flow declares for itself, besides window, address and hand_over."""

    name: str
    kind: SlotKind
    place: Place
    choices: Mapping[str, Choice] = field(default_factory=dict)
    lowest: int = 0
    highest: int = 0
    """Of a score."""
    confirm: bool = False
    """It counts only after a rule with `confirms` for it."""
    at_once: bool = False
    """It counts as soon as it was given, also when the call breaks off later."""
    anywhere: bool = False
    """A choice that is heard at every question, whatever was asked."""

    @property
    def scale(self) -> tuple[int, int] | None:
        """Lowest and highest of a score, else None."""
        return (self.lowest, self.highest) if self.kind is SlotKind.SCORE else None

    @property
    def phrases(self) -> Mapping[str, tuple[str, ...]]:
        """How each choice is said."""
        return {name: choice.phrases for name, choice in self.choices.items()}
