"""How many people may still be abandoned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from campaigns.pacing.abandons import AbandonWindow

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def after(answers: int, abandoned: int = 0, length: timedelta = DAY) -> AbandonWindow:
    window = AbandonWindow(0.03, length)
    for number in range(answers):
        at = NOON + timedelta(seconds=10 * number)
        window = window.with_answer(at, abandoned=number >= answers - abandoned)
    return window


def test_at_first_nobody_may_be_abandoned() -> None:
    assert AbandonWindow(0.03, DAY).budget(NOON) == 0


def test_a_hundred_answers_allow_three() -> None:
    now = NOON + timedelta(seconds=1000)
    assert after(100).budget(now) == pytest.approx(3.0)
    assert after(100, abandoned=2).budget(now) == pytest.approx(1.0)
    assert after(100, abandoned=5).budget(now) == pytest.approx(-2.0)


def test_the_rate_is_that_of_the_window() -> None:
    window = after(100, abandoned=4)
    assert window.rate(NOON + timedelta(seconds=1000)) == pytest.approx(0.04)
    assert window.rate(NOON + 2 * DAY) == 0


def test_what_was_saved_yesterday_is_not_spent_in_a_minute() -> None:
    window = after(8000)
    late = NOON + timedelta(hours=23)
    assert window.counts(late) == (8000, 0)
    assert window.budget(late) < 30


def test_a_restart_remembers_what_was_abandoned() -> None:
    history = [(NOON + timedelta(minutes=each), each == 7) for each in range(50)]
    window = AbandonWindow(0.03, DAY).with_history(history)
    assert window.counts(NOON + timedelta(hours=1)) == (50, 1)


@settings(max_examples=30, deadline=None)
@given(some.lists(some.tuples(some.integers(1, 900), some.booleans()), max_size=150))
def test_who_abandons_only_within_the_budget_keeps_the_ceiling(steps) -> None:
    window = AbandonWindow(0.03, timedelta(hours=2))
    now = NOON
    for seconds, wanted in steps:
        now += timedelta(seconds=seconds)
        abandoned = wanted and window.budget(now) >= 1
        window = window.with_answer(now, abandoned=abandoned)
        reached, lost = window.counts(now)
        assert not abandoned or lost <= 0.03 * reached
