"""Rows to frozen values, inside a transaction."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from store.models import Attempt, Campaign, Delivery, OutcomeRecord, Turn
from store.values import (
    CampaignFacts,
    DeliveryFacts,
    LatestOutcome,
    OpenAttempt,
    PastAttempt,
    Settled,
    TurnRecord,
)


def campaign_facts(row: Campaign | sa.Row[Any]) -> CampaignFacts:
    """Copy a campaign out of its row."""
    return CampaignFacts(
        id=row.id,
        name=row.name,
        flow=row.flow,
        language=row.language,
        time_zone=row.time_zone,
        company=row.company,
        callback_number=row.callback_number,
        status=row.status,
        policy=MappingProxyType(dict(row.policy)),
    )


def delivery_facts(row: Delivery) -> DeliveryFacts:
    """Copy a delivery out of its row."""
    return DeliveryFacts(
        id=row.id,
        waybill=row.waybill,
        address=row.address,
        window_start=row.window_start,
        window_end=row.window_end,
        item=row.item,
        merchant=row.merchant,
        cod_fen=row.cod_fen,
        remarks=row.remarks,
        facts=MappingProxyType(dict(row.facts)),
    )


def past_attempt(row: OutcomeRecord, number: int) -> PastAttempt:
    """Copy what an attempt came to out of its outcome."""
    return PastAttempt(
        number=number,
        disposition=row.disposition,
        outcome=row.outcome,
        settled_at=row.at,
        call_again_at=row.call_again_at,
    )


def open_attempt(row: Attempt, campaign_id: int) -> OpenAttempt:
    """Copy an unsettled attempt out of its row."""
    return OpenAttempt(
        attempt_id=row.id,
        number=row.number,
        contact_id=row.contact_id,
        campaign_id=campaign_id,
        status=row.status,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        dialed_at=row.dialed_at,
        fence=row.fence,
        lease_until=row.lease_until,
    )


def latest_outcome(row: OutcomeRecord) -> LatestOutcome:
    """Copy an outcome out of its row."""
    return LatestOutcome(
        id=row.id,
        disposition=row.disposition,
        outcome=row.outcome,
        at=row.at,
        final=row.final,
        settled=Settled(
            new_window_start=row.new_window_start,
            new_window_end=row.new_window_end,
            new_address=row.new_address,
            hand_over=row.hand_over,
            consent_choice=row.consent_choice,
            consent_words=row.consent_words,
            consent_at_seconds=row.consent_at_seconds,
            needs_person=row.needs_person,
            call_again_at=row.call_again_at,
            notes=MappingProxyType(dict(row.notes)),
            answers=MappingProxyType(dict(row.answers)),
            callback_by=row.callback_by,
        ),
    )


def turn_record(row: Turn) -> TurnRecord:
    """Copy a turn out of its row."""
    return TurnRecord(
        speaker=row.speaker,
        text=row.text,
        began_seconds=row.began_seconds,
        ended_seconds=row.ended_seconds,
        prompt=row.prompt,
        intent=row.intent,
        confidence=row.confidence,
        key=row.key,
        interrupted=row.interrupted,
        latency_seconds=row.latency_seconds,
    )
