"""Profile: what law and practice of a jurisdiction say about calls, with where that is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from campaigns.when.caps import Caps
from campaigns.when.days import Hours


class Standing(StrEnum):
    """How binding a source is."""

    LAW = "law"
    """A statute or regulation in force."""
    DRAFT = "draft"
    """Put out for comment, not in force when it was looked up."""
    CODE = "code"
    """A code of conduct or guidance; binding on its signatories, or heeded by the regulator."""
    PRACTICE = "practice"
    """What companies do; nobody wrote it down as a rule."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where something is written."""

    says: str
    """What of it matters here."""
    where: str
    """Title and clause."""
    standing: Standing
    address: str = ""
    is_certain: bool = True
    """False: known from reports of it, not from its own text."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one jurisdiction, or of a part of it."""

    id: str
    zh: str
    en: str
    countries: frozenset[str]
    """ISO codes of the countries whose numbers and zones it is for."""
    hours: Hours
    caps: Caps
    checked: date
    """When its sources were looked up."""
    prefixes: tuple[str, ...] = ()
    """Beginnings of the numbers (E.164) it is for; empty: all of its countries."""
    is_optional: bool = False
    """It holds only where the settings name it."""
    calendar: str = ""
    """ISO code of the country whose holidays count; empty: the number's own."""
    ring_floor_seconds: int = 0
    """An unanswered call rings at least so long."""
    abandon_ceiling: float | None = None
    """Share of the answered calls that may find nobody, at most."""
    abandon_days: int = 1
    """Over so many days it is counted."""
    say: tuple[str, ...] = ()
    """What must be said or offered in a call."""
    sources: tuple[Source, ...] = ()

    def __hash__(self) -> int:
        """Hash by name: a program never holds two of one name."""
        return hash(self.id)
