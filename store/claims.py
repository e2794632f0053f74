"""From waiting contact to settled attempt: every step that must not happen twice.

    claim_next -> mark_dialing -> settle
          \\-> release            (certainly not dialled)

All functions work in the caller's transaction (`Database.transaction`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from store.errors import StaleClaimError, StoreError
from store.models import Attempt, Campaign, Contact, OutcomeRecord, Suppression
from store.outcomes import record_outcome, turn_rows
from store.reading import campaign_facts, delivery_facts, past_attempt
from store.suppression import is_suppressed
from store.ticket_queries import phones_with_trouble
from store.types import AttemptStatus, CampaignStatus, ContactStatus
from store.values import ClaimedCall, Settlement


def claim_next(
    session: Session,
    campaign_id: int,
    now: datetime,
    *,
    claimed_by: str,
    time_zones: Collection[str] | None = None,
    languages: Collection[str] | None = None,
    sparing: Collection[str] = (),
) -> ClaimedCall | None:
    """Claim the contact to be dialled next, or return None when nobody may be dialled now.

    Claimed are contacts of a running campaign whose time has come, which are still of use, not
    suppressed, in one of `time_zones` (None: any), speak one of `languages` (None: any), and whose
    number no open attempt rings. Flows in `sparing` don't ring people with an unsettled ticket.
    Two engines never get the same one: SQLite lets one writer in at a time, PostgreSQL skips what
    the other has locked, and the schema refuses what is left.
    """
    taken: list[int] = []
    laws = _claimable(campaign_id, now)
    if time_zones is not None:
        laws.append(Contact.time_zone.in_(time_zones))
    if languages is not None:
        laws.append(Contact.language.in_(languages))
    if sparing and _flow_of(session, campaign_id) in sparing:
        laws.append(Contact.phone.not_in(phones_with_trouble()))
    while True:
        contact = _next(session, [*laws, Contact.id.not_in(taken)], now)
        if contact is None:
            return None
        number = 1 + (
            session.scalar(
                sa.select(sa.func.max(Attempt.number)).where(Attempt.contact_id == contact.id)
            )
            or 0
        )
        attempt = Attempt(
            contact_id=contact.id,
            number=number,
            phone=contact.phone,
            status=AttemptStatus.CLAIMED,
            claimed_by=claimed_by,
            claimed_at=now,
        )
        try:
            with session.begin_nested():
                session.add(attempt)
        except exc.IntegrityError:
            # Another engine claimed another contact with the same number a moment ago.
            taken.append(contact.id)
            continue
        contact.status = ContactStatus.IN_CALL
        session.flush()
        return _claimed(session, contact, attempt)


def mark_dialing(session: Session, attempt_id: int, now: datetime) -> None:
    """Note that the telephone may ring from now on; commit this before the INVITE is sent.

    Raises StaleClaimError when the attempt is not a claim any more, when its number was
    suppressed since, or when its campaign was paused or cancelled: don't dial then.
    """
    attempt = _locked(session, attempt_id)
    if attempt.status is not AttemptStatus.CLAIMED:
        raise StaleClaimError(f"Attempt {attempt_id} is {attempt.status.value}; don't dial it")
    if is_suppressed(session, attempt.phone):
        raise StaleClaimError(f"The number of attempt {attempt_id} was suppressed; don't dial it")
    campaign = session.get_one(Campaign, session.get_one(Contact, attempt.contact_id).campaign_id)
    if campaign.status is not CampaignStatus.RUNNING:
        raise StaleClaimError(
            f"Campaign {campaign.name} is {campaign.status.value}; don't dial attempt {attempt_id}"
        )
    attempt.status = AttemptStatus.DIALING
    attempt.dialed_at = now
    session.flush()


def release(session: Session, attempt_id: int) -> None:
    """Give up a claim that was certainly not dialled; the contact waits as before.

    Raises StaleClaimError when the attempt was marked as dialling or settled.
    """
    attempt = _locked(session, attempt_id)
    if attempt.status is not AttemptStatus.CLAIMED:
        raise StaleClaimError(f"Attempt {attempt_id} is {attempt.status.value}; settle it instead")
    session.get_one(Contact, attempt.contact_id).status = ContactStatus.WAITING
    session.delete(attempt)
    session.flush()


def settle(
    session: Session,
    attempt_id: int,
    settlement: Settlement,
    *,
    then: ContactStatus,
    next_call_at: datetime | None = None,
) -> int:
    """Close an attempt with all that is known of it and queue its write-backs; return the outcome.

    `then` is what becomes of the contact: WAITING (until `next_call_at`), DONE, CLOSED or
    NEEDS_RECONCILIATION. Raises StaleClaimError when the attempt is settled already.
    """
    if then is ContactStatus.IN_CALL:
        raise StoreError("A settled contact can't be in a call; pass waiting, done or closed")
    attempt = _locked(session, attempt_id)
    if attempt.status is AttemptStatus.SETTLED:
        raise StaleClaimError(f"Attempt {attempt_id} is settled already; its outcome stays")
    attempt.status = AttemptStatus.SETTLED
    attempt.settled_at = settlement.at
    attempt.cause = settlement.cause
    attempt.sip_status = settlement.sip_status
    attempt.answered = settlement.answered
    attempt.ring_seconds = settlement.ring_seconds
    attempt.talk_seconds = settlement.talk_seconds
    attempt.announcement = settlement.announcement
    attempt.machine = settlement.machine
    attempt.flow_version = settlement.flow_version
    attempt.recording = settlement.recording
    attempt.error = settlement.error
    attempt.media = dict(settlement.media)
    session.add_all(turn_rows(attempt_id, settlement.turns))
    contact = session.get_one(Contact, attempt.contact_id)
    contact.status = then
    contact.next_call_at = next_call_at
    return record_outcome(
        session,
        contact,
        attempt_id,
        (settlement.disposition, settlement.outcome),
        settlement.at,
        then is not ContactStatus.WAITING,
        settlement.settled,
    )


def _claimable(campaign_id: int, now: datetime) -> list[sa.ColumnElement[bool]]:
    open_attempt = sa.select(Attempt.id).where(
        Attempt.phone == Contact.phone, Attempt.status != AttemptStatus.SETTLED
    )
    suppressed = sa.select(Suppression.id).where(Suppression.phone == Contact.phone)
    running = sa.select(Campaign.id).where(
        Campaign.id == campaign_id, Campaign.status == CampaignStatus.RUNNING
    )
    return [
        Contact.campaign_id == campaign_id,
        Contact.status == ContactStatus.WAITING,
        sa.or_(Contact.useful_until.is_(None), Contact.useful_until > now),
        running.exists(),
        ~open_attempt.exists(),
        ~suppressed.exists(),
    ]


def _next(
    session: Session, laws: Sequence[sa.ColumnElement[bool]], now: datetime
) -> Contact | None:
    """Return who comes next: the highest priority, then whose time has come, then the first.

    Those whose time was set and the others are asked for apart, so that an index brings each in
    its order: a million who wait are never sorted.
    """
    asked = sa.select(Contact).where(*laws).limit(1)
    asked = asked.with_for_update(skip_locked=True, of=Contact)
    due = session.scalar(
        asked.where(Contact.next_call_at <= now).order_by(
            Contact.priority.desc(), Contact.next_call_at, Contact.id
        )
    )
    never_called = Contact.next_call_at.is_(None)
    highest = session.scalar(
        sa.select(Contact.priority)
        .where(*laws, never_called)
        .order_by(Contact.priority.desc())
        .limit(1)
    )
    if highest is None or (due is not None and due.priority >= highest):
        return due
    fresh = asked.where(never_called, Contact.priority == highest).order_by(Contact.id)
    return session.scalar(fresh) or due


def _flow_of(session: Session, campaign_id: int) -> str | None:
    return session.scalar(sa.select(Campaign.flow).where(Campaign.id == campaign_id))


def _claimed(session: Session, contact: Contact, attempt: Attempt) -> ClaimedCall:
    past = session.execute(
        sa.select(OutcomeRecord, Attempt.number)
        .join(Attempt, Attempt.id == OutcomeRecord.attempt_id)
        .where(OutcomeRecord.contact_id == contact.id)
        .order_by(Attempt.number)
    )
    return ClaimedCall(
        attempt_id=attempt.id,
        number=attempt.number,
        contact_id=contact.id,
        campaign=campaign_facts(session.get_one(Campaign, contact.campaign_id)),
        recipient=contact.recipient.name,
        phone=contact.phone,
        extension=contact.extension,
        language=contact.language,
        time_zone=contact.time_zone,
        useful_until=contact.useful_until,
        deliveries=tuple(delivery_facts(row) for row in contact.deliveries),
        history=tuple(past_attempt(row, number) for row, number in past),
    )


def _locked(session: Session, attempt_id: int) -> Attempt:
    attempt = session.scalar(
        sa.select(Attempt)
        .where(Attempt.id == attempt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if attempt is None:
        raise StaleClaimError(f"There is no attempt {attempt_id}; its claim was given up")
    return attempt
