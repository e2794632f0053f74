from __future__ import annotations

from datetime import timedelta

from dialer.load import least_loaded
from dialer.restart import GiveUp, Restart, RestartPolicy, after_death

POLICY = RestartPolicy(
    quick=timedelta(seconds=5),
    first_delay=timedelta(seconds=1),
    longest_delay=timedelta(seconds=3),
    quick_deaths=4,
)
AT_ONCE = timedelta(0)


def test_a_worker_that_lived_long_is_restarted_at_once_and_its_past_forgotten() -> None:
    assert after_death(POLICY, timedelta(seconds=5), 3) == Restart(AT_ONCE, 0)


def test_quick_deaths_are_answered_with_longer_and_longer_pauses() -> None:
    assert after_death(POLICY, AT_ONCE, 0) == Restart(timedelta(seconds=1), 1)
    assert after_death(POLICY, AT_ONCE, 1) == Restart(timedelta(seconds=2), 2)
    assert after_death(POLICY, AT_ONCE, 2) == Restart(timedelta(seconds=3), 3)


def test_a_worker_that_only_dies_is_given_up() -> None:
    assert after_death(POLICY, AT_ONCE, 3) == GiveUp(4)


def test_the_least_loaded_worker_is_chosen() -> None:
    assert least_loaded({0: 2, 1: 1, 2: 3}, slots=4) == 1


def test_equals_are_taken_in_order() -> None:
    assert least_loaded({2: 1, 1: 1}, slots=4) == 1


def test_there_is_no_worker_when_all_are_full_or_none_is_up() -> None:
    assert least_loaded({0: 4, 1: 4}, slots=4) is None
    assert least_loaded({}, slots=4) is None
