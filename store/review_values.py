"""What the store tells about calls that were listened to again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from store.types import Disposition, Outcome


class ReviewReason(StrEnum):
    """Why a call is on the list of a week."""

    FLAGGED = "flagged"
    LOW_SCORE = "low_score"
    LONG = "long"
    RANDOM = "random"
    CHOSEN = "chosen"
    """Somebody put it there."""


@dataclass(frozen=True, slots=True)
class ReviewCandidate:
    """A call of a week, as far as a rule looks at it."""

    attempt_id: int
    talk_seconds: float
    needs_person: str
    """Why a person had to look at it, or empty."""
    disposition: Disposition
    flags: tuple[str, ...] = ()
    """Rules that noticed something while it went on."""
    grades: Mapping[str, int] = field(default_factory=dict)
    """The survey's answers that are numbers, by slot."""


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One call on the list."""

    id: int
    attempt_id: int
    week: date
    reason: ReviewReason
    detail: str
    talk_seconds: float
    disposition: Disposition
    outcome: Outcome
    campaign: str
    sheet: str
    marks: Mapping[str, int]
    remark: str
    done_by: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote about one moment of a call."""

    id: int
    at_seconds: float
    text: str
    written_by: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A call from which others shall learn."""

    id: int
    attempt_id: int
    title: str
    lesson: str
    tags: tuple[str, ...]
    saved_by: str
    saved_at: datetime
