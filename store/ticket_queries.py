"""Tickets and their ledger: reads, and the writes that must not happen twice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session, aliased

from store.errors import StoreError
from store.models import Contact, Delivery
from store.ticket_models import Ticket, TicketEvent
from store.ticket_values import (
    ParcelFacts,
    TicketEventRecord,
    TicketFacts,
    TicketTimes,
)
from store.types import TicketStatus

TRIES = 20
"""So many numbers are tried when others open tickets at the same moment."""


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Which tickets; what is empty doesn't narrow."""

    statuses: Collection[TicketStatus] = ()
    department: str = ""
    waybill: str = ""
    overdue_at: datetime | None = None
    """Only those of which a timer had passed then, while it still ran."""
    opened_from: datetime | None = None
    opened_before: datetime | None = None


def ticket(session: Session, number: str) -> TicketFacts:
    """Return a ticket by its number, T20261122-0001. Raises StoreError when there is none."""
    row = session.scalar(sa.select(Ticket).where(Ticket.number == number))
    if row is None:
        raise _no_ticket(number)
    return ticket_facts(row)


def locked_ticket(session: Session, number: str) -> Ticket:
    """Return the row of a ticket, for a step; nobody else takes one meanwhile.

    Raises StoreError when there is none.
    """
    row = session.scalar(
        sa.select(Ticket)
        .where(Ticket.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise _no_ticket(number)
    return row


def unclosed_ticket(session: Session, waybill: str, kind: str) -> Ticket | None:
    """Return the row of the one ticket of this kind about a parcel that is not closed, locked."""
    return session.scalar(
        sa.select(Ticket)
        .where(Ticket.waybill == waybill, Ticket.kind == kind, Ticket.status != TicketStatus.CLOSED)
        .with_for_update()
    )


def add_ticket(session: Session, row: Ticket, day: date) -> None:
    """Write a new ticket under the next number of the day.

    Raises IntegrityError when the parcel has an unclosed ticket of the kind.
    """
    for _ in range(TRIES):
        row.number = _next_number(session, day)
        try:
            with session.begin_nested():
                session.add(row)
        except exc.IntegrityError:
            # Somebody else took the number a moment ago, or opened the very same ticket.
            if row.waybill and unclosed_ticket(session, row.waybill, row.kind) is not None:
                raise
            continue
        return
    raise StoreError(f"No number of {day} was free in {TRIES} tries; open the ticket again")


def tickets(session: Session, wanted: TicketFilter = TicketFilter()) -> tuple[TicketFacts, ...]:
    """Return the tickets that pass the filter, oldest first."""
    query = sa.select(Ticket).order_by(Ticket.opened_at, Ticket.id)
    if wanted.statuses:
        query = query.where(Ticket.status.in_(wanted.statuses))
    if wanted.department:
        query = query.where(Ticket.department == wanted.department)
    if wanted.waybill:
        query = query.where(Ticket.waybill == wanted.waybill)
    if wanted.opened_from is not None:
        query = query.where(Ticket.opened_at >= wanted.opened_from)
    if wanted.opened_before is not None:
        query = query.where(Ticket.opened_at < wanted.opened_before)
    if wanted.overdue_at is not None:
        query = query.where(_overdue(wanted.overdue_at))
    return tuple(ticket_facts(row) for row in session.scalars(query))


def to_escalate(session: Session, now: datetime) -> tuple[str, ...]:
    """Return the numbers of the tickets whose next line is to learn of them now."""
    return tuple(
        session.scalars(
            sa.select(Ticket.number).where(Ticket.escalate_at <= now).order_by(Ticket.escalate_at)
        )
    )


def phones_with_trouble() -> sa.Select[str]:
    """Ask for the numbers of people who have a ticket that is not settled."""
    settled = [status for status in TicketStatus if status.is_settled]
    whose = aliased(Contact)
    return (
        sa.select(whose.phone)
        .join(Ticket, Ticket.contact_id == whose.id)
        .where(Ticket.status.not_in(settled))
    )


def followed_up_by(session: Session, contact_id: int) -> tuple[Ticket, ...]:
    """Return the rows of the tickets whose result a call to this contact tells, locked."""
    return tuple(
        session.scalars(
            sa.select(Ticket)
            .where(Ticket.follow_up_contact_id == contact_id, Ticket.customer_told_at.is_(None))
            .order_by(Ticket.id)
            .with_for_update()
        )
    )


def parcel_of(session: Session, waybill: str) -> ParcelFacts | None:
    """Return whose a parcel is, as its newest import tells it; None: it was never imported."""
    row = session.scalar(
        sa.select(Delivery).where(Delivery.waybill == waybill).order_by(Delivery.id.desc()).limit(1)
    )
    if row is None:
        return None
    contact = row.contact
    return ParcelFacts(row.id, contact.id, contact.recipient.name, row.address, contact.language)


def ticket_events(
    session: Session,
    number: str = "",
    since: datetime | None = None,
    before: datetime | None = None,
) -> tuple[TicketEventRecord, ...]:
    """Return the ledger, oldest first: of one ticket, or of all that happened in a time."""
    query = (
        sa.select(TicketEvent, Ticket.number)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .order_by(TicketEvent.at, TicketEvent.id)
    )
    if number:
        query = query.where(Ticket.number == number)
    if since is not None:
        query = query.where(TicketEvent.at >= since)
    if before is not None:
        query = query.where(TicketEvent.at < before)
    return tuple(
        TicketEventRecord(
            number=of,
            at=row.at,
            who=row.who,
            step=row.step,
            from_status=row.from_status,
            to_status=row.to_status,
            note=row.note,
        )
        for row, of in session.execute(query)
    )


def ticket_facts(row: Ticket) -> TicketFacts:
    """Copy a ticket out of its row."""
    return TicketFacts(
        id=row.id,
        number=row.number,
        kind=row.kind,
        cause=row.cause,
        department=row.department,
        status=row.status,
        level=row.level,
        urgent=row.urgent,
        waybill=row.waybill,
        delivery_id=row.delivery_id,
        contact_id=row.contact_id,
        attempt_id=row.attempt_id,
        language=row.language,
        opened_by=row.opened_by,
        times=TicketTimes(
            opened_at=row.opened_at,
            respond_by=row.respond_by,
            propose_by=row.propose_by,
            resolve_by=row.resolve_by,
            escalate_at=row.escalate_at,
            acknowledged_at=row.acknowledged_at,
            proposed_at=row.proposed_at,
            answered_at=row.answered_at,
            resolved_at=row.resolved_at,
            closed_at=row.closed_at,
            customer_told_at=row.customer_told_at,
            callback_by=row.callback_by,
        ),
        record=MappingProxyType(dict(row.record)),
        words=row.words,
        proposal=row.proposal,
        compensation_fen=row.compensation_fen,
        resolution=row.resolution,
        follow_up_contact_id=row.follow_up_contact_id,
    )


def _next_number(session: Session, day: date) -> str:
    prefix = f"T{day:%Y%m%d}-"
    last = session.scalar(
        sa.select(Ticket.number)
        .where(Ticket.number.like(f"{prefix}%"))
        .order_by(sa.func.length(Ticket.number).desc(), Ticket.number.desc())
        .limit(1)
    )
    return f"{prefix}{1 + int(last.removeprefix(prefix)) if last else 1:04}"


def _overdue(now: datetime) -> sa.ColumnElement[bool]:
    settled = [status for status in TicketStatus if status.is_settled]
    proposing = (TicketStatus.OPEN, TicketStatus.ACKNOWLEDGED, TicketStatus.DECLINED)
    return sa.and_(
        Ticket.status.not_in(settled),
        sa.or_(
            Ticket.resolve_by <= now,
            Ticket.callback_by <= now,
            sa.and_(Ticket.status == TicketStatus.OPEN, Ticket.respond_by <= now),
            sa.and_(Ticket.status.in_(proposing), Ticket.propose_by <= now),
        ),
    )


def _no_ticket(number: str) -> StoreError:
    return StoreError(f"There is no ticket {number}; `menling tickets list` names them")
