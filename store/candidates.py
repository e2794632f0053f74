"""Who might be dialled next, with all that decides about it: a value, and what is decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from store.types import Disposition, Outcome


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel of a candidate."""

    waybill: str
    merchant: str
    window_start: datetime | None
    window_end: datetime | None
    statuses: frozenset[str]
    """What dispatch told of it, words of `campaigns/parcel_statuses.yaml`."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A waiting contact whose turn it is, if nothing speaks against it."""

    contact_id: int
    campaign_id: int
    flow: str
    phone: str
    """E.164."""
    language: str
    time_zone: str
    region: str
    product_line: str
    attempts: int
    """How often it was dialled."""
    next_call_at: datetime | None
    asked_for: bool
    """`next_call_at` is the moment that the recipient named."""
    useful_until: datetime | None
    parcels: tuple[Parcel, ...]
    dialled_at: tuple[datetime, ...]
    """When the number was dialled within the last week, by any campaign, oldest first."""
    in_a_call: bool
    """An attempt that is not settled rings the number."""
    suppressed_for: frozenset[str]
    """Merchants who may not have the number called; the empty word stands for everybody."""
    has_trouble: bool
    """A ticket of the number is not settled."""


@dataclass(frozen=True, slots=True)
class CallNow:
    """Nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Not now; it is looked at again at `until`."""

    until: datetime
    why: str
    """A word of `campaigns.verdict.Held`, kept as `contacts.held`."""


@dataclass(frozen=True, slots=True)
class Never:
    """Not at all: the contact is closed."""

    disposition: Disposition
    outcome: Outcome


Verdict = CallNow | Wait | Never

Judge = Callable[[Candidate], Verdict]
"""Decides about one candidate, at a moment that it knows."""
