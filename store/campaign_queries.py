"""What a running campaign asks of the store beside claims and settlements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.claims import release
from store.errors import StaleClaimError, StoreError
from store.models import Attempt, Contact, OutcomeRecord
from store.reading import past_attempt
from store.types import AttemptStatus, ContactStatus
from store.values import PastAttempt


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One dialling of a contact, for a report."""

    contact_id: int
    number: int
    status: AttemptStatus
    claimed_at: datetime
    dialed_at: datetime | None
    settled_at: datetime | None
    cause: str
    sip_status: int
    answered: bool
    ring_seconds: float
    talk_seconds: float
    error: str
    came_to: PastAttempt | None
    """None: not settled yet."""
    flow_version: str = ""
    """Id, version and digest of the flow that was held; empty when nobody answered."""
    trunk: str = ""
    caller_id: str = ""
    """The number that the recipient saw."""


@dataclass(frozen=True, slots=True)
class ContactHistory:
    """A contact and everything that was tried."""

    contact_id: int
    campaign_id: int
    recipient: str
    status: ContactStatus
    time_zone: str
    next_call_at: datetime | None
    useful_until: datetime | None
    needs_person: str
    attempts: tuple[AttemptLine, ...]
    latest: PastAttempt | None
    """The newest outcome; its number is 0 when nobody dialled."""
    held: str = ""
    """Why its turn was put off, a word of `campaigns.verdict`."""
    next_script: str = ""
    """How its next call differs."""
    phone: str = ""
    """E.164."""


def withdraw(session: Session, attempt_id: int, *, held: tuple[str, int] | None = None) -> None:
    """Take back an attempt whose order certainly never left this process.

    `held`: the engine and the fence by which it is held. Raises StaleClaimError when it is settled
    already, or not held any more.
    """
    attempt = session.get(Attempt, attempt_id, with_for_update=True)
    if attempt is None or attempt.status is AttemptStatus.SETTLED:
        raise StaleClaimError(f"Attempt {attempt_id} is not open; it can't be taken back")
    if held is not None and (attempt.claimed_by, attempt.fence) != held:
        raise StaleClaimError(f"Attempt {attempt_id} was taken over; it can't be taken back")
    attempt.status = AttemptStatus.CLAIMED
    attempt.dialed_at = None
    session.flush()
    release(session, attempt_id)


def open_contacts(session: Session, campaign_id: int) -> int:
    """Return how many contacts wait or are being called."""
    query = sa.select(sa.func.count(Contact.id)).where(
        Contact.campaign_id == campaign_id,
        Contact.status.in_((ContactStatus.WAITING, ContactStatus.IN_CALL)),
    )
    return session.scalar(query) or 0


def anybody(session: Session, campaign_id: int, statuses: Collection[ContactStatus] = ()) -> bool:
    """Say whether a campaign has a contact of one of these statuses; none given: any contact."""
    query = sa.select(Contact.id).where(Contact.campaign_id == campaign_id)
    if statuses:
        query = query.where(Contact.status.in_(statuses))
    return session.scalar(query.limit(1)) is not None


def attempt_lines(session: Session, campaign_id: int) -> tuple[AttemptLine, ...]:
    """Return every attempt of a campaign, oldest first."""
    rows = session.execute(
        sa.select(Attempt, OutcomeRecord)
        .join(Contact, Contact.id == Attempt.contact_id)
        .outerjoin(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
        .where(Contact.campaign_id == campaign_id)
        .order_by(Attempt.id)
    )
    return tuple(_line(attempt, record) for attempt, record in rows)


def contact_history(session: Session, contact_id: int) -> ContactHistory:
    """Return what is known of one contact. Raises StoreError when there is none."""
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise StoreError(f"There is no contact {contact_id}; `menling report` lists them")
    records = session.scalars(
        sa.select(OutcomeRecord)
        .where(OutcomeRecord.contact_id == contact_id)
        .order_by(OutcomeRecord.id)
    ).all()
    by_attempt = {record.attempt_id: record for record in records}
    numbers = {attempt.id: attempt.number for attempt in contact.attempts}
    newest = records[-1] if records else None
    return ContactHistory(
        contact_id=contact.id,
        campaign_id=contact.campaign_id,
        recipient=contact.recipient.name,
        status=contact.status,
        time_zone=contact.time_zone,
        next_call_at=contact.next_call_at,
        useful_until=contact.useful_until,
        needs_person="" if newest is None else newest.needs_person,
        attempts=tuple(_line(row, by_attempt.get(row.id)) for row in contact.attempts),
        latest=None
        if newest is None
        else past_attempt(newest, numbers.get(newest.attempt_id or 0, 0)),
        held=contact.held,
        next_script=contact.next_script,
        phone=contact.phone,
    )


def _line(row: Attempt, record: OutcomeRecord | None) -> AttemptLine:
    return AttemptLine(
        contact_id=row.contact_id,
        number=row.number,
        status=row.status,
        claimed_at=row.claimed_at,
        dialed_at=row.dialed_at,
        settled_at=row.settled_at,
        cause=row.cause,
        sip_status=row.sip_status,
        answered=row.answered,
        ring_seconds=row.ring_seconds,
        talk_seconds=row.talk_seconds,
        error=row.error,
        came_to=None if record is None else past_attempt(record, row.number),
        flow_version=row.flow_version,
        trunk=row.trunk,
        caller_id=row.caller_id,
    )
