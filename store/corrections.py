"""What became of an attempt after all, once its fate had been unknown."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.errors import StaleClaimError
from store.models import Attempt, Campaign, Contact, OutcomeRecord
from store.outcomes import tell_again, turn_rows
from store.reconciliation_models import Evidence
from store.reconciliations import Resolution, resolve, unknown_fate
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import ClaimedCall, Settlement


def settle_late(
    session: Session,
    attempt_id: int,
    settlement: Settlement,
    *,
    then: ContactStatus,
    next_call_at: datetime | None = None,
    held: tuple[str, int] | None = None,
) -> int:
    """Take the report of an attempt that was taken over meanwhile; return the outcome.

    It tells the fate of the attempt, unless it knows no more than we do. Raises StaleClaimError
    when the fate was told before, or was never asked for: what was written then stays, and the
    report is kept as evidence beside it.
    """
    attempt = session.get(Attempt, attempt_id, populate_existing=True)
    # A number of an attempt that was given up may have been given to another one.
    if attempt is None or (held is not None and attempt.claimed_by != held[0]):
        raise StaleClaimError(f"There is no attempt {attempt_id} of ours any more")
    told = f"{settlement.disposition.value}, {settlement.outcome.value}"
    resolution = Resolution(Evidence.LATE_REPORT, settlement.at, evidence=told)
    return correct(
        session, attempt_id, settlement, resolution, then=then, next_call_at=next_call_at
    )


def keep_late_report(
    session: Session, call: ClaimedCall, told: tuple[Disposition, Outcome], now: datetime
) -> None:
    """Keep what a report said that came when the fate of its attempt was known already."""
    attempt = session.get(Attempt, call.attempt_id)
    if attempt is not None and attempt.contact_id == call.contact_id:
        words = ", ".join(each.value for each in told)
        resolve(session, call.attempt_id, Resolution(Evidence.LATE_REPORT, now, evidence=words))


def correct(
    session: Session,
    attempt_id: int,
    settlement: Settlement,
    resolution: Resolution,
    *,
    then: ContactStatus,
    next_call_at: datetime | None = None,
) -> int:
    """Write what became of an attempt whose fate was unknown, and tell dispatch again; return the
    outcome.

    `then` is what becomes of the contact, if it still waits for this. Raises StaleClaimError when
    the fate is not unknown (any more).
    """
    if unknown_fate(session, attempt_id) is None:
        raise StaleClaimError(f"The fate of attempt {attempt_id} is not unknown; it stays as it is")
    attempt = session.get_one(Attempt, attempt_id)
    contact = session.get_one(Contact, attempt.contact_id, with_for_update=True)
    record = session.scalars(
        sa.select(OutcomeRecord).where(OutcomeRecord.attempt_id == attempt_id).with_for_update()
    ).one()
    _rewrite_attempt(session, attempt, settlement)
    _rewrite_outcome(record, settlement, final=then is not ContactStatus.WAITING)
    if then is not ContactStatus.NEEDS_RECONCILIATION:
        resolve(session, attempt_id, resolution)
    if contact.status is ContactStatus.NEEDS_RECONCILIATION:
        # Who was forgotten meanwhile is not called any more.
        contact.status = then if contact.phone else ContactStatus.DONE
        contact.next_call_at = next_call_at if contact.phone else None
        campaign = session.get_one(Campaign, contact.campaign_id)
        if contact.status is ContactStatus.WAITING and campaign.status is CampaignStatus.FINISHED:
            campaign.status, campaign.ended_at = CampaignStatus.RUNNING, None
    session.flush()
    tell_again(session, record, contact, settlement.at)
    return record.id


def _rewrite_attempt(session: Session, attempt: Attempt, settlement: Settlement) -> None:
    attempt.cause = settlement.cause or attempt.cause
    attempt.sip_status = settlement.sip_status or attempt.sip_status
    attempt.answered = settlement.answered
    attempt.ring_seconds = settlement.ring_seconds
    attempt.talk_seconds = settlement.talk_seconds
    attempt.announcement = settlement.announcement
    attempt.machine = settlement.machine
    attempt.flow_version = settlement.flow_version or attempt.flow_version
    attempt.recording = settlement.recording or attempt.recording
    attempt.error = settlement.error
    attempt.media = dict(settlement.media)
    if settlement.turns:
        session.add_all(turn_rows(attempt.id, settlement.turns))


def _rewrite_outcome(record: OutcomeRecord, settlement: Settlement, *, final: bool) -> None:
    settled = settlement.settled
    record.disposition, record.outcome = settlement.disposition, settlement.outcome
    record.final = final
    record.new_window_start = settled.new_window_start
    record.new_window_end = settled.new_window_end
    record.new_address = settled.new_address
    record.hand_over = settled.hand_over
    record.consent_choice = settled.consent_choice
    record.consent_words = settled.consent_words
    record.consent_at_seconds = settled.consent_at_seconds
    record.needs_person = settled.needs_person
    record.call_again_at = settled.call_again_at
    record.notes = dict(settled.notes)
    record.answers = dict(settled.answers)
