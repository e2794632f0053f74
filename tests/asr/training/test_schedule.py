from __future__ import annotations

from itertools import pairwise

import pytest

from asr.training.rows import Reading
from asr.training.schedule import PEAK_RATE, SHARES, learning_rate, stages, synthetic_stages


def test_the_first_stage_hears_synthetic_speech_only_and_the_last_ones_cool() -> None:
    plan = stages()
    assert [stage.recorded for stage in plan] == [False, True, True, True, True]
    assert [stage.cools for stage in plan] == [False, False, False, True, True]


def test_a_language_without_recordings_is_trained_in_one_go() -> None:
    (only,) = synthetic_stages()
    assert only.cools
    assert not only.recorded


def test_the_rate_warms_up_once_and_not_again_in_later_stages() -> None:
    first, second = stages()[:2]
    assert learning_rate(first, 0, 0) < 0.05 * PEAK_RATE
    assert learning_rate(first, 200, 0) == PEAK_RATE
    assert learning_rate(second, 0, first.steps) == PEAK_RATE


def test_the_rate_of_the_last_stage_falls_to_almost_nothing() -> None:
    last = stages()[-2]
    rates = [learning_rate(last, step, 1450) for step in range(0, last.steps + 1, 50)]
    assert rates[0] == PEAK_RATE
    assert all(later <= earlier for earlier, later in pairwise(rates))
    assert rates[-1] == pytest.approx(0.015 * PEAK_RATE, rel=0.05)


def test_a_quick_trial_has_the_same_stages_with_fewer_steps() -> None:
    quick = stages(0.1)
    assert [stage.name for stage in quick] == [stage.name for stage in stages()]
    assert quick[-2].steps == stages()[-2].steps // 10


def test_the_shares_of_readings_make_a_whole() -> None:
    assert set(SHARES) == set(Reading)
    assert sum(SHARES.values()) == pytest.approx(1.0)


def test_the_stage_after_cooling_is_gentle_and_hears_many_sounds() -> None:
    gentle = stages()[-1]
    assert not gentle.realigns
    assert gentle.sounds > SHARES[Reading.NOTHING]
    assert learning_rate(gentle, 0, 5950) == pytest.approx(0.25 * PEAK_RATE)
