"""Effects: what a step of the desk has to do outside the store, once the store has it."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.people import PeopleOrder
from store.desk_values import PersonInCall


@dataclass(frozen=True, slots=True)
class Send:
    """Tell the worker that holds the call."""

    message: PeopleOrder


@dataclass(frozen=True, slots=True)
class Arrived:
    """One of us is in a call."""

    attempt: int
    person: PersonInCall


@dataclass(frozen=True, slots=True)
class Changed:
    """One of us takes part in another way."""

    attempt: int
    join: int
    mode: str


@dataclass(frozen=True, slots=True)
class Gone:
    """One of us is in a call no more."""

    attempt: int
    join: int


Effect = Send | Arrived | Changed | Gone
