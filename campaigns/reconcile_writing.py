"""Writing down what became of attempts whose fate was unknown, with what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.reconcile import Told
from campaigns.retry import AttemptEnd, CallHistory, RetryDecision, RetryReason, decide
from campaigns.rules import CampaignRules, rules_of
from campaigns.settings import Settings
from store.corrections import correct
from store.errors import StaleClaimError
from store.models import Attempt, Contact, Delivery, OutcomeRecord
from store.queries import campaign
from store.reconciliations import Resolution, UnknownFate, unknown_fate
from store.suppression import suppress
from store.types import ContactStatus, Outcome, SuppressionReason
from store.values import Settled, Settlement


def write_fate(
    session: Session, settings: Settings, attempt_id: int, told: Told, resolution: Resolution
) -> RetryDecision:
    """Write what became of an attempt, tell dispatch again, and let its contact wait again only
    where no telephone rang; return what follows.

    Raises StaleClaimError when its fate is not unknown (any more).
    """
    fate = unknown_fate(session, attempt_id)
    if fate is None:
        raise StaleClaimError(
            f"Nothing is asked about attempt {attempt_id}; `menling reconcile` lists what is"
        )
    facts = campaign(session, fate.campaign_id)
    decision = RetryDecision(None, RetryReason.SETTLED)
    if told.never_rang and fate.phone:
        rules = rules_of(settings.campaign, facts.policy, flow=facts.flow, calling=settings.calling)
        decision = _decide(session, fate, told, resolution.at, rules)
    settlement = Settlement(
        disposition=told.disposition,
        outcome=told.outcome,
        at=resolution.at,
        settled=Settled(needs_person=told.needs_person, notes=_notes(resolution)),
        answered=told.answered,
        talk_seconds=told.talk_seconds,
        recording=told.recording,
    )
    again = decision.retry_at is not None
    correct(
        session,
        attempt_id,
        settlement,
        resolution,
        then=ContactStatus.WAITING if again else ContactStatus.DONE,
        next_call_at=decision.retry_at,
    )
    if told.outcome is Outcome.OPTED_OUT and fate.phone:
        source = f"campaign {fate.campaign_id}, attempt {attempt_id}, reconciled"
        suppress(session, fate.phone, SuppressionReason.OPTED_OUT, resolution.at, source)
    return decision


def recording_of(fate: UnknownFate, folder: Path) -> Path:
    """Return where the recording of an attempt lies, if there is one."""
    return Path(fate.recording) if fate.recording else folder / f"{fate.attempt_id}.wav"


def known_call_ids(session: Session) -> frozenset[str]:
    """Return every Call-ID that was ever bound."""
    return frozenset(session.scalars(sa.select(Attempt.call_id).where(Attempt.call_id != "")))


def _notes(resolution: Resolution) -> Mapping[str, str]:
    return {"reconciled": resolution.evidence} if resolution.by and resolution.evidence else {}


def _decide(
    session: Session, fate: UnknownFate, told: Told, now: datetime, rules: CampaignRules
) -> RetryDecision:
    before = session.execute(
        sa.select(OutcomeRecord.disposition, OutcomeRecord.call_again_at)
        .join(Attempt, Attempt.id == OutcomeRecord.attempt_id)
        .where(Attempt.contact_id == fate.contact_id, Attempt.id != fate.attempt_id)
        .order_by(Attempt.number)
    ).all()
    windows = session.execute(
        sa.select(Delivery.window_start, Delivery.window_end).where(
            Delivery.contact_id == fate.contact_id
        )
    ).all()
    useful_until = session.get_one(Contact, fate.contact_id).useful_until
    history = CallHistory.of(
        [*(disposition for disposition, _again in before), told.disposition],
        asked_for=sum(again is not None for _disposition, again in before),
    )
    return decide(
        AttemptEnd(told.disposition, told.outcome, now),
        history,
        rules.retry,
        rules.openings_for(fate.time_zone, fate.phone),
        rules.useful_until(useful_until, [(start, end) for start, end in windows]),
    )
