"""What a worker reports of a call."""

from __future__ import annotations

from campaigns.order import CallOrder, CallReport
from dialer.leg import HangupCause
from ivr.conversation import ConversationReport
from ivr.flow_model import Flow


def speaks_of_unknown(flow: Flow, names: tuple[str, ...]) -> str:
    """Return why a parcel can't be spoken about."""
    return (
        f"{flow.id} {flow.version} speaks of {', '.join(names)}, which nobody told of this parcel. "
        "Import a manifest that brings it, or go back to a flow that does without"
    )


def not_held(order: CallOrder, cause: HangupCause, why: str) -> CallReport:
    """Report a call without a conversation: FAILED was never dialled, CANCELLED may have rung."""
    return CallReport(
        attempt=order.attempt,
        cause=cause,
        sip_status=0,
        answered=False,
        ring_seconds=0.0,
        talk_seconds=0.0,
        error=why,
    )


def report_of(order: CallOrder, flow: Flow, held: ConversationReport) -> CallReport:
    """Report a conversation."""
    recording = order.recording
    return CallReport(
        attempt=order.attempt,
        cause=held.ended.cause,
        sip_status=held.ended.sip_status,
        answered=held.answered,
        ring_seconds=round(held.ring_seconds, 2),
        talk_seconds=round(held.talk_seconds, 2),
        machine=held.machine,
        announcement=held.announcement,
        result=held.result,
        turns=held.turns,
        recording=recording if recording is not None and recording.is_file() else None,
        flow_version=f"{flow.id} {flow.version} {flow.digest[:12]}",
        statistics=held.ended.statistics,
        error=held.error,
        people=held.people,
        flags=held.flags,
        abandoned=held.abandoned,
    )
