"""Everything that is kept of one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.call_queries import CallLine, call_line
from store.desk_queries import flags_of, transfers_of, visits_of
from store.desk_values import FlagRecord, TransferFacts, VisitRecord
from store.errors import StoreError
from store.models import Attempt, Campaign
from store.reading import delivery_facts, latest_outcome, turn_record
from store.ticket_models import Ticket
from store.types import AttemptStatus
from store.values import DeliveryFacts, LatestOutcome, TurnRecord


@dataclass(frozen=True, slots=True)
class CallRecord:
    """Everything that is kept of one call."""

    line: CallLine
    extension: str
    language: str
    status: AttemptStatus
    deliveries: tuple[DeliveryFacts, ...]
    turns: tuple[TurnRecord, ...]
    latest: LatestOutcome | None
    """What the call came to; None: it is not settled yet."""
    ring_seconds: float
    cause: str
    sip_status: int
    announcement: str
    machine: str
    flow_version: str
    recording: str
    """Path of the stereo WAV as the worker wrote it; empty when there is none."""
    error: str
    media: Mapping[str, Any]
    tickets: tuple[str, ...]
    """Numbers of the tickets that it opened."""
    other_calls: tuple[int, ...]
    """The other diallings of the same contact, oldest first."""
    flags: tuple[FlagRecord, ...]
    """Why it deserved a person's eye, the most urgent first."""
    visits: tuple[VisitRecord, ...]
    """Who of us was in it."""
    transfers: tuple[TransferFacts, ...]
    """When the customer waited for a person, and what came of it."""


def call_record(session: Session, attempt_id: int) -> CallRecord:
    """Return all of one call. Raises StoreError when nothing was dialled under this number."""
    row = session.get(Attempt, attempt_id)
    if row is None or row.dialed_at is None:
        raise StoreError(f"There is no call {attempt_id}; the list of calls has those there are")
    contact = row.contact
    campaign = session.get_one(Campaign, contact.campaign_id)
    waybills = tuple(each.waybill for each in contact.deliveries)
    return CallRecord(
        line=call_line(row, contact, campaign.name, contact.recipient.name, waybills, row.outcome),
        extension=contact.extension,
        language=contact.language,
        status=row.status,
        deliveries=tuple(map(delivery_facts, contact.deliveries)),
        turns=tuple(map(turn_record, row.turns)),
        latest=None if row.outcome is None else latest_outcome(row.outcome),
        ring_seconds=row.ring_seconds,
        cause=row.cause,
        sip_status=row.sip_status,
        announcement=row.announcement,
        machine=row.machine,
        flow_version=row.flow_version,
        recording=row.recording,
        error=row.error,
        media=MappingProxyType(dict(row.media)),
        tickets=tuple(
            session.scalars(
                sa.select(Ticket.number)
                .where(Ticket.contact_id == contact.id, Ticket.attempt_id == row.id)
                .order_by(Ticket.id)
            )
        ),
        other_calls=tuple(
            each.id for each in contact.attempts if each.id != row.id and each.dialed_at is not None
        ),
        flags=flags_of(session, attempt_id),
        visits=visits_of(session, attempt_id),
        transfers=transfers_of(session, attempt_id),
    )


def recording_of(session: Session, attempt_id: int) -> str:
    """Return where a call's recording was written; empty when there is none.

    Raises StoreError when there is no such call.
    """
    found = session.scalar(sa.select(Attempt.recording).where(Attempt.id == attempt_id))
    if found is None:
        raise StoreError(f"There is no call {attempt_id}; the list of calls has those there are")
    return found
