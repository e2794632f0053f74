"""Verdict: may this contact be dialled now? One law after the other is asked; the first objection
counts.

Claiming, the last look before the INVITE, and `menling campaign explain` ask the same laws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

from store.candidates import CallNow, Candidate, Verdict


class Held(StrEnum):
    """Why a contact waits although its time had come."""

    WINDOW = "window"
    """The calling window is closed where the recipient lives."""
    REST = "rest"
    """Midday rest."""
    HOLIDAY = "holiday"
    CAP = "cap"
    """The number was dialled often enough in the last hour, day or week."""
    GAP = "gap"
    """The number was dialled a moment ago."""
    IN_A_CALL = "in_a_call"
    """Another call rings the number."""
    TRUNKS_BUSY = "trunks_busy"
    """Every trunk that may carry the call is full, or does not work."""
    NO_TRUNK = "no_trunk"
    """No trunk may carry the call: its number, or what the campaign shows, speaks against each."""
    NO_AGENT = "no_agent"
    """They were abandoned, and are called again only while an agent is certain for the call."""
    MERCHANT = "merchant"
    """Some of its parcels are of a merchant who may not have the number called."""
    CHANGED = "changed"
    """Since it was claimed, a parcel moved on or came to it; it is claimed anew at once."""


Law = Callable[[Candidate, datetime], Verdict | None]
"""Objects to a call at a moment, or returns None."""


def judge(candidate: Candidate, laws: Iterable[Law], now: datetime) -> Verdict:
    """Return the first objection, or that nothing speaks against a call at `now`."""
    for law in laws:
        objection = law(candidate, now)
        if objection is not None:
            return objection
    return CallNow()
