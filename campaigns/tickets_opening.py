"""Opening tickets: one for each kind of trouble with a parcel, however often it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from campaigns.tickets_clock import deadlines, escalates_at
from campaigns.tickets_ledger import remark, take_up_again, write
from campaigns.tickets_rules import TicketRules
from store.ticket_models import Ticket, TicketEvent
from store.ticket_queries import add_ticket, ticket_facts, unclosed_ticket
from store.ticket_values import TicketFacts
from store.types import TicketStatus as Status
from store.types import TicketStep as Step


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody says is wrong, before it has a number."""

    kind: str
    """A kind or cause of the taxonomy; what it doesn't know becomes `other`."""
    words: str = ""
    urgent: bool = False
    callback_by: datetime | None = None
    waybill: str = ""
    delivery_id: int | None = None
    contact_id: int | None = None
    attempt_id: int | None = None
    language: str = "zh-CN"
    record: Mapping[str, str] = field(default_factory=dict)
    """5W1H, as far as it is known: who, what, when, where, why, how."""


def open_ticket(
    session: Session, rules: TicketRules, complaint: Complaint, who: str, now: datetime
) -> TicketFacts:
    """Open a ticket, or add to the one of its kind that is unclosed about the same parcel.

    What was resolved is taken up again then. The same words from the same source change nothing.
    """
    kind, cause = rules.matrix.taxonomy.sort(complaint.kind)
    if complaint.waybill:
        row = unclosed_ticket(session, complaint.waybill, kind)
        if row is not None:
            return _add_to(session, rules, row, cause, complaint, who, now)
    limits = deadlines(
        rules.matrix.row(kind, cause),
        now,
        rules.hours,
        complaint.callback_by,
        complaint.urgent,
    )
    fresh = Ticket(
        kind=kind,
        cause=cause,
        department=rules.matrix.row(kind, cause).department,
        status=Status.OPEN,
        level=0,
        urgent=complaint.urgent,
        waybill=complaint.waybill,
        delivery_id=complaint.delivery_id,
        contact_id=complaint.contact_id,
        attempt_id=complaint.attempt_id,
        language=complaint.language,
        opened_at=now,
        opened_by=who,
        respond_by=limits.respond_by,
        propose_by=limits.propose_by,
        resolve_by=limits.resolve_by,
        escalate_at=escalates_at(limits, Status.OPEN, 0, now, rules.hours),
        callback_by=complaint.callback_by,
        record=dict(complaint.record),
        words=complaint.words,
    )
    try:
        add_ticket(session, fresh, now.astimezone(rules.zone).date())
    except exc.IntegrityError:
        # Another engine opened the same one a moment ago; this is a further word on it.
        row = unclosed_ticket(session, complaint.waybill, kind)
        if row is None:
            raise
        return _add_to(session, rules, row, cause, complaint, who, now)
    write(session, fresh, Step.OPEN, None, who, now, complaint.words)
    return ticket_facts(fresh)


def _add_to(
    session: Session,
    rules: TicketRules,
    row: Ticket,
    cause: str,
    complaint: Complaint,
    who: str,
    now: datetime,
) -> TicketFacts:
    same = sa.select(TicketEvent.id).where(
        TicketEvent.ticket_id == row.id,
        TicketEvent.who == who,
        TicketEvent.note == complaint.words,
    )
    if session.scalar(same.limit(1)) is not None:
        return ticket_facts(row)
    row.cause = row.cause or cause
    row.urgent = row.urgent or complaint.urgent
    row.contact_id = row.contact_id or complaint.contact_id
    row.delivery_id = row.delivery_id or complaint.delivery_id
    row.record = dict(complaint.record) | dict(row.record)
    if complaint.words and complaint.words not in row.words:
        row.words = f"{row.words}\n{complaint.words}".strip()
    if complaint.callback_by is not None:
        row.callback_by = min(row.callback_by or complaint.callback_by, complaint.callback_by)
        if row.escalate_at is not None:
            row.escalate_at = min(row.escalate_at, row.callback_by)
    if row.status is Status.RESOLVED:
        take_up_again(session, rules, row, who, now, complaint.words)
    else:
        remark(session, row, who, now, complaint.words)
    return ticket_facts(row)
