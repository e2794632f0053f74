"""From the store's values to the published ones, with people masked as the viewer's role asks."""

from __future__ import annotations

from collections.abc import Iterable

from console.api import call_schemas, schemas
from console.web.masking import Sight
from store.api_queries import CampaignTimes, ContactRecord, EventRecord, ManifestRecord
from store.api_queries import ToldOutcome as Told
from store.call_queries import CallLine
from store.call_records import CallRecord
from store.contact_queries import SuppressedNumber
from store.desk_values import AgentFacts, FlagRecord, TransferFacts, VisitRecord
from store.ticket_values import TicketFacts
from store.values import ContactLine, DeliveryFacts, LatestOutcome, Progress, TurnRecord


def campaign(row: CampaignTimes) -> schemas.Campaign:
    """Show a campaign."""
    facts = row.facts
    return schemas.Campaign(
        id=facts.id,
        name=facts.name,
        flow=facts.flow,
        language=facts.language,
        time_zone=facts.time_zone,
        company=facts.company,
        callback_number=facts.callback_number,
        status=facts.status,
        policy=dict(facts.policy),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def progress(of: Progress) -> schemas.CampaignProgress:
    """Show how far a campaign has come."""
    return schemas.CampaignProgress(
        campaign_id=of.campaign.id,
        status=of.campaign.status,
        contacts=dict(of.contacts),
        dispositions=dict(of.dispositions),
        outcomes=dict(of.outcomes),
        attempts=of.attempts,
        next_call_at=of.next_call_at,
    )


def settled(latest: LatestOutcome, sight: Sight, known: tuple[str, ...] = ()) -> schemas.Settled:
    """Show what was settled; `known`: name, number and address of the person."""
    of = latest.settled
    return schemas.Settled(
        disposition=latest.disposition,
        outcome=latest.outcome,
        at=latest.at,
        final=latest.final,
        new_window_start=of.new_window_start,
        new_window_end=of.new_window_end,
        new_address=sight.address(of.new_address),
        hand_over=of.hand_over,
        consent_choice=of.consent_choice,
        consent_words=sight.words(of.consent_words, known),
        needs_person=sight.words(of.needs_person, known),
        call_again_at=of.call_again_at,
        answers={name: sight.words(text, known) for name, text in of.answers.items()},
    )


def contact_summary(campaign_id: int, row: ContactLine, sight: Sight) -> schemas.ContactSummary:
    """Show a contact of a campaign in a list."""
    return schemas.ContactSummary(
        id=row.contact_id,
        campaign_id=campaign_id,
        recipient=sight.name(row.recipient),
        phone=sight.phone(row.phone),
        status=row.status,
        waybills=list(row.waybills),
        next_call_at=row.next_call_at,
        disposition=None if row.latest is None else row.latest.disposition,
        outcome=None if row.latest is None else row.latest.outcome,
    )


def contact_found(row: ContactRecord, sight: Sight) -> schemas.ContactSummary:
    """Show a contact of any campaign in a list."""
    return schemas.ContactSummary(
        id=row.id,
        campaign_id=row.campaign_id,
        recipient=sight.name(row.recipient),
        phone=sight.phone(row.phone),
        status=row.status,
        waybills=[each.waybill for each in row.deliveries],
        next_call_at=row.next_call_at,
        disposition=None if row.latest is None else row.latest.disposition,
        outcome=None if row.latest is None else row.latest.outcome,
    )


def known_of(row: ContactRecord) -> tuple[str, ...]:
    """Return what must not be read in words about a contact by whoever may not see whose it is."""
    return _known(row.recipient, row.phone, row.deliveries, row.latest)


def contact(row: ContactRecord, sight: Sight) -> schemas.Contact:
    """Show a contact on its own."""
    known = known_of(row)
    return schemas.Contact(
        id=row.id,
        campaign_id=row.campaign_id,
        recipient=sight.name(row.recipient),
        phone=sight.phone(row.phone),
        extension=row.extension if sight.full else "",
        language=row.language,
        time_zone=row.time_zone,
        status=row.status,
        priority=row.priority,
        next_call_at=row.next_call_at,
        useful_until=row.useful_until,
        parcels=[_parcel(each, sight, known) for each in row.deliveries],
        calls=list(row.calls),
        settled=None if row.latest is None else settled(row.latest, sight, known),
    )


def manifest(row: ManifestRecord) -> schemas.Manifest:
    """Show a manifest."""
    return schemas.Manifest(
        id=row.id,
        campaign_id=row.campaign_id,
        file_name=row.file_name,
        imported_at=row.imported_at,
        rows=row.rows,
        problem_rows=row.problem_rows,
    )


def event(row: EventRecord) -> schemas.Event:
    """Show what was told of a parcel."""
    return schemas.Event(
        event_id=row.event_id,
        waybill=row.waybill,
        status=row.status,
        at=row.at,
        received_at=row.received_at,
        withdrawn=row.withdrawn,
    )


def suppression(row: SuppressedNumber, sight: Sight) -> schemas.Suppression:
    """Show a number that is never called."""
    return schemas.Suppression(
        id=row.id, phone=sight.phone(row.phone), reason=row.reason, at=row.at
    )


def call_summary(row: CallLine, sight: Sight) -> call_schemas.CallSummary:
    """Show a call in a list."""
    return call_schemas.CallSummary(
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
) -> call_schemas.Call:
    """Show a call on its own."""
    line = row.line
    known = _known(line.recipient, line.phone, row.deliveries, row.latest)
    return call_schemas.Call(
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
            call_schemas.CallFlag(
                rule=each.rule, priority=each.priority, line=each.line, label=dict(each.label)
            )
            for each in flags
        ],
        visits=[
            call_schemas.CallVisit(
                role=each.role,
                began_seconds=each.began_seconds,
                ended_seconds=each.ended_seconds,
            )
            for each in visits
        ],
        tickets=list(row.tickets),
        other_calls=list(row.other_calls),
    )


def told_outcome(row: Told, sight: Sight) -> call_schemas.ToldOutcome:
    """Show what dispatch is to know of one parcel."""
    return call_schemas.ToldOutcome(
        id=row.id,
        idempotency_key=row.idempotency_key,
        campaign_id=row.campaign_id,
        contact_id=row.contact_id,
        call_id=row.attempt_id,
        waybill=row.waybill,
        settled=settled(row.latest, sight, (row.recipient, row.phone, row.address)),
    )


def agent(row: AgentFacts) -> call_schemas.Agent:
    """Show a person at the desk."""
    return call_schemas.Agent(
        user_id=row.user_id,
        name=row.name,
        device_kind=row.device_kind,
        languages=list(row.languages),
        lines=list(row.lines),
        state=row.state,
        state_since=row.state_since,
        seen_at=row.seen_at,
        transfer_id=row.transfer_id,
    )


def transfer(row: TransferFacts) -> call_schemas.Transfer:
    """Show a customer's wish for a person."""
    return call_schemas.Transfer(
        id=row.id,
        call_id=row.attempt_id,
        rule=row.rule,
        label=dict(row.label),
        priority=row.priority,
        line=row.line,
        language=row.language,
        status=row.status,
        agent_id=row.agent_id,
        requested_at=row.requested_at,
        offered_at=row.offered_at,
        accepted_at=row.accepted_at,
        joined_at=row.joined_at,
        ended_at=row.ended_at,
        ended_how=row.ended_how,
    )


def ticket_summary(row: TicketFacts) -> call_schemas.TicketSummary:
    """Show a ticket in a list."""
    return call_schemas.TicketSummary(
        number=row.number,
        kind=row.kind,
        cause=row.cause,
        department=row.department,
        status=row.status,
        level=row.level,
        urgent=row.urgent,
        waybill=row.waybill,
        contact_id=row.contact_id,
        call_id=row.attempt_id,
        opened_at=row.times.opened_at,
        respond_by=row.times.respond_by,
        resolve_by=row.times.resolve_by,
        resolved_at=row.times.resolved_at,
        closed_at=row.times.closed_at,
    )


def ticket(row: TicketFacts, sight: Sight) -> call_schemas.Ticket:
    """Show a ticket on its own; what the customer said and is, only in full."""
    return call_schemas.Ticket(
        **ticket_summary(row).model_dump(),
        record=dict(row.record) if sight.full else {},
        words=row.words if sight.full else "",
        proposal=row.proposal,
        compensation_fen=row.compensation_fen,
        resolution=row.resolution if sight.full else "",
    )


def _known(
    recipient: str, phone: str, parcels: Iterable[DeliveryFacts], latest: LatestOutcome | None
) -> tuple[str, ...]:
    """Return what must not be read in the words of a call by whoever may not see whose it is."""
    new_address = "" if latest is None else latest.settled.new_address
    return (recipient, phone, *(each.address for each in parcels), new_address)


def _parcel(row: DeliveryFacts, sight: Sight, known: tuple[str, ...]) -> schemas.Parcel:
    return schemas.Parcel(
        waybill=row.waybill,
        address=sight.address(row.address),
        window_start=row.window_start,
        window_end=row.window_end,
        item=sight.words(row.item, known),
        merchant=row.merchant,
        cod_fen=row.cod_fen,
    )


def _turn(row: TurnRecord, sight: Sight, known: tuple[str, ...]) -> call_schemas.Turn:
    return call_schemas.Turn(
        speaker=row.speaker,
        text=sight.words(row.text, known),
        began_seconds=row.began_seconds,
        ended_seconds=row.ended_seconds,
        prompt=row.prompt,
        intent=row.intent,
        confidence=row.confidence,
        key=row.key if sight.full else "",
        interrupted=row.interrupted,
        latency_seconds=row.latency_seconds,
    )
