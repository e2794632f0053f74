"""Calls and outcomes as they are published, masked as the viewer's role asks."""

from __future__ import annotations

from console.api.call_schemas import Call, CallFlag, CallSummary, CallVisit, ToldOutcome, Turn
from console.api.showing_contacts import known_words, settled
from console.web.masking import Sight
from store.call_queries import CallLine
from store.call_records import CallRecord
from store.desk_values import FlagRecord, VisitRecord
from store.feed_queries import ToldOutcome as Told
from store.types import TurnSpeaker
from store.values import TurnRecord


def call_summary(row: CallLine, sight: Sight) -> CallSummary:
    """Show a call in a list."""
    return CallSummary(
        id=row.attempt_id,
        number=row.number,
        campaign_id=row.campaign_id,
        contact_id=row.contact_id,
        recipient=sight.name(row.recipient),
        phone=sight.phone(row.phone),
        waybills=list(row.waybills),
        dialed_at=row.dialed_at,
        answered=row.answered,
        talk_seconds=row.talk_seconds,
        has_recording=row.has_recording,
        disposition=row.disposition,
        outcome=row.outcome,
        needs_person=sight.words(row.needs_person, (row.recipient, row.phone)),
    )


def call(
    row: CallRecord, flags: tuple[FlagRecord, ...], visits: tuple[VisitRecord, ...], sight: Sight
) -> Call:
    """Show a call on its own."""
    line = row.line
    known = known_words(line.recipient, line.phone, row.deliveries, row.latest)
    return Call(
        id=line.attempt_id,
        number=line.number,
        status=row.status,
        campaign_id=line.campaign_id,
        contact_id=line.contact_id,
        recipient=sight.name(line.recipient),
        phone=sight.phone(line.phone),
        extension=row.extension if sight.full else "",
        waybills=list(line.waybills),
        language=row.language,
        dialed_at=line.dialed_at,
        answered=line.answered,
        ring_seconds=row.ring_seconds,
        talk_seconds=line.talk_seconds,
        cause=row.cause,
        sip_status=row.sip_status,
        announcement=row.announcement,
        machine=row.machine,
        flow_version=row.flow_version,
        has_recording=line.has_recording,
        error=row.error,
        settled=None if row.latest is None else settled(row.latest, sight, known),
        turns=[_turn(each, sight, known) for each in row.turns],
        flags=[
            CallFlag(rule=each.rule, priority=each.priority, line=each.line, label=dict(each.label))
            for each in flags
        ],
        visits=[
            CallVisit(
                role=each.role,
                began_seconds=each.began_seconds,
                ended_seconds=each.ended_seconds,
            )
            for each in visits
        ],
        tickets=list(row.tickets),
        other_calls=list(row.other_calls),
    )


def told_outcome(row: Told, sight: Sight) -> ToldOutcome:
    """Show what dispatch is to know of one parcel."""
    return ToldOutcome(
        id=row.id,
        idempotency_key=row.idempotency_key,
        campaign_id=row.campaign_id,
        contact_id=row.contact_id,
        call_id=row.attempt_id,
        waybill=row.waybill,
        settled=settled(row.latest, sight, (row.recipient, row.phone, row.address)),
    )


def _turn(row: TurnRecord, sight: Sight, known: tuple[str, ...]) -> Turn:
    return Turn(
        speaker=row.speaker,
        text=sight.turn(row.text, known, ours=row.speaker is TurnSpeaker.MENLING, asked=row.prompt),
        began_seconds=row.began_seconds,
        ended_seconds=row.ended_seconds,
        prompt=row.prompt,
        intent=row.intent,
        confidence=row.confidence,
        key=row.key if sight.full else "",
        interrupted=row.interrupted,
        latency_seconds=row.latency_seconds,
    )
