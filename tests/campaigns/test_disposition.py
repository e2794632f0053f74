"""What a report amounts to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asr.announcements import Announcement
from asr.early_media import FAILURES, EarlyKind
from campaigns.disposition import ANNOUNCED, UNANSWERED, disposition_of, is_trunk_fault, outcome_of
from campaigns.order import CallReport
from campaigns.retry_reader import load_table
from dialer.causes import Ender, cause_of
from dialer.leg import HangupCause, LegState
from ivr.exchange import DialogOutcome, DialogResult, Machine
from ivr.transcript import Speaker, Turn
from store.types import Disposition, Outcome

RANG_OUT = CallReport(
    attempt=1,
    cause=HangupCause.NO_ANSWER,
    sip_status=487,
    answered=False,
    ring_seconds=12.0,
    talk_seconds=0.0,
)
TALKED = replace(
    RANG_OUT,
    cause=HangupCause.WE_HUNG_UP,
    sip_status=200,
    answered=True,
    talk_seconds=20.0,
    turns=(
        Turn(Speaker.MENLING, "您好", 0.5, 2.0),
        Turn(Speaker.CALLEE, "嗯", 2.5, 3.0),
    ),
)
UNFINISHED = DialogResult(DialogOutcome.UNFINISHED, finished=False)


def settled(outcome: DialogOutcome) -> DialogResult:
    return DialogResult(outcome, finished=True)


def test_every_hangup_cause_before_the_answer_has_a_disposition() -> None:
    assert set(UNANSWERED) == set(HangupCause)


@pytest.mark.parametrize(
    ("cause", "disposition", "outcome"),
    [
        (HangupCause.BUSY, Disposition.BUSY, Outcome.NOT_REACHED),
        (HangupCause.NO_ANSWER, Disposition.NO_ANSWER, Outcome.NOT_REACHED),
        (HangupCause.DECLINED, Disposition.DECLINED, Outcome.NOT_REACHED),
        (HangupCause.UNAVAILABLE, Disposition.OUT_OF_REACH, Outcome.NOT_REACHED),
        (HangupCause.INVALID_NUMBER, Disposition.INVALID_NUMBER, Outcome.NOT_REACHED),
        (HangupCause.FORBIDDEN, Disposition.TRUNK_FAILURE, Outcome.NOT_REACHED),
        (HangupCause.CONGESTION, Disposition.TRUNK_FAILURE, Outcome.NOT_REACHED),
        (HangupCause.TRUNK_UNREACHABLE, Disposition.TRUNK_FAILURE, Outcome.NOT_REACHED),
        (HangupCause.FAILED, Disposition.TRUNK_FAILURE, Outcome.NOT_REACHED),
        (HangupCause.INCOMPATIBLE_MEDIA, Disposition.MEDIA_FAILURE, Outcome.NOT_REACHED),
        (HangupCause.CANCELLED, Disposition.INTERRUPTED, Outcome.UNKNOWN),
    ],
)
def test_nobody_picked_up(cause: HangupCause, disposition: Disposition, outcome: Outcome) -> None:
    report = replace(RANG_OUT, cause=cause)
    assert disposition_of(report) is disposition
    assert outcome_of(report) is outcome
    assert is_trunk_fault(report) is (disposition is Disposition.TRUNK_FAILURE)


@pytest.mark.parametrize(("kind", "disposition"), ANNOUNCED.items())
@pytest.mark.parametrize("cause", [HangupCause.UNAVAILABLE, HangupCause.WE_HUNG_UP])
def test_the_announcement_is_truer_than_the_status_after_it(
    kind: str, disposition: Disposition, cause: HangupCause
) -> None:
    report = replace(RANG_OUT, cause=cause, announcement=kind, machine=Machine.ANNOUNCEMENT)
    assert disposition_of(report) is disposition
    assert outcome_of(report) is Outcome.NOT_REACHED


def test_an_announcement_before_a_trunk_error_says_the_line_is_fine() -> None:
    report = replace(RANG_OUT, cause=HangupCause.CONGESTION, announcement="switched_off")
    assert not is_trunk_fault(report)


def test_an_announcement_of_an_unknown_kind_leaves_the_status_to_speak() -> None:
    report = replace(RANG_OUT, cause=HangupCause.BUSY, announcement="advertisement")
    assert disposition_of(report) is Disposition.BUSY


def test_an_announcement_after_the_answer_still_reaches_nobody() -> None:
    report = replace(TALKED, machine=Machine.ANNOUNCEMENT, announcement="vacant_number")
    assert disposition_of(report) is Disposition.INVALID_NUMBER
    assert outcome_of(report) is Outcome.NOT_REACHED
    vague = replace(report, announcement="")
    assert disposition_of(vague) is Disposition.OUT_OF_REACH


@pytest.mark.parametrize(
    "outcome", [each for each in DialogOutcome if each is not DialogOutcome.UNFINISHED]
)
def test_a_dialog_that_settled_something_is_completed_however_the_call_ended(
    outcome: DialogOutcome,
) -> None:
    for cause in (HangupCause.WE_HUNG_UP, HangupCause.THEY_HUNG_UP, HangupCause.MEDIA_LOST):
        report = replace(TALKED, cause=cause, result=settled(outcome))
        assert disposition_of(report) is Disposition.COMPLETED
        assert outcome_of(report).value == outcome.value


def test_hanging_up_on_us_is_hung_up_midway() -> None:
    report = replace(TALKED, cause=HangupCause.THEY_HUNG_UP, result=UNFINISHED)
    assert disposition_of(report) is Disposition.HUNG_UP_MIDWAY
    assert outcome_of(report) is Outcome.UNFINISHED


def test_hanging_up_before_the_first_word_is_hung_up_midway() -> None:
    report = replace(TALKED, cause=HangupCause.THEY_HUNG_UP, turns=(), result=None)
    assert disposition_of(report) is Disposition.HUNG_UP_MIDWAY
    assert outcome_of(report) is Outcome.UNFINISHED


@pytest.mark.parametrize("result", [None, UNFINISHED, replace(UNFINISHED, finished=True)])
def test_never_a_word_is_no_conversation(result: DialogResult | None) -> None:
    report = replace(TALKED, turns=TALKED.turns[:1], result=result)
    assert disposition_of(report) is Disposition.NO_CONVERSATION
    assert outcome_of(report) is Outcome.UNFINISHED


def test_noise_on_the_line_is_no_conversation() -> None:
    noise = Turn(Speaker.CALLEE, "", 3.0, 3.2, intent="nothing")
    report = replace(TALKED, turns=(TALKED.turns[0], noise), result=UNFINISHED)
    assert disposition_of(report) is Disposition.NO_CONVERSATION


def test_a_key_is_a_conversation() -> None:
    key = Turn(Speaker.CALLEE, "", 3.0, 3.0, key="5")
    report = replace(TALKED, turns=(key,), result=UNFINISHED)
    assert disposition_of(report) is Disposition.COMPLETED


def test_a_talk_that_settled_nothing_is_completed_and_unfinished() -> None:
    report = replace(TALKED, result=replace(UNFINISHED, finished=True))
    assert disposition_of(report) is Disposition.COMPLETED
    assert outcome_of(report) is Outcome.UNFINISHED


def test_a_message_on_a_voicemail_is_left() -> None:
    report = replace(TALKED, machine=Machine.VOICEMAIL, result=settled(DialogOutcome.MESSAGE_LEFT))
    assert disposition_of(report) is Disposition.VOICEMAIL
    assert outcome_of(report) is Outcome.MESSAGE_LEFT


def test_a_voicemail_without_a_message_reaches_nobody() -> None:
    report = replace(TALKED, machine=Machine.VOICEMAIL, result=None)
    assert outcome_of(report) is Outcome.NOT_REACHED


def test_an_assistant_took_the_call() -> None:
    report = replace(TALKED, machine=Machine.ASSISTANT, result=UNFINISHED)
    assert disposition_of(report) is Disposition.ASSISTANT


def test_a_fax_machine_is_no_conversation() -> None:
    report = replace(TALKED, machine=Machine.FAX, result=None)
    assert disposition_of(report) is Disposition.NO_CONVERSATION


@pytest.mark.parametrize(
    ("heard", "disposition"),
    [
        ("busy_tone", Disposition.BUSY),
        ("vacant_tone", Disposition.INVALID_NUMBER),
        ("congestion_tone", Disposition.TRUNK_FAILURE),
        ("waiting", Disposition.IN_A_CALL),
    ],
)
def test_signals_before_the_answer_tell_what_a_vague_end_does_not(
    heard: str, disposition: Disposition
) -> None:
    report = replace(RANG_OUT, announcement=heard)
    assert disposition_of(report) is disposition


def test_lost_sound_is_a_media_failure_and_unfinished() -> None:
    report = replace(TALKED, cause=HangupCause.MEDIA_LOST, result=UNFINISHED)
    assert disposition_of(report) is Disposition.MEDIA_FAILURE
    assert outcome_of(report) is Outcome.UNFINISHED


def test_an_error_of_ours_during_the_talk_leaves_the_fate_unknown() -> None:
    report = replace(TALKED, error="the synthesiser gave no sound", result=None)
    assert disposition_of(report) is Disposition.INTERRUPTED
    assert outcome_of(report) is Outcome.UNKNOWN


NOT_REACHED_BY = {
    # What SIP trunks send, with and without a cause of Q.850 beside it.
    (486, ""): Disposition.BUSY,
    (600, ""): Disposition.BUSY,
    (480, "Q.850;cause=17"): Disposition.BUSY,
    (503, "Q.850;cause=17"): Disposition.BUSY,
    (408, ""): Disposition.NO_ANSWER,
    (487, ""): Disposition.NO_ANSWER,
    (480, "Q.850;cause=19"): Disposition.NO_ANSWER,
    (603, ""): Disposition.DECLINED,
    (480, "Q.850;cause=21"): Disposition.DECLINED,
    (403, "Q.850;cause=21"): Disposition.DECLINED,
    (480, ""): Disposition.OUT_OF_REACH,
    (480, "Q.850;cause=18"): Disposition.OUT_OF_REACH,
    (480, "Q.850;cause=20"): Disposition.OUT_OF_REACH,
    (500, "Q.850;cause=27"): Disposition.OUT_OF_REACH,
    (404, ""): Disposition.INVALID_NUMBER,
    (410, ""): Disposition.INVALID_NUMBER,
    (484, ""): Disposition.INVALID_NUMBER,
    (485, ""): Disposition.INVALID_NUMBER,
    (604, ""): Disposition.INVALID_NUMBER,
    (480, "Q.850;cause=1"): Disposition.INVALID_NUMBER,
    (503, "Q.850;cause=1"): Disposition.INVALID_NUMBER,
    (500, "Q.850;cause=22"): Disposition.INVALID_NUMBER,
    (502, "Q.850;cause=28"): Disposition.INVALID_NUMBER,
    (607, ""): Disposition.RESTRICTED,
    (608, ""): Disposition.RESTRICTED,
    (403, "Q.850;cause=55"): Disposition.RESTRICTED,
    (480, "Q.850;cause=54"): Disposition.RESTRICTED,
    (488, ""): Disposition.MEDIA_FAILURE,
    (415, ""): Disposition.MEDIA_FAILURE,
    (606, ""): Disposition.MEDIA_FAILURE,
    (401, ""): Disposition.TRUNK_FAILURE,
    (402, ""): Disposition.TRUNK_FAILURE,
    (403, ""): Disposition.TRUNK_FAILURE,
    (407, ""): Disposition.TRUNK_FAILURE,
    (433, ""): Disposition.TRUNK_FAILURE,
    (500, ""): Disposition.TRUNK_FAILURE,
    (502, ""): Disposition.TRUNK_FAILURE,
    (503, ""): Disposition.TRUNK_FAILURE,
    (503, "Q.850;cause=34"): Disposition.TRUNK_FAILURE,
    (503, "Q.850;cause=42"): Disposition.TRUNK_FAILURE,
    (504, ""): Disposition.TRUNK_FAILURE,
}


@pytest.mark.parametrize(("status", "reason"), NOT_REACHED_BY)
def test_what_trunks_send_is_told_apart(status: int, reason: str) -> None:
    cause = cause_of(status, reason, Ender.THEY, False, LegState.RINGING)
    report = replace(RANG_OUT, cause=cause, sip_status=status)
    assert disposition_of(report) is NOT_REACHED_BY[status, reason]
    assert outcome_of(report) is Outcome.NOT_REACHED


def test_every_final_status_has_a_disposition_and_a_rule() -> None:
    table = load_table("delivery")
    for status in range(300, 700):
        cause = cause_of(status, "", Ender.THEY, False, LegState.RINGING)
        report = replace(RANG_OUT, cause=cause, sip_status=status)
        assert table.rule_for(disposition_of(report), outcome_of(report)) is not None, status


ANNOUNCEMENTS = {
    Announcement.VACANT_NUMBER: Disposition.INVALID_NUMBER,
    Announcement.SWITCHED_OFF: Disposition.SWITCHED_OFF,
    Announcement.SUSPENDED: Disposition.SUSPENDED,
    Announcement.OUT_OF_REACH: Disposition.OUT_OF_REACH,
    Announcement.NOT_IN_SERVICE: Disposition.OUT_OF_REACH,
    Announcement.BUSY_TALKING: Disposition.IN_A_CALL,
    Announcement.RESTRICTED: Disposition.RESTRICTED,
    Announcement.LINES_BUSY: Disposition.BUSY,
    Announcement.NO_ANSWER: Disposition.NO_ANSWER,
    Announcement.REMINDER: Disposition.OUT_OF_REACH,
    Announcement.WAITING: Disposition.IN_A_CALL,
    Announcement.FORWARDED: Disposition.NO_ANSWER,
}


@pytest.mark.parametrize("kind", Announcement)
def test_every_announcement_of_a_carrier_is_an_end_with_a_rule(kind: Announcement) -> None:
    report = replace(RANG_OUT, announcement=kind.value)
    assert disposition_of(report) is ANNOUNCEMENTS[kind]
    assert load_table("delivery").rule_for(ANNOUNCEMENTS[kind], outcome_of(report)) is not None


@pytest.mark.parametrize("kind", sorted(FAILURES))
def test_every_signal_of_failure_is_an_end(kind: EarlyKind) -> None:
    assert kind.value in ANNOUNCED


@pytest.mark.parametrize("kind", [EarlyKind.MELODY, EarlyKind.RINGBACK, EarlyKind.QUIET])
def test_a_melody_before_nobody_answers_says_nothing(kind: EarlyKind) -> None:
    assert kind.value not in ANNOUNCED
    assert disposition_of(replace(RANG_OUT, announcement=kind.value)) is Disposition.NO_ANSWER


def test_whoever_waits_in_another_call_and_then_answers_has_answered() -> None:
    report = replace(TALKED, announcement="waiting", cause=HangupCause.THEY_HUNG_UP)
    assert disposition_of(report) is Disposition.HUNG_UP_MIDWAY
    busy = replace(RANG_OUT, announcement="waiting", cause=HangupCause.BUSY)
    assert disposition_of(busy) is Disposition.BUSY


@pytest.mark.parametrize("machine", Machine)
def test_every_machine_that_answers_is_an_end_with_a_rule(machine: Machine) -> None:
    left = settled(DialogOutcome.MESSAGE_LEFT)
    report = replace(TALKED, machine=machine, result=left, turns=())
    disposition = disposition_of(report)
    spoken_to = {
        Machine.VOICEMAIL: Disposition.VOICEMAIL,
        Machine.ASSISTANT: Disposition.ASSISTANT,
        Machine.ANNOUNCEMENT: Disposition.OUT_OF_REACH,
        Machine.FAX: Disposition.NO_CONVERSATION,
    }
    assert disposition is spoken_to[machine]
    assert any(end is disposition for end, _ in load_table("delivery").rules)
