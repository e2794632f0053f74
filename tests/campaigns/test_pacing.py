"""How many calls go out at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.pacing import Allowance, calls_to_place

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PLENTY = Allowance(100.0, 100.0, NOON)


@pytest.mark.parametrize(
    ("free_lines", "in_progress", "max_concurrent", "calls"),
    [
        (8, 0, 8, 8),
        (2, 0, 8, 2),
        (8, 6, 8, 2),
        (8, 8, 8, 0),
        (8, 9, 8, 0),
        (0, 0, 8, 0),
        (8, 0, 0, 0),
    ],
)
def test_lines_and_the_campaign_limit_calls(
    free_lines: int, in_progress: int, max_concurrent: int, calls: int
) -> None:
    assert calls_to_place(free_lines, in_progress, max_concurrent, PLENTY) == calls


def test_the_trunk_limits_calls_per_second() -> None:
    allowance = Allowance.full(2.0, NOON)
    assert calls_to_place(8, 0, 8, allowance) == 2
    spent = allowance.less(2)
    assert calls_to_place(8, 2, 8, spent.at(NOON + timedelta(milliseconds=400))) == 0
    assert calls_to_place(8, 2, 8, spent.at(NOON + timedelta(milliseconds=500))) == 1


def test_a_slow_trunk_still_gets_its_first_call_at_once() -> None:
    allowance = Allowance.full(0.1, NOON).less(1)
    assert allowance.at(NOON + timedelta(seconds=9)).whole == 0
    assert allowance.at(NOON + timedelta(seconds=10)).whole == 1


def test_idle_time_is_not_saved_up_for_a_burst() -> None:
    allowance = Allowance.full(5.0, NOON).less(5)
    assert allowance.at(NOON + timedelta(hours=1)).whole == 5


def test_many_small_refills_make_a_whole_call() -> None:
    allowance = Allowance(1.0, 0.0, NOON)
    for tick in range(1, 11):
        allowance = allowance.at(NOON + tick * timedelta(milliseconds=100))
    assert allowance.whole == 1


def test_a_clock_set_back_allows_nothing_more() -> None:
    spent = Allowance.full(5.0, NOON).less(5)
    assert spent.at(NOON - timedelta(hours=1)).whole == 0


def test_more_calls_than_allowed_are_an_error() -> None:
    with pytest.raises(ValueError, match="2 calls were placed, 1 were allowed"):
        Allowance.full(1.0, NOON).less(2)
