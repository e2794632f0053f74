"""The questions about candidates, written once for each kind of store.

An engine asks them several times a second; to write them takes longer than to answer them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from store.event_models import ParcelEvent
from store.many import among, not_among
from store.models import Attempt, Contact, Delivery, OutcomeRecord, Recipient, Suppression
from store.ticket_models import Ticket
from store.types import AttemptStatus, ContactStatus, Disposition, TicketStatus

Question = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Statements:
    """The questions; what they ask for in parameters stands at each."""

    levels: Question
    """campaign, below: the highest priorities of those never called, and of those put off."""
    put_off: Question
    """campaign, taken, at_most, priority, now: whose time has come."""
    fresh: Question
    """campaign, taken, at_most, priority: who was never called."""
    one: Question
    """contact: one of them, whatever its status."""
    parcels: Question
    """contacts"""
    told: Question
    """waybills: what dispatch told of parcels."""
    past: Question
    """contacts, but: earlier attempts and what they came to."""
    dials: Question
    """phones, but, since: when numbers were dialled, and what rings them."""
    unwanted: Question
    """phones: for which merchants they are not called."""
    troubled: Question
    """phones: those with a ticket that is not settled."""


@cache
def statements(dialect: str) -> Statements:
    """Return the questions in the terms of one kind of store."""
    contact = sa.select(
        Contact.id,
        Contact.phone,
        Contact.extension,
        Contact.language,
        Contact.time_zone,
        Contact.region,
        Contact.product_line,
        Contact.merchant,
        Contact.script,
        Contact.next_script,
        Contact.next_call_at,
        Contact.useful_until,
        Recipient.name,
    ).join(Recipient, Recipient.id == Contact.recipient_id)
    waiting = (
        Contact.campaign_id == sa.bindparam("campaign"),
        Contact.status == ContactStatus.WAITING,
    )
    in_turn = (
        contact.where(*waiting, not_among(dialect, Contact.id, "taken"))
        .limit(sa.bindparam("at_most"))
        .with_for_update(skip_locked=True, of=Contact)
    )
    highest = sa.select(sa.func.max(Contact.priority)).where(
        *waiting, Contact.priority < sa.bindparam("below")
    )
    return Statements(
        levels=sa.select(
            highest.where(Contact.next_call_at.is_(None)).scalar_subquery(),
            highest.where(Contact.next_call_at.is_not(None)).scalar_subquery(),
        ),
        put_off=in_turn.where(
            Contact.priority == sa.bindparam("priority"),
            Contact.next_call_at <= sa.bindparam("now"),
        ).order_by(Contact.next_call_at, Contact.id),
        # A range of one priority, and ordered by it: PostgreSQL would take the primary key for the
        # order otherwise, and go through all that were called already.
        fresh=in_turn.where(
            Contact.next_call_at.is_(None),
            Contact.priority >= sa.bindparam("priority"),
            Contact.priority <= sa.bindparam("priority"),
        ).order_by(Contact.priority, Contact.id),
        one=contact.where(Contact.id == sa.bindparam("contact")),
        **_facts(dialect),
    )


def _facts(dialect: str) -> dict[str, Question]:
    return {
        "parcels": sa.select(
            Delivery.contact_id,
            Delivery.id,
            Delivery.waybill,
            Delivery.address,
            Delivery.window_start,
            Delivery.window_end,
            Delivery.item,
            Delivery.merchant,
            Delivery.cod_fen,
            Delivery.remarks,
            Delivery.facts,
        )
        .where(among(dialect, Delivery.contact_id, "contacts"))
        .order_by(Delivery.id),
        "told": sa.select(ParcelEvent.waybill, ParcelEvent.status).where(
            among(dialect, ParcelEvent.waybill, "waybills")
        ),
        "past": sa.select(
            Attempt.contact_id,
            Attempt.number,
            OutcomeRecord.disposition,
            OutcomeRecord.outcome,
            OutcomeRecord.at,
            OutcomeRecord.call_again_at,
            OutcomeRecord.final,
            OutcomeRecord.needs_person,
        )
        .outerjoin(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
        .where(among(dialect, Attempt.contact_id, "contacts"), Attempt.id != sa.bindparam("but"))
        .order_by(Attempt.contact_id, Attempt.number),
        "dials": sa.select(Attempt.phone, Attempt.dialed_at, Attempt.status)
        .outerjoin(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
        .where(
            among(dialect, Attempt.phone, "phones"),
            Attempt.id != sa.bindparam("but"),
            sa.or_(
                Attempt.dialed_at > sa.bindparam("since"),
                Attempt.status != AttemptStatus.SETTLED,
            ),
            # What our own trunk lost rang nobody.
            OutcomeRecord.disposition.is_distinct_from(Disposition.TRUNK_FAILURE),
        )
        .order_by(Attempt.dialed_at),
        "unwanted": sa.select(Suppression.phone, Suppression.merchant).where(
            among(dialect, Suppression.phone, "phones")
        ),
        "troubled": sa.select(Contact.phone)
        .join(Ticket, Ticket.contact_id == Contact.id)
        .where(
            among(dialect, Contact.phone, "phones"),
            Ticket.status.not_in([each for each in TicketStatus if each.is_settled]),
        )
        .distinct(),
    }
