"""What a worker's report amounts to: a Disposition for the retry rules, an Outcome for dispatch."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from campaigns.order import CallReport
from dialer.leg import HangupCause
from ivr.exchange import DialogOutcome, Machine
from ivr.transcript import Speaker, Turn
from store.types import Disposition, Outcome

UNANSWERED: Mapping[HangupCause, Disposition] = MappingProxyType(
    {
        HangupCause.WE_HUNG_UP: Disposition.INTERRUPTED,
        HangupCause.THEY_HUNG_UP: Disposition.NO_ANSWER,
        HangupCause.BUSY: Disposition.BUSY,
        HangupCause.NO_ANSWER: Disposition.NO_ANSWER,
        HangupCause.DECLINED: Disposition.DECLINED,
        HangupCause.UNAVAILABLE: Disposition.OUT_OF_REACH,
        HangupCause.BARRED: Disposition.RESTRICTED,
        HangupCause.INVALID_NUMBER: Disposition.INVALID_NUMBER,
        HangupCause.FORBIDDEN: Disposition.TRUNK_FAILURE,
        HangupCause.CONGESTION: Disposition.TRUNK_FAILURE,
        HangupCause.TRUNK_UNREACHABLE: Disposition.TRUNK_FAILURE,
        HangupCause.UNANSWERED_INVITE: Disposition.INTERRUPTED,
        HangupCause.INCOMPATIBLE_MEDIA: Disposition.MEDIA_FAILURE,
        HangupCause.MEDIA_LOST: Disposition.MEDIA_FAILURE,
        HangupCause.CANCELLED: Disposition.INTERRUPTED,
        HangupCause.FAILED: Disposition.TRUNK_FAILURE,
    }
)
"""Nobody picked up: what the end of the leg says."""

ANNOUNCED: Mapping[str, Disposition] = MappingProxyType(
    {
        "switched_off": Disposition.SWITCHED_OFF,
        "vacant_number": Disposition.INVALID_NUMBER,
        "suspended": Disposition.SUSPENDED,
        "out_of_reach": Disposition.OUT_OF_REACH,
        "not_in_service": Disposition.OUT_OF_REACH,
        "busy_talking": Disposition.IN_A_CALL,
        "restricted": Disposition.RESTRICTED,
        "lines_busy": Disposition.BUSY,
        "no_answer": Disposition.NO_ANSWER,
        "reminder": Disposition.OUT_OF_REACH,
        "busy_tone": Disposition.BUSY,
        "congestion_tone": Disposition.TRUNK_FAILURE,
        "vacant_tone": Disposition.INVALID_NUMBER,
    }
)
"""What the carrier said is truer than the SIP status that follows it."""

RANG_ON: Mapping[str, Disposition] = MappingProxyType(
    {"waiting": Disposition.IN_A_CALL, "forwarded": Disposition.NO_ANSWER}
)
"""What was announced while it rang, and nobody picked up after it."""

ANSWERED_BY: Mapping[Machine, Disposition] = MappingProxyType(
    {
        Machine.VOICEMAIL: Disposition.VOICEMAIL,
        Machine.ASSISTANT: Disposition.ASSISTANT,
        Machine.ANNOUNCEMENT: Disposition.OUT_OF_REACH,
        Machine.FAX: Disposition.NO_CONVERSATION,
    }
)

_SOUND_FAILED = frozenset({HangupCause.MEDIA_LOST, HangupCause.INCOMPATIBLE_MEDIA})

_WITHOUT_DIALOG: Mapping[Disposition, Outcome] = MappingProxyType(
    {
        Disposition.COMPLETED: Outcome.UNFINISHED,
        Disposition.NO_CONVERSATION: Outcome.UNFINISHED,
        Disposition.HUNG_UP_MIDWAY: Outcome.UNFINISHED,
        Disposition.INTERRUPTED: Outcome.UNKNOWN,
    }
)


def disposition_of(report: CallReport) -> Disposition:
    """Return how the attempt ended, in telephone terms."""
    if report.machine is None or report.machine is Machine.ANNOUNCEMENT:
        announced = ANNOUNCED.get(report.announcement)
        if announced is not None and not _is_settled(report):
            return announced
    if not report.answered:
        disposition = UNANSWERED[report.cause]
        rang_out = disposition is Disposition.NO_ANSWER
        return RANG_ON.get(report.announcement, disposition) if rang_out else disposition
    if report.machine is not None:
        return ANSWERED_BY[report.machine]
    if report.abandoned:
        return Disposition.ABANDONED
    return _conversation(report)


def outcome_of(report: CallReport) -> Outcome:
    """Return what dispatch learns from the attempt."""
    disposition = disposition_of(report)
    if report.result is not None and report.answered:
        outcome = Outcome(report.result.outcome.value)
        if outcome is not Outcome.UNFINISHED:
            return outcome
    if disposition is Disposition.MEDIA_FAILURE and report.answered:
        return Outcome.UNFINISHED
    return _WITHOUT_DIALOG.get(disposition, Outcome.NOT_REACHED)


def is_trunk_fault(report: CallReport) -> bool:
    """Say whether our side of the line failed, so that the contact must not pay for it."""
    return disposition_of(report) is Disposition.TRUNK_FAILURE


def _conversation(report: CallReport) -> Disposition:
    if _is_settled(report):
        return Disposition.COMPLETED
    if report.cause in _SOUND_FAILED:
        return Disposition.MEDIA_FAILURE
    if report.cause is HangupCause.THEY_HUNG_UP:
        return Disposition.HUNG_UP_MIDWAY
    if report.error:
        return Disposition.INTERRUPTED
    if not any(_is_said(turn) for turn in report.turns):
        return Disposition.NO_CONVERSATION
    return Disposition.COMPLETED


def _is_said(turn: Turn) -> bool:
    """Say whether it is a word or a key of the callee; noise on the line is neither."""
    return turn.speaker is Speaker.CALLEE and bool(turn.text or turn.key)


def _is_settled(report: CallReport) -> bool:
    """Say whether the dialog answered its question, however the call ended afterwards."""
    return report.result is not None and report.result.outcome is not DialogOutcome.UNFINISHED
