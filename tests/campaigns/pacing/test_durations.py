"""How long something lasts, and how many answer, as the last calls have shown it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from campaigns.pacing.answering import AnswerRate
from campaigns.pacing.durations import Durations


def test_what_was_supposed_gives_way_to_what_is_seen() -> None:
    talks = Durations.about(90.0)
    for _ in range(200):
        talks = talks.with_one(30.0)
    assert talks.longer_than(60.0) < 0.05
    assert talks.longer_than(20.0) > 0.9


@settings(max_examples=30, deadline=None)
@given(some.floats(0, 4000), some.floats(0, 60))
def test_a_chance_lies_between_none_and_certainty(elapsed, soon) -> None:
    chance = Durations.about(60.0).ends_within(np.array([elapsed]), np.array([soon]))[0]
    assert 0.0 <= chance <= 1.0


def test_of_what_lasts_longer_than_anything_seen_an_early_end_is_not_expected() -> None:
    ends = Durations.about(10.0, 0.3).ends_within(np.array([900.0]), np.array([5.0]))
    assert ends[0] < 0.01


def answered(rate: AnswerRate, calls: int, every: int) -> AnswerRate:
    for call in range(calls):
        rate = rate.after(call % every == 0)
    return rate


def test_the_rate_is_learnt() -> None:
    assert answered(AnswerRate(), 400, 5).now.rate == pytest.approx(0.2, abs=0.03)


def test_a_jump_is_seen_within_a_few_calls() -> None:
    usual = answered(AnswerRate(), 400, 5)
    assert answered(usual, 12, 1).now.rate > 0.4


def test_the_fewer_calls_the_higher_the_rate_that_is_reckoned_with() -> None:
    early, late = answered(AnswerRate(), 10, 5).now, answered(AnswerRate(), 400, 5).now
    assert early.upper(1.0) - early.rate > late.upper(1.0) - late.rate
