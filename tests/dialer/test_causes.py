from __future__ import annotations

import pytest

from dialer.causes import (
    CLASS_CAUSES,
    NETWORK_DROPS,
    Q850_CAUSES,
    STATUS_CAUSES,
    VAGUE_STATUSES,
    Ender,
    cause_of,
    q850_cause,
)
from dialer.leg import HangupCause, LegState

RINGING = LegState.RINGING


@pytest.mark.parametrize("status", range(300, 700))
def test_every_final_status_of_the_far_end_has_a_cause(status: int) -> None:
    expected = STATUS_CAUSES.get(status, CLASS_CAUSES[status // 100])
    assert cause_of(status, "", Ender.THEY, False, RINGING) is expected


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (486, HangupCause.BUSY),
        (600, HangupCause.BUSY),
        (603, HangupCause.DECLINED),
        (404, HangupCause.INVALID_NUMBER),
        (484, HangupCause.INVALID_NUMBER),
        (480, HangupCause.UNAVAILABLE),
        (403, HangupCause.FORBIDDEN),
        (407, HangupCause.FORBIDDEN),
        (488, HangupCause.INCOMPATIBLE_MEDIA),
        (503, HangupCause.CONGESTION),
        (302, HangupCause.FAILED),
        (499, HangupCause.FAILED),
        (599, HangupCause.CONGESTION),
        (699, HangupCause.DECLINED),
        (0, HangupCause.FAILED),
    ],
)
def test_what_an_operator_would_expect_of_a_status(status: int, cause: HangupCause) -> None:
    assert cause_of(status, "", Ender.THEY, False, RINGING) is cause


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ('Q.850;cause=17;text="User busy"', 17),
        ("q.850 ; cause = 1", 1),
        ('SIP;cause=200;text="ok", Q.850;cause=34', 34),
        ('Q.850;text="no route";cause=3', 3),
        ("SIP;cause=487", None),
        ("", None),
    ],
)
def test_the_q850_value_is_read_from_a_reason_header(header: str, value: int | None) -> None:
    assert q850_cause(header) == value


@pytest.mark.parametrize("value", sorted(Q850_CAUSES))
def test_a_vague_status_yields_to_a_q850_cause(value: int) -> None:
    for status in VAGUE_STATUSES:
        cause = cause_of(status, f"Q.850;cause={value}", Ender.THEY, False, RINGING)
        assert cause is Q850_CAUSES[value]


def test_a_plain_status_is_believed_against_a_q850_cause() -> None:
    assert cause_of(486, "Q.850;cause=34", Ender.THEY, False, RINGING) is HangupCause.BUSY


def test_a_vague_status_with_an_empty_q850_cause_is_read_by_itself() -> None:
    assert cause_of(480, "Q.850;cause=16", Ender.THEY, False, RINGING) is HangupCause.UNAVAILABLE


def test_487_after_the_ring_timeout_is_no_answer() -> None:
    assert cause_of(487, "", Ender.RING_TIMEOUT, False, RINGING) is HangupCause.NO_ANSWER


def test_487_after_our_own_cancel_is_cancelled() -> None:
    assert cause_of(487, "", Ender.WE, False, RINGING) is HangupCause.CANCELLED


def test_an_answer_that_crossed_our_cancel_does_not_change_the_cause() -> None:
    assert cause_of(200, "", Ender.RING_TIMEOUT, False, RINGING) is HangupCause.NO_ANSWER
    assert cause_of(200, "", Ender.WE, False, RINGING) is HangupCause.CANCELLED


def test_a_busy_signal_that_crossed_our_cancel_is_busy() -> None:
    assert cause_of(486, "", Ender.WE, False, RINGING) is HangupCause.BUSY


def test_a_cancelled_call_that_nothing_ever_answered_says_so() -> None:
    for ender in (Ender.WE, Ender.RING_TIMEOUT):
        cause = cause_of(408, "", ender, False, LegState.DIALING)
        assert cause is HangupCause.UNANSWERED_INVITE


def test_a_408_from_the_far_end_is_no_answer() -> None:
    assert cause_of(408, "", Ender.THEY, False, RINGING) is HangupCause.NO_ANSWER


@pytest.mark.parametrize(
    ("status", "phrase"),
    [(408, "Request Timeout"), (503, "End of file (PJ_EEOF)"), (503, "Connection reset by peer")],
)
def test_an_invite_that_left_and_was_never_answered_may_ring(status: int, phrase: str) -> None:
    cause = cause_of(status, "", Ender.NOBODY, False, LegState.DIALING, phrase)
    assert cause is HangupCause.UNANSWERED_INVITE


@pytest.mark.parametrize(
    "phrase", ["Connection refused", "Network is unreachable", "No route to host"]
)
def test_an_invite_that_never_left_rings_nowhere(phrase: str) -> None:
    cause = cause_of(503, "", Ender.NOBODY, False, LegState.DIALING, phrase)
    assert cause is HangupCause.TRUNK_UNREACHABLE


def test_a_connection_that_broke_while_it_rang_leaves_it_ringing() -> None:
    cause = cause_of(503, "", Ender.NOBODY, False, RINGING, "Connection refused")
    assert cause is HangupCause.UNANSWERED_INVITE


def test_media_that_can_not_be_agreed_on_is_not_blamed_on_the_trunk() -> None:
    cause = cause_of(488, "", Ender.NOBODY, False, RINGING)
    assert cause is HangupCause.INCOMPATIBLE_MEDIA


@pytest.mark.parametrize(
    ("ender", "cause"),
    [
        (Ender.WE, HangupCause.WE_HUNG_UP),
        (Ender.THEY, HangupCause.THEY_HUNG_UP),
        (Ender.MEDIA_TIMEOUT, HangupCause.MEDIA_LOST),
        (Ender.NOBODY, HangupCause.MEDIA_LOST),
    ],
)
def test_an_answered_call_is_told_by_who_ended_it(ender: Ender, cause: HangupCause) -> None:
    assert cause_of(200, "", ender, True, LegState.ANSWERED) is cause


@pytest.mark.parametrize("value", sorted(NETWORK_DROPS))
def test_a_network_that_drops_an_answered_call_is_not_taken_for_the_callee(value: int) -> None:
    cause = cause_of(200, f"Q.850;cause={value}", Ender.THEY, True, LegState.ANSWERED)
    assert cause is HangupCause.MEDIA_LOST
