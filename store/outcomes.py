"""Writing down what became of a contact, and queueing it for dispatch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.models import Contact, Delivery, OutcomeRecord, Turn, WriteBack
from store.types import Disposition, Outcome
from store.values import Settled, TurnRecord


def record_outcome(
    session: Session,
    contact: Contact,
    attempt_id: int | None,
    words: tuple[Disposition, Outcome],
    at: datetime,
    final: bool,
    settled: Settled,
) -> int:
    """Keep an outcome and put one write-back per parcel into the outbox; return the outcome's id.

    `attempt_id` is None when nobody dialled.
    """
    disposition, outcome = words
    record = OutcomeRecord(
        contact_id=contact.id,
        attempt_id=attempt_id,
        disposition=disposition,
        outcome=outcome,
        at=at,
        final=final,
        new_window_start=settled.new_window_start,
        new_window_end=settled.new_window_end,
        new_address=settled.new_address,
        hand_over=settled.hand_over,
        consent_choice=settled.consent_choice,
        consent_words=settled.consent_words,
        consent_at_seconds=settled.consent_at_seconds,
        needs_person=settled.needs_person,
        call_again_at=settled.call_again_at,
        notes=dict(settled.notes),
        answers=dict(settled.answers),
    )
    session.add(record)
    session.flush()
    parcels = sa.select(Delivery.id, Delivery.waybill).where(Delivery.contact_id == contact.id)
    session.add_all(
        WriteBack(
            outcome_id=record.id,
            delivery_id=delivery_id,
            idempotency_key=f"{contact.campaign_id}:{waybill}:{record.id}",
            created_at=at,
        )
        for delivery_id, waybill in session.execute(parcels)
    )
    session.flush()
    return record.id


def tell_again(session: Session, record: OutcomeRecord, contact: Contact, now: datetime) -> None:
    """Put an outcome that was corrected into the outbox once more, under a key of its own."""
    record.told = False
    parcels = session.execute(
        sa.select(Delivery.id, Delivery.waybill).where(Delivery.contact_id == contact.id)
    ).all()
    told = Counter(
        session.scalars(sa.select(WriteBack.delivery_id).where(WriteBack.outcome_id == record.id))
    )
    session.add_all(
        WriteBack(
            outcome_id=record.id,
            delivery_id=delivery_id,
            idempotency_key=f"{contact.campaign_id}:{waybill}:{record.id}:r{1 + told[delivery_id]}",
            created_at=now,
        )
        for delivery_id, waybill in parcels
    )
    session.flush()


def turn_rows(attempt_id: int, turns: Iterable[TurnRecord]) -> list[Turn]:
    """Return the rows that keep what was said in an attempt, in its order."""
    return [
        Turn(
            attempt_id=attempt_id,
            position=position,
            speaker=turn.speaker,
            text=turn.text,
            began_seconds=turn.began_seconds,
            ended_seconds=turn.ended_seconds,
            prompt=turn.prompt,
            intent=turn.intent,
            confidence=turn.confidence,
            key=turn.key,
            interrupted=turn.interrupted,
            latency_seconds=turn.latency_seconds,
        )
        for position, turn in enumerate(turns)
    ]


def is_wrong_number(session: Session, recipient_id: int) -> bool:
    """Say whether somebody else answered at the number of a recipient, in any campaign."""
    told = (
        sa.select(OutcomeRecord.id)
        .join(Contact, Contact.id == OutcomeRecord.contact_id)
        .where(Contact.recipient_id == recipient_id, OutcomeRecord.outcome == Outcome.WRONG_NUMBER)
    )
    return session.scalar(told.limit(1)) is not None
