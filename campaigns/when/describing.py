"""Describes days: when a number may be rung on each of them, and who leaves how much open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from campaigns.when.calling import CallingRules, Place
from campaigns.when.days import Day
from campaigns.when.pieces import Pieces


@dataclass(frozen=True, slots=True)
class ToldDay:
    """A day where somebody is called."""

    on: date
    day: Day
    """What the calendar of the number's country says of it."""
    open: tuple[tuple[datetime, datetime], ...]
    """Stretches in which a telephone may ring, in its zone; none: all day closed."""
    limits: tuple[tuple[str, Pieces], ...]
    """What each limit by itself leaves open: the campaign's, then those of the laws."""


def describe(rules: CallingRules, place: Place, on: date) -> ToldDay:
    """Return when numbers of a place may be rung on a day, and by which limits."""
    openings = rules.openings_in(place)
    limits = rules.limits(place)
    stretches = tuple(
        (
            datetime.fromtimestamp(start, UTC).astimezone(openings.zone),
            datetime.fromtimestamp(end, UTC).astimezone(openings.zone),
        )
        for start, end in openings.spans(on)
    )
    return ToldDay(
        on,
        limits[0].calendar.day(on),
        stretches,
        tuple((limit.name, limit.on(on)) for limit in limits),
    )


def uncertain_years(told: Iterable[ToldDay]) -> list[int]:
    """Return the years whose holidays the calendar does not know yet, in order."""
    return sorted({each.on.year for each in told if not each.day.is_certain})
