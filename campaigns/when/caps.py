"""Caps: how often and how soon again one number is called, whatever campaigns want it.

An hour and a week are counted back from now; a day is the calendar day where the recipient lives,
as people count calls. A law that counts 24 hours back has a cap of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from campaigns.when.openings import next_midnight

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(hours=24)
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Caps:
    """Calls to one number at most; None: as many as there are."""

    per_hour: int | None = None
    per_day: int | None = None
    """Of the calendar day in the recipient's zone."""
    per_24_hours: int | None = None
    per_week: int | None = None
    per_parcel: int | None = None
    """Calls of one contact, for whichever parcels it is."""
    gap: timedelta = timedelta(0)
    """Between two calls at least; a moment that the recipient named is not moved by it."""

    def with_stricter(self, other: Self) -> Self:
        """Return the lower of each two caps, and the longer gap."""
        lower: dict[str, int | None] = {}
        for name in (each.name for each in fields(self) if each.name != "gap"):
            both = [cap for cap in (getattr(self, name), getattr(other, name)) if cap is not None]
            lower[name] = min(both, default=None)
        return type(self)(**lower, gap=max(self.gap, other.gap))


def free_at(caps: Caps, dialled_at: Sequence[datetime], now: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment from `now` on at which no cap is in the way.

    `dialled_at` are the calls of the last week, oldest first.
    """
    free = now
    for cap, span in (
        (caps.per_hour, _HOUR),
        (caps.per_24_hours, _DAY),
        (caps.per_week, _WEEK),
    ):
        if cap is not None and len(dialled_at) >= cap:
            # Once this call is so long ago, one less than the cap are left.
            free = max(free, dialled_at[-cap] + span)
    if caps.per_day is not None:
        today = now.astimezone(zone).date()
        calls = sum(at.astimezone(zone).date() == today for at in dialled_at)
        if calls >= caps.per_day:
            free = max(free, next_midnight(now, zone))
    return free


def gap_ends(caps: Caps, dialled_at: Sequence[datetime], now: datetime) -> datetime:
    """Return the first moment from `now` on that is long enough after the last call."""
    return max(now, dialled_at[-1] + caps.gap) if dialled_at else now
