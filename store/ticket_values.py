"""What is known of tickets and wishes outside a transaction: frozen values, never rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from store.types import TicketStatus, TicketStep


@dataclass(frozen=True, slots=True)
class TicketTimes:
    """Until when what is due, and when it was done."""

    opened_at: datetime
    respond_by: datetime
    propose_by: datetime
    resolve_by: datetime
    escalate_at: datetime | None
    """When the next line learns of it unless it moves; None: never again."""
    acknowledged_at: datetime | None
    proposed_at: datetime | None
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    customer_told_at: datetime | None
    callback_by: datetime | None


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """One ticket as it stands."""

    id: int
    number: str
    kind: str
    cause: str
    department: str
    status: TicketStatus
    level: int
    urgent: bool
    waybill: str
    delivery_id: int | None
    contact_id: int | None
    attempt_id: int | None
    language: str
    opened_by: str
    times: TicketTimes
    record: Mapping[str, str]
    """5W1H: who, what, when, where, why, how."""
    words: str
    proposal: str
    compensation_fen: int
    resolution: str
    follow_up_contact_id: int | None


@dataclass(frozen=True, slots=True)
class TicketEventRecord:
    """One line in the ledger of a ticket."""

    number: str
    at: datetime
    who: str
    step: TicketStep
    from_status: TicketStatus | None
    to_status: TicketStatus
    note: str


@dataclass(frozen=True, slots=True)
class WishCount:
    """How often recipients wished for something."""

    tag: str
    count: int
    last_at: datetime
    words: str
    """How the last one who was quoted put it."""


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """Whose a parcel is, for a ticket that a person opens."""

    delivery_id: int
    contact_id: int
    recipient: str
    address: str
    language: str
