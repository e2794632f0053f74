"""The law of time: may this number be rung at this moment, and if not, when may it be at last.

Hours, rest, holidays, caps, gap and the latest useful time are asked together, so that the moment
until which somebody waits is one at which none of them objects.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from campaigns.verdict import Held, Law
from campaigns.when.calling import CallingRules, Place
from campaigns.when.caps import free_at, gap_ends
from store.candidates import Candidate, Never, Verdict, Wait
from store.types import Disposition, Outcome

_WEEK: Final = timedelta(days=7)
_LOOKED_AT: Final = 16
"""So many times a moment is moved by one rule after the other; after that it is good enough to be
looked at again then."""

TOO_LATE: Final = Never(Disposition.EXPIRED, Outcome.EXPIRED)
CALLED_ENOUGH: Final = Never(Disposition.EXPIRED, Outcome.EXPIRED)
"""A parcel's calls are used up: what is left is a message, as for somebody who is too late."""


def in_time(rules: CallingRules) -> Law:
    """Return the law that lets a number be rung only when it may be, and while it is of use."""

    def law(candidate: Candidate, now: datetime) -> Verdict | None:
        return _objection(rules, candidate, now)

    return law


def useful_until_of(rules: CallingRules, candidate: Candidate) -> datetime | None:
    """Return from when on a call to a candidate is of no use; None: it always is."""
    windows = ((parcel.window_start, parcel.window_end) for parcel in candidate.parcels)
    return rules.useful_until(candidate.useful_until, windows, asked_for=candidate.asked_for)


def _objection(rules: CallingRules, candidate: Candidate, now: datetime) -> Verdict | None:
    useful_until = useful_until_of(rules, candidate)
    if useful_until is not None and useful_until <= now:
        return TOO_LATE
    place = rules.place_of(candidate.time_zone, candidate.phone)
    caps = rules.caps_in(place)
    if caps.per_parcel is not None and candidate.attempts >= caps.per_parcel:
        return CALLED_ENOUGH
    first = _first_moment(rules, place, candidate, now)
    if first is None:
        return None
    until, why = first
    if useful_until is not None and until >= useful_until:
        return TOO_LATE
    return Wait(until, why.value)


def _first_moment(
    rules: CallingRules, place: Place, candidate: Candidate, now: datetime
) -> tuple[datetime, Held] | None:
    """Return when nothing objects any more and what objects now; None: nothing does."""
    caps, calls = rules.caps_in(place), candidate.dialled_at
    openings = rules.openings_in(place, asked_for=candidate.asked_for)
    at = now
    why: Held | None = None
    for _ in range(_LOOKED_AT):
        opens = openings.next_opening(at).astimezone(UTC)
        if opens > at:
            why = why or rules.why_closed(place, at)
        free = free_at(caps, _before(calls, opens), opens, openings.zone)
        if free > opens:
            why = why or Held.CAP
        after = free if candidate.asked_for else gap_ends(caps, calls, free)
        if after > free:
            why = why or Held.GAP
        if after == opens:
            at = opens
            break
        at = after
    return None if why is None else (at, why)


def _before(calls: tuple[datetime, ...], moment: datetime) -> tuple[datetime, ...]:
    """Return the calls of the week before a moment."""
    return tuple(at for at in calls if moment - _WEEK < at)
