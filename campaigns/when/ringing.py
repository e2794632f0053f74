"""What the laws of a place say of ringing, and of people who answer and find nobody; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from campaigns.pacing.rules import AbandonLimit
from campaigns.when.calling import Place


def ring_floor(place: Place) -> timedelta:
    """Return for how long an unanswered call rings there at least; zero: no law says so."""
    return timedelta(seconds=max((each.ring_floor_seconds for each in place.profiles), default=0))


def abandon_limits(places: Iterable[Place]) -> tuple[AbandonLimit, ...]:
    """Return all limits that hold where people of some places are called, the shortest first."""
    limits = {
        AbandonLimit(each.abandon_ceiling, timedelta(days=each.abandon_days))
        for place in places
        for each in place.profiles
        if each.abandon_ceiling is not None
    }
    return tuple(sorted(limits, key=lambda limit: (limit.window, limit.ceiling)))
