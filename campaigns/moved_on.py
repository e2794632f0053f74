"""The law that nobody is called about parcels that were delivered, cancelled or sent elsewhere.

A contact with several parcels is called about those that are left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from campaigns.parcel_statuses import ends
from store.candidates import Candidate, Never, Parcel, Verdict
from store.types import Disposition, Outcome


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
