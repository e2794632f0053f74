"""All that is kept of one contact, for whoever asks why it has or hasn't been called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.candidate_queries import gather, waiting_row
from store.candidates import Candidate
from store.errors import StoreError
from store.event_models import ParcelEvent
from store.message_models import Message
from store.message_types import DeliveryState, MessageKind, MessageStatus
from store.models import Attempt, Contact, Delivery, OutcomeRecord
from store.queries import campaign
from store.reconciliation_models import Evidence, Reconciliation
from store.types import ContactStatus, Disposition, Outcome
from store.values import CampaignFacts


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """What dispatch told of a parcel."""

    waybill: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """What went out beside calls."""

    kind: MessageKind
    event: str
    target: str
    status: MessageStatus
    delivery: DeliveryState
    """What the provider told after it took it."""
    at: datetime
    """When it went out, or else was written."""


@dataclass(frozen=True, slots=True)
class KeptFate:
    """An attempt of which no report came in time."""

    attempt_id: int
    number: int
    """Which attempt of the contact it is, from 1."""
    why: str
    how: Evidence | None
    """What told its fate; None: nobody knows it yet."""
    at: datetime
    """When it was told, or else asked."""


@dataclass(frozen=True, slots=True)
class KeptContact:
    """One contact."""

    campaign: CampaignFacts
    candidate: Candidate
    """As a claim would see it now."""
    waybills: tuple[str, ...]
    script: str
    next_script: str
    held: str
    priority: int
    closed_as: tuple[Disposition, Outcome] | None
    """Without a call; None: it was called, or nothing was written yet."""
    events: tuple[KeptEvent, ...]
    messages: tuple[KeptMessage, ...]
    fates: tuple[KeptFate, ...]


def contacts_named(
    session: Session, said: str, phone: str, campaign_id: int | None = None
) -> tuple[int, ...]:
    """Return the contacts with this id, waybill or E.164 number, the newest first."""
    query = sa.select(Contact.id).order_by(Contact.id.desc()).limit(20)
    if campaign_id is not None:
        query = query.where(Contact.campaign_id == campaign_id)
    if said.isdecimal() and len(said) < 10:
        by_id = session.scalars(query.where(Contact.id == int(said))).all()
        if by_id:
            return tuple(by_id)
    by_waybill = sa.select(Delivery.contact_id).where(Delivery.waybill == said)
    found = session.scalars(query.where(Contact.id.in_(by_waybill))).all()
    if not found and phone:
        found = session.scalars(query.where(Contact.phone == phone)).all()
    return tuple(found)


def kept_contact(session: Session, contact_id: int, now: datetime) -> KeptContact:
    """Return all that is kept of a contact. Raises StoreError when there is none."""
    row = session.get(Contact, contact_id)
    waiting = waiting_row(session, contact_id)
    if row is None or waiting is None:
        raise StoreError(f"There is no contact {contact_id}; `menling report` lists them")
    facts = campaign(session, row.campaign_id)
    (found,) = gather(session, row.campaign_id, facts.flow, [waiting], now)
    waybills = tuple(each.waybill for each in row.deliveries)
    newest = session.scalar(
        sa.select(OutcomeRecord)
        .where(OutcomeRecord.contact_id == contact_id)
        .order_by(OutcomeRecord.id.desc())
        .limit(1)
    )
    without_call = newest is not None and newest.attempt_id is None
    return KeptContact(
        campaign=facts,
        candidate=found.candidate,
        waybills=waybills,
        script=row.script,
        next_script=row.next_script,
        held=row.held,
        priority=row.priority,
        closed_as=(newest.disposition, newest.outcome) if newest and without_call else None,
        events=_events(session, waybills),
        messages=_messages(session, contact_id),
        fates=_fates(session, contact_id),
    )


def waiting_before(session: Session, contact: KeptContact) -> int:
    """Return how many waiting contacts of its campaign come before it by priority."""
    asked = sa.select(sa.func.count(Contact.id)).where(
        Contact.campaign_id == contact.campaign.id,
        Contact.status == ContactStatus.WAITING,
        Contact.priority > contact.priority,
    )
    return session.scalar(asked) or 0


def counts_held(session: Session, campaign_id: int) -> Mapping[str, int]:
    """Return how many waiting contacts of a campaign are held, by why."""
    asked = (
        sa.select(Contact.held, sa.func.count(Contact.id))
        .where(
            Contact.campaign_id == campaign_id,
            Contact.status == ContactStatus.WAITING,
            Contact.held != "",
        )
        .group_by(Contact.held)
    )
    return {word: count for word, count in session.execute(asked)}


def _events(session: Session, waybills: tuple[str, ...]) -> tuple[KeptEvent, ...]:
    rows = session.scalars(
        sa.select(ParcelEvent).where(ParcelEvent.waybill.in_(waybills)).order_by(ParcelEvent.at)
    )
    return tuple(KeptEvent(each.waybill, each.status, each.at) for each in rows)


def _messages(session: Session, contact_id: int) -> tuple[KeptMessage, ...]:
    rows = session.scalars(
        sa.select(Message).where(Message.contact_id == contact_id).order_by(Message.id)
    )
    return tuple(
        KeptMessage(
            each.kind, each.event, each.target, each.status, each.delivery,
            each.sent_at or each.created_at,
        )
        for each in rows
    )  # fmt: skip


def _fates(session: Session, contact_id: int) -> tuple[KeptFate, ...]:
    rows = session.execute(
        sa.select(Attempt.id, Attempt.number, Reconciliation)
        .join(Reconciliation, Reconciliation.attempt_id == Attempt.id)
        .where(Attempt.contact_id == contact_id)
        .order_by(Attempt.id)
    )
    return tuple(
        KeptFate(attempt_id, number, asked.why, asked.how, asked.resolved_at or asked.asked_at)
        for attempt_id, number, asked in rows
    )
