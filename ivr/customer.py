"""A simulated customer: who he is, what went wrong, what he knows, says and needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.agent_lines import Solution


class Mood(StrEnum):
    """How somebody rings."""

    CALM = "calm"
    HURRIED = "hurried"
    ANGRY = "angry"
    CONFUSED = "confused"
    ELDERLY = "elderly"
    SUSPICIOUS = "suspicious"


class Need(StrEnum):
    """What a customer wants to have heard before he is content."""

    APOLOGY = "apology"
    CAUSE = "cause"
    SOLUTION = "solution"
    TIME = "time"
    PROOF = "proof"
    """That he really speaks with the company."""


class Known(StrEnum):
    """What he can tell when he is asked."""

    WAYBILL = "waybill"
    NAME = "name"
    DETAILS = "details"


class Effect(StrEnum):
    """What moves his temper, besides the acts of a line."""

    INTERRUPTED = "interrupted"
    SILENCE = "silence"
    UNCLEAR = "unclear"
    UNHEARD = "unheard"
    WAITING = "waiting"
    """Every turn beyond his patience."""
    NOT_DONE = "not_done"
    """The agent says goodbye too early."""
    WARY = "wary"
    """He is asked for something before he trusts the voice."""


@dataclass(frozen=True, slots=True)
class Temperament:
    """What a mood makes of what happens; temper counts from 0 (content) to 10."""

    starts: float
    accepts_at: float
    """He listens to proposals at or below this."""
    leaves_at: float
    effects: Mapping[str, float]
    """By act of the agent or Effect; below zero calms him."""
    says: Mapping[str, tuple[str, ...]]
    """His wordings by occasion; used in turn."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is on file, as the trainee sees it before he picks up."""

    problem: str
    """A kind or a cause of the exception taxonomy."""
    company: str
    brief: tuple[str, ...]
    called_company: tuple[str, ...]
    """How the agent may call the company."""
    cause: str
    known_by: tuple[str, ...]
    """Patterns by which the cause is told when the agent explains it."""
    solutions: tuple[Solution, ...]
    """What the responsibility matrix allows."""
    limit_yuan: int
    """Compensation up to this may be offered."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who rings a trainee."""

    id: str
    title: str
    name: str
    mood: Mood
    temperament: Temperament
    case: Case
    story: tuple[str, ...]
    """What he says first, part by part; he goes on when he is let."""
    knows: tuple[Known, ...]
    needs: tuple[Need, ...]
    """In the order in which he asks for them."""
    says: Mapping[str, tuple[str, ...]]
    """His own wordings; they win over those of his mood."""
    hears: int
    """Characters in one go that he can follow; 0: as many as there are."""
    patience_turns: int
    """Turns after which he gets impatient; twice as many and he gives up."""

    def wordings(self, occasion: str) -> tuple[str, ...]:
        """Return what he may say on an occasion; empty when he says nothing."""
        return self.says.get(occasion) or self.temperament.says.get(occasion, ())
