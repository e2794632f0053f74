"""Reads of the outbox: lists for people, outcomes to be told, conflicts to be settled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.errors import StoreError
from store.message_models import Message
from store.message_rows import outgoing
from store.message_types import MessageKind, MessageStatus
from store.message_values import (
    Conflict,
    MessageCount,
    MessageLine,
    OutcomeTold,
    ParcelTold,
)
from store.messages import is_pending
from store.models import Attempt, Campaign, Contact, Delivery, OutcomeRecord, Recipient
from store.reading import latest_outcome


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages are wanted; what is empty is not asked for."""

    statuses: Collection[MessageStatus] = ()
    kinds: Collection[MessageKind] = ()
    event: str = ""
    target: str = ""
    contact_id: int | None = None
    limit: int = 100


def message_lines(session: Session, wanted: MessageFilter) -> tuple[MessageLine, ...]:
    """Return messages, the newest first."""
    query = sa.select(Message).order_by(Message.id.desc()).limit(wanted.limit)
    if wanted.statuses:
        query = query.where(Message.status.in_(wanted.statuses))
    if wanted.kinds:
        query = query.where(Message.kind.in_(wanted.kinds))
    if wanted.event:
        query = query.where(Message.event == wanted.event)
    if wanted.target:
        query = query.where(Message.target == wanted.target)
    if wanted.contact_id is not None:
        query = query.where(Message.contact_id == wanted.contact_id)
    return tuple(map(_line, session.scalars(query)))


def message_line(session: Session, message_id: int) -> MessageLine:
    """Return one message. Raises StoreError when there is none."""
    row = session.get(Message, message_id)
    if row is None:
        raise StoreError(f"There is no message {message_id}; see `menling messages list`")
    return _line(row)


def message_counts(session: Session, campaign_id: int | None = None) -> tuple[MessageCount, ...]:
    """Count all messages, or those of a campaign, by what they are and what became of them."""
    sort = (Message.kind, Message.status, Message.why)
    query = sa.select(*sort, sa.func.count()).group_by(*sort).order_by(*sort)
    if campaign_id is not None:
        query = query.join(Contact, Contact.id == Message.contact_id).where(
            Contact.campaign_id == campaign_id
        )
    rows = session.execute(query)
    return tuple(MessageCount(kind, status, why, count) for kind, status, why, count in rows)


def targets_pending(session: Session) -> Mapping[str, int]:
    """Count what waits, by target; some may be of targets that the settings know no more."""
    rows = session.execute(
        sa.select(Message.target, sa.func.count())
        .where(Message.status == MessageStatus.PENDING)
        .group_by(Message.target)
    )
    return {target: count for target, count in rows}


def anything_untold(session: Session) -> bool:
    """Say whether there is an outcome whose messages are not written yet."""
    return (
        session.scalar(sa.select(OutcomeRecord.id).where(~OutcomeRecord.told).limit(1)) is not None
    )


def anything_due(session: Session, target: str, now: datetime) -> bool:
    """Say whether a message of a target may be sent now."""
    due = sa.select(Message.id).where(
        is_pending(),
        Message.target == target,
        Message.next_try_at <= now,
        sa.or_(Message.lease_until.is_(None), Message.lease_until <= now),
    )
    return session.scalar(due.limit(1)) is not None


def untold_outcomes(session: Session, at_most: int) -> tuple[OutcomeTold, ...]:
    """Return outcomes whose messages are not written yet, oldest first, and keep them for us.

    Whoever calls this writes the messages and calls `mark_told` in the same transaction.
    """
    rows = session.execute(
        sa.select(OutcomeRecord, Contact, Recipient, Campaign)
        .join(Contact, Contact.id == OutcomeRecord.contact_id)
        .join(Recipient, Recipient.id == Contact.recipient_id)
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .where(~OutcomeRecord.told)
        .order_by(OutcomeRecord.id)
        .limit(at_most)
        .with_for_update(skip_locked=True, of=OutcomeRecord)
    ).all()
    return _told(session, rows)


def outcome_told(session: Session, outcome_id: int) -> OutcomeTold:
    """Return an outcome as it stands now. Raises StoreError when there is none."""
    rows = session.execute(
        sa.select(OutcomeRecord, Contact, Recipient, Campaign)
        .join(Contact, Contact.id == OutcomeRecord.contact_id)
        .join(Recipient, Recipient.id == Contact.recipient_id)
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .where(OutcomeRecord.id == outcome_id)
    ).all()
    if not rows:
        raise StoreError(f"There is no outcome {outcome_id}")
    return _told(session, rows)[0]


def mark_told(session: Session, outcomes: Collection[int]) -> None:
    """Note that the messages of these outcomes are in the outbox."""
    session.execute(
        sa.update(OutcomeRecord).where(OutcomeRecord.id.in_(outcomes)).values(told=True)
    )


def earlier_bodies(
    session: Session, outcomes: Collection[int]
) -> Mapping[tuple[int, str], tuple[str, ...]]:
    """Return what targets were told, or are to be told, of outcomes, by both, oldest first."""
    found: dict[tuple[int, str], tuple[str, ...]] = {}
    rows = session.execute(
        sa.select(Message.outcome_id, Message.target, Message.body)
        .where(Message.outcome_id.in_(outcomes))
        .order_by(Message.id)
    )
    for outcome, target, body in rows:
        if outcome is None:
            continue
        found[outcome, target] = (*found.get((outcome, target), ()), body)
    return found


def open_conflicts(session: Session, at_most: int = 100) -> tuple[Conflict, ...]:
    """Return what receivers objected and nobody has acted on, oldest first, and keep it for us."""
    rows = session.scalars(
        sa.select(Message)
        .where(Message.conflict_open)
        .order_by(Message.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    return tuple(Conflict(row.id, row.outcome_id, row.contact_id, row.conflict) for row in rows)


def settle_conflict(session: Session, message_id: int) -> None:
    """Note that somebody acted on what a receiver objected."""
    session.execute(sa.update(Message).where(Message.id == message_id).values(conflict_open=False))


def _told(
    session: Session, rows: Collection[sa.Row[OutcomeRecord, Contact, Recipient, Campaign]]
) -> tuple[OutcomeTold, ...]:
    contacts = {contact.id for _, contact, _, _ in rows}
    parcels: dict[int, list[ParcelTold]] = {}
    for parcel in session.scalars(
        sa.select(Delivery).where(Delivery.contact_id.in_(contacts)).order_by(Delivery.id)
    ):
        parcels.setdefault(parcel.contact_id, []).append(
            ParcelTold(parcel.waybill, parcel.merchant, parcel.window_start, parcel.window_end)
        )
    wanted = {record.attempt_id for record, *_ in rows if record.attempt_id is not None}
    attempts = {
        row.id: row for row in session.scalars(sa.select(Attempt).where(Attempt.id.in_(wanted)))
    }
    return tuple(
        _one_told(record, contact, recipient, campaign, attempts, parcels.get(contact.id, []))
        for record, contact, recipient, campaign in rows
    )


def _one_told(
    record: OutcomeRecord,
    contact: Contact,
    recipient: Recipient,
    campaign: Campaign,
    attempts: Mapping[int, Attempt],
    parcels: list[ParcelTold],
) -> OutcomeTold:
    attempt = None if record.attempt_id is None else attempts.get(record.attempt_id)
    return OutcomeTold(
        id=record.id,
        campaign_id=campaign.id,
        campaign=campaign.name,
        flow=campaign.flow,
        company=campaign.company,
        callback_number=campaign.callback_number,
        contact_id=contact.id,
        recipient=recipient.name,
        phone=contact.phone,
        extension=contact.extension,
        email=recipient.email,
        merchant=contact.merchant,
        language=contact.language,
        time_zone=contact.time_zone,
        useful_until=contact.useful_until,
        attempt_id=record.attempt_id,
        attempt_number=0 if attempt is None else attempt.number,
        answered=attempt is not None and attempt.answered,
        disposition=record.disposition,
        outcome=record.outcome,
        at=record.at,
        final=record.final,
        settled=latest_outcome(record).settled,
        parcels=tuple(parcels),
    )


def _line(row: Message) -> MessageLine:
    return MessageLine(
        id=row.id,
        message=outgoing(row),
        status=row.status,
        why=row.why,
        tries=row.tries,
        created_at=row.created_at,
        next_try_at=row.next_try_at,
        last_error=row.last_error,
        sent_at=row.sent_at,
        provider_id=row.provider_id,
        delivery=row.delivery,
        delivered_at=row.delivered_at,
        conflict=row.conflict,
    )
