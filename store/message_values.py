"""What passes in and out of a transaction about messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.message_types import DeliveryState, MessageKind, MessageStatus, MessageWhy
from store.types import Disposition, Outcome
from store.values import Settled


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """Something that is to go out."""

    kind: MessageKind
    event: str
    """What it is about, a word of `campaigns.messages.events`."""
    target: str
    idempotency_key: str
    """At most 128 characters; a second message with the same key is not kept."""
    body: str = ""
    address: str = ""
    """Number (E.164) or e-mail address; empty: the target knows where."""
    subject: str = ""
    phone: str = ""
    """Whose message it is, E.164; with it they are asked for their wish, and can be forgotten."""
    language: str = ""
    time_zone: str = ""
    contact_id: int | None = None
    attempt_id: int | None = None
    ticket_id: int | None = None
    outcome_id: int | None = None
    waybill: str = ""
    merchant: str = ""
    not_before: datetime | None = None
    """None: at once."""
    useful_until: datetime | None = None
    """After that it is not sent; None: always."""


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message that the caller, and nobody else, may send now."""

    id: int
    tries: int
    """Which try this is, from 1; an older one may write nothing any more."""
    message: OutgoingMessage
    campaign_id: int | None


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message, for lists and pages."""

    id: int
    message: OutgoingMessage
    status: MessageStatus
    why: MessageWhy
    tries: int
    created_at: datetime
    next_try_at: datetime
    last_error: str
    sent_at: datetime | None
    provider_id: str
    delivery: DeliveryState
    delivered_at: datetime | None
    conflict: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """What a receiver objected to an outcome: the truck has left, the address is unknown."""

    message_id: int
    outcome_id: int | None
    contact_id: int | None
    answer: str
    """JSON as it came, an object with `conflict` in it."""


@dataclass(frozen=True, slots=True)
class MessageCount:
    """So many messages of one sort."""

    kind: MessageKind
    status: MessageStatus
    why: MessageWhy
    messages: int


@dataclass(frozen=True, slots=True)
class ParcelTold:
    """A parcel, as far as messages speak of it."""

    waybill: str
    merchant: str
    window_start: datetime | None
    window_end: datetime | None


@dataclass(frozen=True, slots=True)
class OutcomeTold:
    """An outcome with all that is told of it to other systems and to the recipient."""

    id: int
    campaign_id: int
    campaign: str
    flow: str
    company: str
    callback_number: str
    contact_id: int
    recipient: str
    phone: str
    extension: str
    email: str
    merchant: str
    language: str
    time_zone: str
    useful_until: datetime | None
    attempt_id: int | None
    attempt_number: int
    """0: nobody dialled."""
    answered: bool
    disposition: Disposition
    outcome: Outcome
    at: datetime
    final: bool
    settled: Settled
    parcels: tuple[ParcelTold, ...]
