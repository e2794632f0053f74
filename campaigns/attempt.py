"""One attempt: the order that goes out, the report that comes back, the end that is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from campaigns.consequences import follow, minutes_since_cut
from campaigns.disposition import disposition_of, outcome_of
from campaigns.fact_cells import fact_values
from campaigns.line import OutgoingLine
from campaigns.next_call import decision_of, was_with_agent
from campaigns.order import CallOrder, CallReport
from campaigns.parcels_told import told
from campaigns.retry import RetryDecision, RetryReason
from campaigns.rules import CampaignRules
from campaigns.tickets_calls import open_from_call
from campaigns.tickets_matrix import Matrix
from campaigns.tickets_offers import facts_within
from campaigns.tickets_reader import shipped_matrix
from campaigns.tickets_rules import TicketRules, shipped_ticket_rules
from ivr.exchange import CallFacts, DialogResult
from ivr.meaning import FactValue
from ivr.people import Flag, Visit
from ivr.transcript import Turn
from store.callbacks import promise_callback, void_callbacks
from store.claims import settle
from store.corrections import settle_late
from store.desk_kept import keep_flags, keep_visits
from store.desk_types import DeskLine
from store.desk_values import FlagRecord, VisitRecord
from store.suppression import suppress
from store.types import ContactStatus, Disposition, Outcome, SuppressionReason, TurnSpeaker
from store.values import ClaimedCall, Settled, Settlement, TurnRecord

ASK_AFTER_INTERRUPTION = "通话中断,结果不明,请人工核实后联系收件人"
ASK_THE_AGENT = "坐席处理中"
"""Until the agent has written down what came of it."""
ASK_AFTER_TRUNK_FAILURES = "线路多次失败,一直未能拨出,请人工联系收件人"


@dataclass(frozen=True, slots=True)
class SettledCall:
    """What an attempt came to and what follows from it."""

    disposition: Disposition
    outcome: Outcome
    decision: RetryDecision


def order_for(
    call: ClaimedCall,
    line: OutgoingLine,
    now: datetime,
    *,
    record: bool = True,
    notice: bool = False,
    flow_file: Path | None = None,
    matrix: Matrix | None = None,
) -> CallOrder:
    """Return the order for a worker; times are in the zone of the recipient.

    The recording is named by the attempt alone, so that a file name tells nothing about people.
    `notice`: whoever answers is told of the recording.
    `matrix` limits what the call may offer for a problem; None: the one that ships with Menling.
    """
    zone = ZoneInfo(call.time_zone)
    parcel = told(call.deliveries, call.language)
    return CallOrder(
        attempt=call.attempt_id,
        uri=line.uri(call.phone),
        flow=call.campaign.flow,
        language=call.language,
        facts=CallFacts(
            now=now.astimezone(zone),
            company=call.campaign.company,
            recipient=call.recipient,
            waybill=parcel.waybill,
            window_start=_local(parcel.window_start, zone),
            window_end=_local(parcel.window_end, zone),
            address=parcel.address,
            item=parcel.item,
            merchant=parcel.merchant,
            cod_amount_fen=parcel.cod_fen,
            callback_number=call.campaign.callback_number,
            more=_more(call, now.astimezone(zone), matrix or shipped_matrix()),
            recorded=record and notice,
            cut_minutes_ago=minutes_since_cut(call, now),
        ),
        ring_timeout=line.ring_timeout,
        recording=line.recordings / f"{call.attempt_id}.wav" if record else None,
        flow_file=flow_file,
    )


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)


def _more(call: ClaimedCall, now: datetime, matrix: Matrix) -> Mapping[str, FactValue]:
    """Return the facts of the parcel; of several parcels, how many there are, too."""
    parcel = told(call.deliveries, call.language)
    return dict(fact_values(facts_within(matrix, parcel.facts, parcel.cod_fen), now))


def settle_report(
    session: Session,
    call: ClaimedCall,
    report: CallReport,
    now: datetime,
    rules: CampaignRules,
    ticket_rules: TicketRules | None = None,
    *,
    late: bool = False,
) -> SettledCall:
    """Write the end of an attempt, all or nothing: settlement, retry, write-back, opt-out, promise
    of a callback, tickets.

    `ticket_rules`: None means those of settings that nobody has changed. `late`: others took the
    attempt over meanwhile, and the report tells what nobody knew.
    Raises StaleClaimError when it was settled before, or when its fate is known by now.
    """
    disposition, outcome = disposition_of(report), outcome_of(report)
    decision = decision_of(call, report, (disposition, outcome), now, rules)
    write = settle_late if late else settle
    write(
        session,
        call.attempt_id,
        settlement_of(report, now, _ask(decision)),
        then=_then(decision),
        next_call_at=decision.retry_at,
        held=(call.claimed_by, call.fence) if call.claimed_by else None,
    )
    known = ticket_rules or shipped_ticket_rules()
    follow(session, call, disposition, decision, now, known)
    keep_flags(session, call.attempt_id, map(flag_record, report.flags))
    keep_visits(session, call.attempt_id, map(_visit, report.people))
    if outcome is Outcome.OPTED_OUT:
        never_call_again(session, call, now)
    if call.history:
        void_callbacks(session, call.contact_id, now)
    if report.result is not None:
        if report.result.callback_by is not None:
            promise_callback(session, call.attempt_id, report.result.callback_by)
        open_from_call(session, known, call, report.result, outcome, now)
    return SettledCall(disposition, outcome, decision)


def never_call_again(session: Session, call: ClaimedCall, now: datetime) -> None:
    """Heed for ever that whoever was called wants no more calls."""
    source = f"campaign {call.campaign.id}, attempt {call.attempt_id}"
    suppress(session, call.phone, SuppressionReason.OPTED_OUT, now, source)


def flag_record(flag: Flag) -> FlagRecord:
    """Return a flag as the store keeps it."""
    return FlagRecord(flag.rule, flag.priority, DeskLine(flag.line.value), flag.label, flag.words)


def settle_interrupted(
    session: Session,
    attempt_id: int,
    now: datetime,
    why: str,
    *,
    held: tuple[str, int] | None = None,
) -> SettledCall:
    """Settle an attempt whose fate nobody knows; a person decides, it is never redialled.

    `held`: the engine and the fence by which it is held. Raises StaleClaimError when it was
    settled before, or is not held any more.
    """
    settlement = Settlement(
        disposition=Disposition.INTERRUPTED,
        outcome=Outcome.UNKNOWN,
        at=now,
        settled=Settled(needs_person=ASK_AFTER_INTERRUPTION),
        error=why,
    )
    then = ContactStatus.NEEDS_RECONCILIATION
    settle(session, attempt_id, settlement, then=then, held=held)
    return SettledCall(
        settlement.disposition,
        settlement.outcome,
        RetryDecision(None, RetryReason.FATE_UNKNOWN),
    )


def settlement_of(report: CallReport, now: datetime, ask: str = "") -> Settlement:
    """Return what is kept of a report; `ask` says why a person is needed if the dialog doesn't.

    A call that an agent talked in is theirs until they have written down what came of it.
    """
    settled = _settled(report.result, ask)
    if was_with_agent(report):
        settled = replace(settled, needs_person=ASK_THE_AGENT)
    return Settlement(
        disposition=disposition_of(report),
        outcome=outcome_of(report),
        at=now,
        settled=settled,
        cause=report.cause.value,
        sip_status=report.sip_status,
        answered=report.answered,
        ring_seconds=report.ring_seconds,
        talk_seconds=report.talk_seconds,
        announcement=report.announcement,
        machine="" if report.machine is None else report.machine.value,
        flow_version=report.flow_version,
        recording="" if report.recording is None else str(report.recording),
        error=report.error,
        media={} if report.statistics is None else asdict(report.statistics),
        turns=tuple(_turn(turn) for turn in report.turns),
    )


def _visit(visit: Visit) -> tuple[int, VisitRecord]:
    return visit.join, VisitRecord(visit.role, visit.began, visit.ended, visit.spoke)


def _settled(result: DialogResult | None, ask: str) -> Settled:
    if result is None:
        return Settled(needs_person=ask)
    window, consent = result.new_window, result.consent
    return Settled(
        new_window_start=None if window is None else window.start,
        new_window_end=None if window is None else window.end,
        new_address="" if result.new_address is None else result.new_address.text,
        hand_over="" if result.hand_over is None else result.hand_over.value,
        consent_choice="" if consent is None else consent.choice.value,
        consent_words="" if consent is None else consent.words,
        consent_at_seconds=None if consent is None else consent.at_seconds,
        needs_person=result.needs_person or ask,
        call_again_at=result.call_again_at,
        notes=dict(result.notes or {}),
        answers=dict(result.collected),
    )


def _turn(turn: Turn) -> TurnRecord:
    return TurnRecord(
        speaker=TurnSpeaker(turn.speaker.value),
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


def _then(decision: RetryDecision) -> ContactStatus:
    if decision.retry_at is not None:
        return ContactStatus.WAITING
    if decision.reason is RetryReason.FATE_UNKNOWN:
        return ContactStatus.NEEDS_RECONCILIATION
    return ContactStatus.DONE


def _ask(decision: RetryDecision) -> str:
    return {
        RetryReason.FATE_UNKNOWN: ASK_AFTER_INTERRUPTION,
        RetryReason.ENOUGH_TRUNK_FAILURES: ASK_AFTER_TRUNK_FAILURES,
    }.get(decision.reason, "")
