"""Which campaign places the next call."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as some

from campaigns.pacing.sharing import Claim, Turns

claims = some.lists(
    some.tuples(some.integers(0, 9), some.integers(0, 3), some.integers(1, 20)), max_size=6
).map(
    lambda rows: tuple(
        Claim(number, calls, priority, weight)
        for number, (calls, priority, weight) in enumerate(rows)
    )
)


def shares(rounds: int, wanting: tuple[Claim, ...], lines: int = 1) -> dict[int, int]:
    turns, total = Turns(), {each.campaign: 0 for each in wanting}
    for _ in range(rounds):
        dealt = turns.deal(lines, wanting)
        turns = turns.placed(dealt, wanting)
        total = {key: total[key] + dealt[key] for key in total}
    return total


@settings(max_examples=30, deadline=None)
@given(some.integers(-2, 30), claims)
def test_no_more_than_the_lines_and_no_more_than_wanted(free, wanting) -> None:
    dealt = Turns().deal(free, wanting)
    assert all(0 <= dealt[each.campaign] <= each.calls for each in wanting)
    assert sum(dealt.values()) == min(max(0, free), sum(each.calls for each in wanting))


@settings(max_examples=30, deadline=None)
@given(some.lists(some.integers(1, 15), min_size=2, max_size=5))
def test_calls_are_shared_by_weight_and_nobody_waits_for_ever(weights) -> None:
    wanting = tuple(Claim(key, 9, weight=weight) for key, weight in enumerate(weights))
    rounds = 3 * sum(weights)
    for key, calls in shares(rounds, wanting).items():
        assert abs(calls - 3 * weights[key]) <= len(weights)


def test_a_higher_priority_is_served_first_and_what_it_leaves_flows_on() -> None:
    first, second = Claim(1, 3, priority=9), Claim(2, 9, priority=1, weight=50)
    assert Turns().deal(5, (first, second)) == {1: 3, 2: 2}


def test_what_one_campaign_does_not_want_the_others_get() -> None:
    assert Turns().deal(8, (Claim(1, 1), Claim(2, 9))) == {1: 1, 2: 7}


def test_who_wanted_nothing_for_long_does_not_take_all_lines_afterwards() -> None:
    alone, turns = (Claim(1, 5), Claim(2, 0)), Turns()
    for _ in range(100):
        turns = turns.placed(turns.deal(3, alone), alone)
    dealt = turns.deal(10, (Claim(1, 10), Claim(2, 10)))
    assert abs(dealt[1] - dealt[2]) <= 1
