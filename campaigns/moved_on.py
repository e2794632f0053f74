"""The law that nobody is called about parcels that were delivered, cancelled or sent elsewhere.

A contact with several parcels is called about those that are left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from campaigns.parcel_statuses import ends
from campaigns.verdict import Held, Law
from store.candidates import Candidate, Never, Parcel, Verdict, Wait
from store.types import Disposition, Outcome
from store.values import ClaimedCall

CLAIMED_ANEW_AFTER: Final = timedelta(seconds=1)
"""Who is no longer called about the same parcels is claimed again after that."""


def moved_on(candidate: Candidate, now: datetime) -> Verdict | None:
    """Object when no parcel is left to call about."""
    del now
    if not candidate.parcels or still_wanted(candidate.flow, candidate.parcels):
        return None
    return Never(Disposition.WITHDRAWN, Outcome.WITHDRAWN)


def still_wanted(flow: str, parcels: Iterable[Parcel]) -> frozenset[str]:
    """Return the waybills about which a call by that flow is still of use."""
    return frozenset(
        parcel.waybill
        for parcel in parcels
        if not any(ends(status, flow) for status in parcel.statuses)
    )


def as_claimed(call: ClaimedCall) -> Law:
    """Return the law that a call is made about the parcels for which it was claimed, or not at all.

    What is said is settled when a contact is claimed. One of several parcels may be delivered, or
    come to it, until the telephone rings: then the contact is claimed anew.
    """
    about = {each.waybill for each in call.deliveries}

    def law(candidate: Candidate, now: datetime) -> Verdict | None:
        if still_wanted(candidate.flow, candidate.parcels) == about:
            return None
        return Wait(now + CLAIMED_ANEW_AFTER, Held.CHANGED)

    return law
