"""How many calls are placed for agents."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from campaigns.pacing.agents import AgentsNow, CallsNow
from campaigns.pacing.deciding import Mode, Reason, Situation, decide
from campaigns.pacing.forecasting import people_of
from campaigns.pacing.learning import Learned

seconds = some.floats(0, 900, allow_nan=False)
agents = some.builds(
    AgentsNow,
    free=some.integers(0, 12),
    talking=some.lists(seconds, max_size=6).map(tuple),
    writing=some.lists(seconds, max_size=6).map(tuple),
    asking=some.integers(0, 4),
)
calls = some.builds(
    CallsNow,
    ringing=some.lists(some.floats(0, 60), max_size=12).map(tuple),
    answered=some.integers(0, 4),
)
situations = some.builds(
    Situation,
    agents,
    calls,
    some.just(Learned()),
    budget=some.floats(-5, 60),
    ceiling=some.floats(0, 0.05),
)
modes = some.sampled_from(list(Mode))


def situation(
    free: int = 0, ringing: int = 0, budget: float = 0.0, answer_rate: float = 0.3
) -> Situation:
    learned = Learned()
    for call in range(200):
        reached = (call * 0.618) % 1 < answer_rate
        learned = learned.reached(9.0) if reached else learned.failed(25.0)
    return Situation(
        AgentsNow(free=free), CallsNow(ringing=(1.0,) * ringing), learned, budget, 0.03
    )


@settings(max_examples=30, deadline=None)
@given(modes, situations, some.integers(-3, 40))
def test_no_more_calls_than_allowed_and_never_fewer_than_none(mode, now, allowed) -> None:
    assert 0 <= decide(mode, now, allowed).calls <= max(0, allowed)


@settings(max_examples=30, deadline=None)
@given(some.sampled_from([Mode.PROGRESSIVE, Mode.PREDICTIVE]), situations, some.integers(0, 20))
def test_another_free_agent_never_means_fewer_calls(mode, now, allowed) -> None:
    more = replace(now, agents=replace(now.agents, free=now.agents.free + 1))
    assert decide(mode, more, allowed).calls >= decide(mode, now, allowed).calls


@settings(max_examples=30, deadline=None)
@given(situations, some.integers(0, 20))
def test_a_larger_budget_never_means_fewer_calls(now, allowed) -> None:
    more = replace(now, budget=now.budget + 2)
    assert (
        decide(Mode.PREDICTIVE, more, allowed).calls >= decide(Mode.PREDICTIVE, now, allowed).calls
    )


@settings(max_examples=30, deadline=None)
@given(situations, some.integers(0, 20))
def test_predictive_is_never_slower_than_progressive(now, allowed) -> None:
    assert (
        decide(Mode.PREDICTIVE, now, allowed).calls >= decide(Mode.PROGRESSIVE, now, allowed).calls
    )


@settings(max_examples=30, deadline=None)
@given(agents, calls, some.integers(0, 20))
def test_without_a_budget_no_call_goes_out_for_which_no_agent_is_free(here, flying, allowed):
    now = Situation(here, flying, Learned(), 0.0, 0.03)
    decided = decide(Mode.PREDICTIVE, now, allowed)
    assert decided.calls <= max(0, here.free - flying.in_flight)


def test_automatic_takes_what_the_lines_allow() -> None:
    decided = decide(Mode.AUTOMATIC, situation(), 7)
    assert (decided.calls, decided.reason) == (7, Reason.LINES)


def test_progressive_places_a_call_for_each_free_agent_without_one() -> None:
    decided = decide(Mode.PROGRESSIVE, situation(free=5, ringing=2), 20)
    assert (decided.calls, decided.reason) == (3, Reason.AGENTS)


def test_preview_places_as_many_calls_as_agents_ask_for() -> None:
    now = replace(situation(free=5), agents=AgentsNow(free=5, asking=2))
    decided = decide(Mode.PREVIEW, now, 20)
    assert (decided.calls, decided.reason) == (2, Reason.ASKED)


@pytest.mark.parametrize("mode", [Mode.PROGRESSIVE, Mode.PREDICTIVE])
def test_without_agents_nobody_is_called(mode: Mode) -> None:
    decided = decide(mode, situation(budget=50.0), 20)
    assert (decided.calls, decided.reason) == (0, Reason.NO_AGENTS)


def test_predictive_begins_as_progressive_until_enough_have_answered() -> None:
    decided = decide(Mode.PREDICTIVE, situation(free=5), 50)
    assert (decided.calls, decided.reason) == (5, Reason.LEARNING)


def test_with_a_budget_more_calls_go_out_than_agents_are_free() -> None:
    assert decide(Mode.PREDICTIVE, situation(free=5, budget=30.0), 50).calls > 5


def test_the_more_people_answer_the_fewer_calls_go_out() -> None:
    few = decide(Mode.PREDICTIVE, situation(free=8, budget=30.0, answer_rate=0.2), 50)
    many = decide(Mode.PREDICTIVE, situation(free=8, budget=30.0, answer_rate=0.7), 50)
    assert many.calls < few.calls


def test_above_the_ceiling_only_free_agents_get_calls() -> None:
    decided = decide(Mode.PREDICTIVE, situation(free=5, budget=-2.0), 50)
    assert (decided.calls, decided.reason) == (5, Reason.BUDGET)


def test_a_small_budget_is_kept_for_a_surge_of_answers() -> None:
    small = decide(Mode.PREDICTIVE, situation(free=5, budget=3.5), 50)
    assert small.calls < decide(Mode.PREDICTIVE, situation(free=5, budget=30.0), 50).calls
    assert small.reason is Reason.BUDGET


def test_agents_who_will_be_taken_by_another_campaign_are_not_counted_on() -> None:
    now = situation(free=5, budget=30.0)
    taken = people_of(CallsNow(answered=4), now.learned)
    assert decide(Mode.PREDICTIVE, replace(now, others=taken), 50).calls < (
        decide(Mode.PREDICTIVE, now, 50).calls
    )
