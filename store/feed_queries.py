"""Feeds that other systems read by the API: outcomes, events, transfers, tickets, by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import Transfer
from store.desk_reading import transfer_facts
from store.desk_types import TransferStatus
from store.desk_values import TransferFacts
from store.event_models import ParcelEvent
from store.models import (
    Contact,
    Delivery,
    OutcomeRecord,
    Recipient,
    WriteBack,
)
from store.reading import latest_outcome
from store.ticket_models import Ticket
from store.ticket_queries import ticket_facts
from store.ticket_values import TicketFacts
from store.types import TicketStatus
from store.values import LatestOutcome


@dataclass(frozen=True, slots=True)
class ToldOutcome:
    """One outcome of one parcel, as it is told to dispatch."""

    id: int
    """Place in the feed."""
    idempotency_key: str
    """The same however often it is told."""
    written_at: datetime | None
    campaign_id: int
    contact_id: int
    attempt_id: int | None
    waybill: str
    recipient: str
    phone: str
    address: str
    latest: LatestOutcome


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A parcel that moved on."""

    id: int
    event_id: str
    waybill: str
    status: str
    at: datetime
    received_at: datetime
    withdrawn: int


def outcomes_after(
    session: Session,
    after: int,
    limit: int,
    until: datetime,
    campaign_id: int | None = None,
    waybill: str = "",
) -> tuple[ToldOutcome, ...]:
    """Return the outcomes behind a place of the feed, one for each parcel, in its order.

    Only those that were told before `until`: on PostgreSQL one that was begun earlier may be
    committed later, and would be overlooked by a reader who has gone past it.
    """
    query = (
        sa.select(WriteBack, Delivery, OutcomeRecord, Contact, Recipient.name)
        .join(Delivery, Delivery.id == WriteBack.delivery_id)
        .join(OutcomeRecord, OutcomeRecord.id == WriteBack.outcome_id)
        .join(Contact, Contact.id == OutcomeRecord.contact_id)
        .join(Recipient, Recipient.id == Contact.recipient_id)
        .where(WriteBack.id > after, WriteBack.created_at < until)
        .order_by(WriteBack.id)
        .limit(limit)
    )
    if campaign_id is not None:
        query = query.where(Delivery.campaign_id + 0 == campaign_id)
    if waybill:
        query = query.where(Delivery.waybill == waybill)
    return tuple(
        ToldOutcome(
            id=row.id,
            idempotency_key=row.idempotency_key,
            written_at=row.written_at,
            campaign_id=contact.campaign_id,
            contact_id=contact.id,
            attempt_id=record.attempt_id,
            waybill=delivery.waybill,
            recipient=recipient,
            phone=contact.phone,
            address=delivery.address,
            latest=latest_outcome(record),
        )
        for row, delivery, record, contact, recipient in session.execute(query)
    )


def events_after(
    session: Session, after: int, limit: int, waybill: str = ""
) -> tuple[EventRecord, ...]:
    """Return what was told of parcels, in the order it came, from behind `after`."""
    query = sa.select(ParcelEvent).where(ParcelEvent.id > after).order_by(ParcelEvent.id)
    if waybill:
        query = query.where(ParcelEvent.waybill == waybill)
    return tuple(
        EventRecord(
            row.id, row.event_id, row.waybill, row.status, row.at, row.received_at, row.withdrawn
        )
        for row in session.scalars(query.limit(limit))
    )


def transfers_before(
    session: Session, before: int | None, limit: int, status: TransferStatus | None = None
) -> tuple[TransferFacts, ...]:
    """Return customers' wishes for a person, the newest first, from the one before `before`."""
    query = sa.select(Transfer).order_by(Transfer.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Transfer.id < before)
    if status is not None:
        query = query.where(Transfer.status == status)
    return tuple(transfer_facts(row) for row in session.scalars(query))


def tickets_after(
    session: Session,
    after: int,
    limit: int,
    statuses: Sequence[TicketStatus] = (),
    waybill: str = "",
) -> tuple[TicketFacts, ...]:
    """Return tickets in the order they were opened, from the one behind `after`."""
    query = sa.select(Ticket).where(Ticket.id > after).order_by(Ticket.id).limit(limit)
    if statuses:
        query = query.where(Ticket.status.in_(statuses))
    if waybill:
        query = query.where(Ticket.waybill == waybill)
    return tuple(ticket_facts(row) for row in session.scalars(query))
