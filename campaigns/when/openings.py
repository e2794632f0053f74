"""Openings: the moments at which a telephone may ring, on the wall clock of its zone.

A day's pieces are cut out of the line of time between two changes of the zone's offset, so that an
hour that is skipped in spring is never open and one that comes twice in autumn is open twice.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from campaigns.when.pieces import ALL_DAY, Pieces, holds, united

HORIZON: Final = timedelta(days=400)
"""Nothing is looked for farther ahead: every kind of day comes within a year."""
_DAYS_KEPT: Final = 512
_DAY: Final = timedelta(days=1)

Spans = tuple[tuple[int, int], ...]
"""Seconds since 1970, from (included) and to (not included), in order."""


class Window(Protocol):
    """When somebody may be rung."""

    @property
    def zone(self) -> ZoneInfo:
        """Whose wall clock counts."""

    def is_open(self, now: datetime) -> bool:
        """Say whether a telephone may ring at `now` (aware)."""

    def next_opening(self, now: datetime) -> datetime:
        """Return `now` when it is open, otherwise the moment it opens next, in the zone."""


class Openings:
    """A window that differs from day to day."""

    __slots__ = ("_closed", "_days", "_pieces_on", "_zone")

    def __init__(self, zone: ZoneInfo, pieces_on: Callable[[date], Pieces]) -> None:
        """`pieces_on` says what is open on a day; it is asked once for each and must be pure."""
        self._zone = zone
        self._pieces_on = pieces_on
        self._days: OrderedDict[date, Pieces] = OrderedDict()
        self._closed: tuple[float, datetime] | None = None
        """A moment at which it was closed, and when it opens next: many ask at about one time."""

    @property
    def zone(self) -> ZoneInfo:
        """Whose wall clock counts."""
        return self._zone

    def pieces(self, on: date) -> Pieces:
        """Return what is open on a day."""
        known = self._days.get(on)
        if known is None:
            known = self._days[on] = self._pieces_on(on)
            while len(self._days) > _DAYS_KEPT:
                self._days.popitem(last=False)
        return known

    def spans(self, on: date) -> Spans:
        """Return the stretches of time in which a day is open."""
        pieces = self.pieces(on)
        return _spans(self._zone, on, pieces) if pieces else ()

    def is_open(self, now: datetime) -> bool:
        """Say whether a telephone may ring at `now` (aware)."""
        return self._is_open(now.astimezone(self._zone))

    def next_opening(self, now: datetime) -> datetime:
        """Return `now` when it is open, otherwise the moment it opens next, in the zone.

        When nothing opens within the horizon, its end is returned: whoever waits is looked at
        again then.
        """
        at = now.timestamp()
        if (known := self._closed) is not None and known[0] <= at < known[1].timestamp():
            return known[1]
        local = now.astimezone(self._zone)
        if self._is_open(local):
            return local
        opening = self._opening_after(at, local)
        self._closed = (at, opening)
        return opening

    def _is_open(self, local: datetime) -> bool:
        second = (local.hour * 60 + local.minute) * 60 + local.second
        return holds(self.pieces(local.date()), second)

    def _opening_after(self, at: float, local: datetime) -> datetime:
        # The day before may go on (its last hour comes twice where clocks go back at midnight).
        day = local.date() - _DAY
        last = local.date() + HORIZON
        while day <= last:
            starts = [start for start, _ in self.spans(day) if start > at]
            if starts:
                # Where clocks go back over midnight, the day after may begin first.
                starts += [start for start, _ in self.spans(day + _DAY) if start > at]
                return datetime.fromtimestamp(min(starts), tz=self._zone)
            day += _DAY
        return (local.astimezone(UTC) + HORIZON).astimezone(self._zone)


@lru_cache(maxsize=8192)
def _spans(zone: ZoneInfo, on: date, pieces: Pieces) -> Spans:
    midnight = int(datetime.combine(on, time(), UTC).timestamp())
    # Wherever on earth, the day lies in these 50 hours.
    begins, ends = midnight - 14 * 3600, midnight + 36 * 3600
    found: list[tuple[int, int]] = []
    for start, end, offset in _stretches(zone, begins, ends):
        found += (
            (max(start, midnight - offset + opens), min(end, midnight - offset + closes))
            for opens, closes in pieces
        )
    return united((start, end) for start, end in found if start < end)


def _stretches(zone: ZoneInfo, begins: int, ends: int) -> list[tuple[int, int, int]]:
    """Return the stretches between two instants with one offset each (seconds east of UTC)."""
    before, after = _offset(zone, begins), _offset(zone, ends)
    if before == after:
        return [(begins, ends, before)]
    low, high = begins, ends
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return [(begins, high, before), (high, ends, after)]


def _offset(zone: ZoneInfo, at: int) -> int:
    offset = datetime.fromtimestamp(at, tz=zone).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def next_midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment of the next calendar day in a zone, in UTC."""
    tomorrow = now.astimezone(zone).date() + _DAY
    # A day that a zone skips, as where the date line moved, has no first moment.
    spans = _spans(zone, tomorrow, ALL_DAY) or _spans(zone, tomorrow + _DAY, ALL_DAY)
    return datetime.fromtimestamp(spans[0][0], tz=UTC)
