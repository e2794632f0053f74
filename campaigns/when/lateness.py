"""The latest useful time: after it a call helps nobody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

PromisedWindow = tuple[datetime | None, datetime | None]
"""Begin and end of a delivery's promised window; None, as both: none was promised."""


def useful_until(
    kept: datetime | None,
    windows: Iterable[PromisedWindow],
    lead: timedelta | None,
    *,
    asked_for: bool = False,
) -> datetime | None:
    """Return from when on a call is of no use; None: it always is.

    `kept` is what the contact says (the end of the promised window, unless something ended it
    earlier). With a `lead` a call must come so long before the window begins; of several parcels
    the one that leaves last counts. A moment that the recipient named needs no lead, and a parcel
    without a window has none.
    """
    if lead is None or asked_for:
        return kept
    begins = [begin for begin, _ in windows]
    known = [begin for begin in begins if begin is not None]
    if not known or len(known) < len(begins):
        return kept
    latest = max(known) - lead
    return latest if kept is None else min(kept, latest)
