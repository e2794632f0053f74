"""From waiting contact to settled attempt: every step that must not happen twice.

    claim_some -> mark_dialing -> settle
          \\-> release            (certainly not dialled)

All functions work in the caller's transaction (`Database.transaction`). Whoever holds a claim
names it by the attempt, by itself and by its fence: once somebody else took the attempt over, see
`store.leases`, the older fence counts no more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.candidate_queries import (
    Found,
    campaign_to_call,
    gather,
    next_in_turn,
    waiting_row,
)
from store.candidates import CallNow, Candidate, Judge, Never, Verdict, Wait
from store.claim_rows import open_attempts, put_off
from store.errors import StaleClaimError, StoreError
from store.models import Attempt, Campaign, Contact
from store.outcomes import record_outcome, turn_rows
from store.reconciliations import ask_what_became
from store.suppression import close
from store.types import AttemptStatus, CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import CampaignFacts, ClaimedCall, Settlement

LEASE: Final = timedelta(seconds=60)
"""So long a claim is held without a sign of life of its engine."""

LOOKED_AT: Final = 60
"""So many who may not be called now are looked at beside those who may: nobody else writes on
SQLite meanwhile. The rest comes with the next claim."""

LINE_BUSY: Final = timedelta(seconds=30)
"""A contact whose number another call rings is looked at again after that."""


class CallUnwantedError(StaleClaimError):
    """Something speaks against a call since it was claimed: it is given back by `release`."""

    def __init__(self, attempt_id: int, verdict: Wait | Never) -> None:
        why = verdict.why if isinstance(verdict, Wait) else verdict.disposition.value
        super().__init__(f"Attempt {attempt_id} is not to be dialled now ({why})")
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Binding:
    """The SIP call that an attempt becomes."""

    call_id: str = ""
    """Its Call-ID: nothing of whom it is with, and never used before."""
    trunk: str = ""
    caller_id: str = ""


UNBOUND: Final = Binding()


def claim_some(
    session: Session,
    campaign_id: int,
    now: datetime,
    judge: Judge,
    *,
    engine: str,
    lease_until: datetime,
    at_most: int,
    languages: Collection[str] | None = None,
    time_zones: Collection[str] | None = None,
) -> tuple[ClaimedCall, ...]:
    """Claim those who are to be dialled next, in their order; none when nobody may be dialled now.

    Looked at are contacts of a running campaign whose time has come, who speak one of `languages`
    and live in one of `time_zones` (None: any). `judge` decides about each: whom it lets wait is
    looked at again at that moment, and whom it never lets be called is closed.
    Two engines never get the same one: SQLite lets one writer in at a time, PostgreSQL skips what
    the other has locked, and the schema refuses what is left.
    """
    facts = campaign_to_call(session, campaign_id)
    if facts is None or facts.status is not CampaignStatus.RUNNING or at_most < 1:
        return ()
    chosen: dict[str, Found] = {}
    waits: dict[int, Wait] = {}
    left = at_most + LOOKED_AT
    while left > 0 and len(chosen) < at_most:
        rows = next_in_turn(
            session,
            campaign_id,
            now,
            min(left, at_most - len(chosen) if left == at_most + LOOKED_AT else LOOKED_AT),
            but=[*(each.row.id for each in chosen.values()), *waits],
            languages=languages,
            time_zones=time_zones,
        )
        if not rows:
            break
        left -= len(rows)
        for found in gather(session, campaign_id, facts.flow, rows, now):
            if len(chosen) == at_most:
                break
            match _judged(judge, found.candidate, now, found.row.phone in chosen):
                case CallNow():
                    chosen[found.row.phone] = found
                case Wait() as wait:
                    waits[found.row.id] = wait
                case Never(disposition=disposition, outcome=outcome):
                    close(session, found.row.id, disposition, outcome, now)
    put_off(session, waits.items())
    attempts = open_attempts(session, tuple(chosen.values()), now, engine, lease_until)
    session.expire_all()
    return tuple(
        _claimed(facts, found, attempts[found.row.id], engine)
        for found in chosen.values()
        if found.row.id in attempts
    )


def claim_next(
    session: Session, campaign_id: int, now: datetime, *, claimed_by: str
) -> ClaimedCall | None:
    """Claim one contact by the laws that the store knows itself; None: nobody may be dialled."""

    def judge(candidate: Candidate) -> Verdict:
        if "" in candidate.suppressed_for:
            return Never(Disposition.SUPPRESSED, Outcome.SUPPRESSED)
        if candidate.useful_until is not None and candidate.useful_until <= now:
            return Never(Disposition.EXPIRED, Outcome.EXPIRED)
        return CallNow()

    claimed = claim_some(
        session,
        campaign_id,
        now,
        judge,
        engine=claimed_by,
        lease_until=now + LEASE,
        at_most=1,
    )
    return claimed[0] if claimed else None


def mark_dialing(
    session: Session,
    attempt_id: int,
    now: datetime,
    *,
    judge: Judge | None = None,
    held: tuple[str, int] | None = None,
    binding: Binding = UNBOUND,
    lease_until: datetime | None = None,
) -> None:
    """Note that the telephone may ring from now on, as that SIP call; commit before the INVITE.

    `held`: the engine and the fence by which the claim is held. Raises StaleClaimError when it is
    not held any more, or when its campaign was paused or cancelled; CallUnwantedError when the
    number was suppressed, or when `judge` objects: don't dial then.
    """
    attempt = _locked(session, attempt_id, held)
    if attempt.status is not AttemptStatus.CLAIMED:
        raise StaleClaimError(f"Attempt {attempt_id} is {attempt.status.value}; don't dial it")
    row = waiting_row(session, attempt.contact_id)
    campaign = session.get_one(
        Campaign,
        session.scalars(
            sa.select(Contact.campaign_id).where(Contact.id == attempt.contact_id)
        ).one(),
        populate_existing=True,
    )
    if row is None or campaign.status is not CampaignStatus.RUNNING:
        raise StaleClaimError(
            f"Campaign {campaign.name} is {campaign.status.value}; don't dial attempt {attempt_id}"
        )
    (found,) = gather(session, campaign.id, campaign.flow, [row], now, but=attempt_id)
    if "" in found.candidate.suppressed_for:
        raise CallUnwantedError(attempt_id, Never(Disposition.SUPPRESSED, Outcome.SUPPRESSED))
    verdict = CallNow() if judge is None else _judged(judge, found.candidate, now, False)
    if not isinstance(verdict, CallNow):
        raise CallUnwantedError(attempt_id, verdict)
    attempt.status = AttemptStatus.DIALING
    attempt.dialed_at = now
    attempt.call_id, attempt.trunk = binding.call_id, binding.trunk
    attempt.caller_id = binding.caller_id
    attempt.lease_until = lease_until or attempt.lease_until
    session.flush()


def release(
    session: Session,
    attempt_id: int,
    now: datetime | None = None,
    verdict: Wait | Never | None = None,
    *,
    held: tuple[str, int] | None = None,
) -> None:
    """Give up a claim that was certainly not dialled; the contact waits as before, or as `verdict`
    (reached at `now`) says.

    Raises StaleClaimError when the attempt was marked as dialling or settled, or isn't held.
    """
    attempt = _locked(session, attempt_id, held)
    if attempt.status is not AttemptStatus.CLAIMED:
        raise StaleClaimError(f"Attempt {attempt_id} is {attempt.status.value}; settle it instead")
    contact = session.get_one(Contact, attempt.contact_id)
    contact.status = ContactStatus.WAITING
    session.delete(attempt)
    session.flush()
    match verdict:
        case Wait():
            put_off(session, [(contact.id, verdict)])
            session.expire(contact)
        case Never(disposition=disposition, outcome=outcome) if now is not None:
            close(session, contact.id, disposition, outcome, now)


def settle(
    session: Session,
    attempt_id: int,
    settlement: Settlement,
    *,
    then: ContactStatus,
    next_call_at: datetime | None = None,
    held: tuple[str, int] | None = None,
) -> int:
    """Close an attempt with all that is known of it and queue its write-backs; return the outcome.

    `then` is what becomes of the contact: WAITING (until `next_call_at`), DONE, CLOSED or
    NEEDS_RECONCILIATION. Raises StaleClaimError when the attempt is settled already, or isn't held
    any more.
    """
    if then is ContactStatus.IN_CALL:
        raise StoreError("A settled contact can't be in a call; pass waiting, done or closed")
    attempt = _locked(session, attempt_id, held)
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
    contact.held = ""
    if then is ContactStatus.NEEDS_RECONCILIATION:
        ask_what_became(session, attempt_id, settlement.at, settlement.error)
    return record_outcome(
        session,
        contact,
        attempt_id,
        (settlement.disposition, settlement.outcome),
        settlement.at,
        then is not ContactStatus.WAITING,
        settlement.settled,
    )


def _judged(judge: Judge, candidate: Candidate, now: datetime, is_ours: bool) -> Verdict:
    """Ask about a candidate; a number that rings is left alone, whatever the judge says.

    `is_ours`: the same claim rings the number.
    """
    if is_ours or candidate.in_a_call:
        return Wait(now + LINE_BUSY, "in_a_call")
    verdict = judge(candidate)
    if isinstance(verdict, Wait) and verdict.until <= now:
        return Wait(now + timedelta(seconds=1), verdict.why)
    return verdict


def _claimed(campaign: CampaignFacts, found: Found, attempt_id: int, engine: str) -> ClaimedCall:
    row = found.row
    return ClaimedCall(
        attempt_id=attempt_id,
        number=found.dialings + 1,
        contact_id=row.id,
        campaign=campaign,
        recipient=row.recipient,
        phone=row.phone,
        extension=row.extension,
        language=row.language,
        time_zone=row.time_zone,
        useful_until=row.useful_until,
        deliveries=found.deliveries,
        history=found.history,
        claimed_by=engine,
        parcels=found.candidate.parcels,
        merchant=row.merchant,
        script=row.script,
        next_script=row.next_script,
        region=row.region,
    )


def _locked(session: Session, attempt_id: int, held: tuple[str, int] | None) -> Attempt:
    attempt = session.scalar(
        sa.select(Attempt)
        .where(Attempt.id == attempt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if attempt is None:
        raise StaleClaimError(f"There is no attempt {attempt_id}; its claim was given up")
    if held is not None and (attempt.claimed_by, attempt.fence) != held:
        raise StaleClaimError(f"Attempt {attempt_id} was taken over; it is not ours any more")
    return attempt
