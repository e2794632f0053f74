"""Who is called again, and when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.calling_window import CallingWindow
from campaigns.retry import (
    NO_RETRIES,
    AttemptEnd,
    CallHistory,
    RetryDecision,
    RetryPolicy,
    RetryReason,
    decide,
)
from store.types import Disposition, Outcome

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYTIME = CallingWindow(time(9), time(20), SHANGHAI)
POLICY = RetryPolicy(
    delays={
        Disposition.BUSY: timedelta(minutes=10),
        Disposition.NO_ANSWER: timedelta(hours=1),
        Disposition.VOICEMAIL: timedelta(hours=2),
        Disposition.HUNG_UP_MIDWAY: timedelta(minutes=15),
        Disposition.NO_CONVERSATION: timedelta(hours=1),
        Disposition.TRUNK_FAILURE: timedelta(minutes=2),
    },
    max_attempts=3,
    max_unfinished=2,
    max_trunk_failures=2,
)


def at(hour: int, minute: int = 0, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def ended(
    disposition: Disposition, outcome: Outcome, call_again_at: datetime | None = None
) -> AttemptEnd:
    return AttemptEnd(disposition, outcome, at(12), call_again_at)


BUSY = ended(Disposition.BUSY, Outcome.NOT_REACHED)
HUNG_UP = ended(Disposition.HUNG_UP_MIDWAY, Outcome.UNFINISHED)
FIRST = CallHistory(not_reached=1)


@pytest.mark.parametrize(
    ("end", "decision"),
    [
        (BUSY, RetryDecision(at(12, 10), RetryReason.NOT_REACHED)),
        (
            ended(Disposition.NO_ANSWER, Outcome.NOT_REACHED),
            RetryDecision(at(13), RetryReason.NOT_REACHED),
        ),
        (HUNG_UP, RetryDecision(at(12, 15), RetryReason.UNFINISHED)),
        (
            ended(Disposition.COMPLETED, Outcome.UNFINISHED),
            RetryDecision(at(12, 15), RetryReason.UNFINISHED),
        ),
        (
            ended(Disposition.TRUNK_FAILURE, Outcome.NOT_REACHED),
            RetryDecision(at(12, 2), RetryReason.TRUNK_FAILED),
        ),
        (
            ended(Disposition.INVALID_NUMBER, Outcome.NOT_REACHED),
            RetryDecision(None, RetryReason.FINAL),
        ),
        (
            ended(Disposition.COMPLETED, Outcome.CONFIRMED),
            RetryDecision(None, RetryReason.SETTLED),
        ),
        (
            ended(Disposition.COMPLETED, Outcome.OPTED_OUT),
            RetryDecision(None, RetryReason.SETTLED),
        ),
        (
            ended(Disposition.INTERRUPTED, Outcome.UNKNOWN),
            RetryDecision(None, RetryReason.FATE_UNKNOWN),
        ),
    ],
)
def test_the_disposition_decides(end: AttemptEnd, decision: RetryDecision) -> None:
    assert decide(end, FIRST, POLICY, DAYTIME, useful_until=None) == decision


def test_a_machine_is_not_retried_within_the_hour() -> None:
    end = ended(Disposition.VOICEMAIL, Outcome.MESSAGE_LEFT)
    decision = decide(end, FIRST, POLICY, DAYTIME, None)
    assert decision.retry_at is not None
    assert decision.retry_at - end.at > timedelta(hours=1)


def test_an_interrupted_attempt_is_never_redialled_even_when_time_and_tries_are_left() -> None:
    end = ended(Disposition.INTERRUPTED, Outcome.UNKNOWN, call_again_at=at(15))
    assert decide(end, CallHistory(), POLICY, DAYTIME, None).retry_at is None


def test_the_last_attempt_is_the_last() -> None:
    decision = decide(BUSY, CallHistory(not_reached=3), POLICY, DAYTIME, None)
    assert decision == RetryDecision(None, RetryReason.ENOUGH_ATTEMPTS)


def test_a_second_call_that_settles_nothing_is_enough() -> None:
    decision = decide(HUNG_UP, CallHistory(reached=2), POLICY, DAYTIME, None)
    assert decision == RetryDecision(None, RetryReason.ENOUGH_UNFINISHED)


def test_calls_that_reached_nobody_do_not_run_down_the_clock_of_the_unfinished() -> None:
    history = CallHistory(not_reached=1, reached=1)
    assert decide(HUNG_UP, history, POLICY, DAYTIME, None).retry_at == at(12, 15)


def test_trunk_failures_do_not_count_as_attempts() -> None:
    history = CallHistory.of([Disposition.TRUNK_FAILURE] * 9 + [Disposition.BUSY])
    assert history.attempts == 1
    assert decide(BUSY, history, POLICY, DAYTIME, None).retry_at == at(12, 10)


def test_a_number_that_the_trunk_fails_on_again_and_again_is_given_up() -> None:
    end = ended(Disposition.TRUNK_FAILURE, Outcome.NOT_REACHED)
    decision = decide(end, CallHistory(trunk_failures=2), POLICY, DAYTIME, None)
    assert decision == RetryDecision(None, RetryReason.ENOUGH_TRUNK_FAILURES)


def test_history_ignores_what_was_never_dialled() -> None:
    history = CallHistory.of(
        [
            Disposition.BUSY,
            Disposition.SUPPRESSED,
            Disposition.EXPIRED,
            Disposition.OPEN_TICKET,
            Disposition.HUNG_UP_MIDWAY,
            Disposition.TRUNK_FAILURE,
        ]
    )
    assert history == CallHistory(not_reached=1, reached=1, trunk_failures=1)


def test_a_retry_after_hours_waits_for_the_morning() -> None:
    end = AttemptEnd(Disposition.BUSY, Outcome.NOT_REACHED, at(19, 55))
    assert decide(end, FIRST, POLICY, DAYTIME, None).retry_at == at(9, day=23)


def test_a_retry_that_would_come_too_late_is_not_made() -> None:
    decision = decide(BUSY, FIRST, POLICY, DAYTIME, useful_until=at(12, 10))
    assert decision == RetryDecision(None, RetryReason.TOO_LATE)
    assert decide(BUSY, FIRST, POLICY, DAYTIME, at(12, 11)).retry_at == at(12, 10)


def test_call_me_at_eight_is_kept_to_the_minute() -> None:
    end = ended(Disposition.COMPLETED, Outcome.UNFINISHED, call_again_at=at(18))
    assert decide(end, FIRST, POLICY, DAYTIME, None) == RetryDecision(at(18), RetryReason.ASKED_FOR)


def test_a_wish_outside_the_window_is_moved_to_its_opening() -> None:
    end = ended(Disposition.COMPLETED, Outcome.UNFINISHED, call_again_at=at(22))
    assert decide(end, FIRST, POLICY, DAYTIME, None).retry_at == at(9, day=23)


def test_a_wish_for_the_past_is_granted_now() -> None:
    end = ended(Disposition.COMPLETED, Outcome.UNFINISHED, call_again_at=at(11))
    assert decide(end, FIRST, POLICY, DAYTIME, None).retry_at == at(12)


def test_without_retries_everybody_is_called_once() -> None:
    assert decide(BUSY, FIRST, NO_RETRIES, DAYTIME, None).retry_at is None
