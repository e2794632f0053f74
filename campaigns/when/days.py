"""Kinds of days, and the hours that each of them has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from campaigns.when.pieces import ALL_DAY, Pieces, common, without


class DayKind(StrEnum):
    """What people do on a day."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    """A public holiday, days off in lieu among them."""
    MAKE_UP_WORKDAY = "make_up_workday"
    """调休补班: a day of the weekend on which people work for a holiday they had."""


@dataclass(frozen=True, slots=True)
class Day:
    """What a calendar says of one day."""

    kind: DayKind
    name: str = ""
    """Of the holiday, or of the one that is worked for; empty on other days."""
    is_certain: bool = True
    """False: the calendar does not know the year, and a stated safe rule took its place."""


class Calendar(Protocol):
    """The days of a country."""

    def day(self, on: date) -> Day:
        """Return what a day is."""


class WeekdaysOnly:
    """A calendar that knows Saturdays and Sundays and nothing else."""

    def day(self, on: date) -> Day:
        """Return a workday, or a day of the weekend."""
        return Day(DayKind.WEEKEND if on.weekday() >= 5 else DayKind.WORKDAY)


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Hours:
    """Which pieces of which days are open.

    A holiday that has no hours of its own has those of a weekend, a weekend those of a workday, a
    make-up workday those of a workday. A weekday's own hours hold on workdays and weekends.
    """

    workday: Pieces = ALL_DAY
    weekend: Pieces | None = None
    holiday: Pieces | None = None
    make_up_workday: Pieces | None = None
    weekdays: Mapping[int, Pieces] = field(default_factory=lambda: MappingProxyType({}))
    """By the number of the day, Monday being 0."""
    rest: Pieces = ()
    """Left out of every day, such as midday."""

    def on(self, on: date, kind: DayKind, *, resting: bool = True) -> Pieces:
        """Return what is open on a day; not `resting`: the rest is worked through."""
        pieces = self._of_kind(on, kind)
        return without(pieces, self.rest) if resting and self.rest else pieces

    def _of_kind(self, on: date, kind: DayKind) -> Pieces:
        weekend = self.workday if self.weekend is None else self.weekend
        match kind:
            case DayKind.HOLIDAY:
                return weekend if self.holiday is None else self.holiday
            case DayKind.MAKE_UP_WORKDAY:
                return self.workday if self.make_up_workday is None else self.make_up_workday
            case DayKind.WORKDAY | DayKind.WEEKEND:
                usual = weekend if kind is DayKind.WEEKEND else self.workday
                return self.weekdays.get(on.weekday(), usual)


@dataclass(frozen=True, slots=True)
class Limit:
    """Hours that somebody sets, the campaign or a law, by the calendar they count in."""

    name: str
    hours: Hours
    calendar: Calendar

    def on(self, on: date, *, resting: bool = True) -> Pieces:
        """Return what it leaves open on a day."""
        return self.hours.on(on, self.calendar.day(on).kind, resting=resting)


def left_open(limits: tuple[Limit, ...], on: date, *, resting: bool = True) -> Pieces:
    """Return what all limits leave open on a day."""
    pieces = ALL_DAY
    for limit in limits:
        pieces = common(pieces, limit.on(on, resting=resting))
    return pieces
