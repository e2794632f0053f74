"""Calling: all that a campaign, its operator and the law say about when a number may be called."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from campaigns.verdict import Held
from campaigns.when.caps import Caps
from campaigns.when.days import Calendar, DayKind, Hours, Limit, left_open
from campaigns.when.lateness import PromisedWindow, useful_until
from campaigns.when.openings import Openings
from campaigns.when.pieces import holds
from campaigns.when.profiles import Profile

CAMPAIGN: Final = "campaign"
"""Name of the limit that the campaign sets itself."""
_PLACES_KEPT: Final = 2048
_MINUTES_KEPT: Final = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where somebody is called, as far as it decides about when.

    A place is itself alone, so that it is looked up fast; whoever locates keeps each.
    """

    zone: str
    country: str
    """ISO code by whose calendar the campaign's own kinds of days count; empty: not known."""
    profiles: tuple[Profile, ...]
    """The laws that hold, all of them; none: those of the campaign alone."""


Locate = Callable[[str, str], Place]
"""Says where a number (E.164, or empty when it is not known) in a zone is called."""
CalendarOf = Callable[[str], Calendar]
"""Returns the calendar of a country."""


class CallingRules:
    """When the people of a campaign may be called; what holds in a place is worked out once."""

    __slots__ = (
        "_caps",
        "_hours",
        "_lead",
        "_locate",
        "_of_country",
        "_openings",
        "_reasons",
        "_strictest",
    )

    def __init__(
        self,
        hours: Hours,
        caps: Caps,
        lead: timedelta | None,
        locate: Locate,
        calendar_of: CalendarOf,
    ) -> None:
        """`hours` and `caps` are those of campaign and operator; the laws of a place narrow them.

        `lead`: so long before the promised window begins, see `campaigns.when.lateness`.
        """
        self._hours = hours
        self._caps = caps
        self._lead = lead
        self._locate = locate
        self._of_country = calendar_of
        self._openings = lru_cache(maxsize=_PLACES_KEPT)(self._open_in)
        self._strictest = lru_cache(maxsize=_PLACES_KEPT)(self._caps_in)
        self._reasons = lru_cache(maxsize=_MINUTES_KEPT)(self._why_closed)

    def place_of(self, zone: str, phone: str = "") -> Place:
        """Return where a number in a zone is called."""
        return self._locate(zone, phone)

    def limits(self, place: Place) -> tuple[Limit, ...]:
        """Return the campaign's own limit and those of the laws there, each by its name."""
        calendar = self._of_country(place.country)
        laws = (
            Limit(each.id, each.hours, self._of_country(each.calendar or place.country))
            for each in place.profiles
        )
        return (Limit(CAMPAIGN, self._hours, calendar), *laws)

    def openings(self, zone: str, phone: str = "", *, asked_for: bool = False) -> Openings:
        """Return when a number in a zone may be rung.

        `asked_for`: at a moment that the recipient named, which the midday rest does not move.
        """
        return self.openings_in(self._locate(zone, phone), asked_for=asked_for)

    def openings_in(self, place: Place, *, asked_for: bool = False) -> Openings:
        """Return when the numbers of a place may be rung."""
        return self._openings(place, not asked_for)

    def caps(self, zone: str, phone: str = "") -> Caps:
        """Return the strictest caps that hold for a number."""
        return self.caps_in(self._locate(zone, phone))

    def caps_in(self, place: Place) -> Caps:
        """Return the strictest caps that hold for a number of a place."""
        return self._strictest(place)

    def why_closed(self, place: Place, at: datetime) -> Held:
        """Say what keeps numbers of a place from being rung at a moment when they may not be."""
        local = at.astimezone(ZoneInfo(place.zone))
        return self._reasons(place, local.date(), local.hour * 60 + local.minute)

    def useful_until(
        self,
        kept: datetime | None,
        windows: Iterable[PromisedWindow],
        *,
        asked_for: bool = False,
    ) -> datetime | None:
        """Return from when on a call is of no use; None: it always is."""
        return useful_until(kept, windows, self._lead, asked_for=asked_for)

    def _open_in(self, place: Place, resting: bool) -> Openings:
        pieces_on = partial(_left_open, self.limits(place), resting)
        return Openings(ZoneInfo(place.zone), pieces_on)

    def _caps_in(self, place: Place) -> Caps:
        caps = self._caps
        for each in place.profiles:
            caps = caps.with_stricter(each.caps)
        return caps

    def _why_closed(self, place: Place, on: date, minute: int) -> Held:
        second = minute * 60
        limits = self.limits(place)
        if holds(left_open(limits, on, resting=False), second):
            return Held.REST
        for limit in limits:
            if limit.calendar.day(on).kind is not DayKind.HOLIDAY:
                continue
            usual = limit.hours.on(on, DayKind.WORKDAY)
            if holds(usual, second) and not holds(limit.on(on), second):
                return Held.HOLIDAY
        pieces = left_open(limits, on)
        if any(end <= second < start for (_, end), (start, _) in pairwise(pieces)):
            return Held.REST
        return Held.WINDOW


def _left_open(limits: tuple[Limit, ...], resting: bool, on: date) -> tuple[tuple[int, int], ...]:
    return left_open(limits, on, resting=resting)
