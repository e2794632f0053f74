"""Who is offered which call; who has rung long enough; who has waited long enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from campaigns.desk_routing import GiveUp, Offer, RoutingRules, TakeBack, route, staffed
from store.desk_types import AgentState, DeskLine, DeviceKind, TransferStatus
from store.desk_values import AgentFacts, TransferFacts

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RULES = RoutingRules(timedelta(seconds=15), timedelta(seconds=30))
NOTHING = MappingProxyType({})


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def agent(user_id: int, state: AgentState = AgentState.READY, **changes: object) -> AgentFacts:
    facts = AgentFacts(
        user_id=user_id,
        name=f"坐席{user_id}",
        device_kind=DeviceKind.BROWSER,
        device_address="",
        languages=("zh-CN",),
        lines=(DeskLine.FIRST,),
        state=state,
        state_since=NOON - seconds(60),
        seen_at=NOON,
        transfer_id=None,
        passes=0,
    )
    return replace(facts, **changes)


def wish(number: int, **changes: object) -> TransferFacts:
    facts = TransferFacts(
        id=number,
        attempt_id=100 + number,
        engine="here",
        rule="asked",
        label=NOTHING,
        priority=50,
        line=DeskLine.FIRST,
        language="zh-CN",
        brief=NOTHING,
        status=TransferStatus.WAITING,
        requested_at=NOON,
        agent_id=None,
        passed_by=frozenset(),
        offered_at=None,
        accepted_at=None,
        joined_at=None,
        ended_at=None,
        ended_how="",
        form=NOTHING,
        form_at=None,
        form_applied=False,
    )
    return replace(facts, **changes)


def offered(number: int, user_id: int, **changes: object) -> TransferFacts:
    return wish(
        number,
        status=TransferStatus.OFFERED,
        agent_id=user_id,
        offered_at=NOON,
        **changes,
    )


def test_whoever_has_been_ready_longest_is_asked_first() -> None:
    rested = agent(2, state_since=NOON - seconds(300))
    assert route([wish(1)], [agent(1), rested], NOON, RULES) == (Offer(1, 2),)


def test_the_most_urgent_is_served_first_and_then_the_longest_wait() -> None:
    waiting = [
        wish(1, requested_at=NOON - seconds(9)),
        wish(2, priority=90),
        wish(3, requested_at=NOON - seconds(20)),
    ]
    people = [agent(1, state_since=NOON - seconds(3)), agent(2, state_since=NOON - seconds(2))]
    assert route(waiting, people, NOON, RULES) == (Offer(2, 1), Offer(3, 2))


@pytest.mark.parametrize("state", [each for each in AgentState if each is not AgentState.READY])
def test_who_is_not_ready_is_not_asked(state: AgentState) -> None:
    assert route([wish(1)], [agent(1, state)], NOON, RULES) == ()


def test_who_does_not_speak_the_language_is_not_asked() -> None:
    assert route([wish(1, language="en-US")], [agent(1)], NOON, RULES) == ()


def test_a_matter_of_the_second_line_waits_for_it_while_it_is_there() -> None:
    second = agent(2, AgentState.TALKING, lines=(DeskLine.SECOND,))
    hard = wish(1, line=DeskLine.SECOND)
    assert route([hard], [agent(1), second], NOON, RULES) == ()
    assert route([hard], [agent(1), replace(second, state=AgentState.BREAK)], NOON, RULES) == (
        Offer(1, 1),
    )


def test_who_let_it_pass_is_not_asked_again() -> None:
    passed = wish(1, passed_by=frozenset({1}))
    assert route([passed], [agent(1), agent(2)], NOON, RULES) == (Offer(1, 2),)
    assert route([passed], [agent(1)], NOON, RULES) == ()


def test_an_offer_stands_for_its_time_and_then_goes_to_the_next() -> None:
    rings = agent(1, AgentState.OFFERED, transfer_id=1)
    people = [rings, agent(2)]
    assert route([offered(1, 1)], people, NOON + seconds(14.9), RULES) == ()
    assert route([offered(1, 1)], people, NOON + seconds(15), RULES) == (
        TakeBack(1, 1, was_there=True),
        Offer(1, 2),
    )


def test_an_offer_made_before_the_clock_was_set_back_goes_to_the_next() -> None:
    rings = agent(1, AgentState.OFFERED, transfer_id=1)
    decided = route([offered(1, 1)], [rings, agent(2)], NOON - seconds(3600), RULES)
    assert decided == (TakeBack(1, 1, was_there=True), Offer(1, 2))


@pytest.mark.parametrize(
    "gone",
    [
        [],
        [agent(1, AgentState.BREAK)],
        [agent(1, AgentState.OFFERED, transfer_id=9)],
    ],
)
def test_an_offer_to_somebody_who_went_away_is_taken_back_at_once(gone: list[AgentFacts]) -> None:
    assert route([offered(1, 1)], [*gone, agent(2)], NOON, RULES) == (
        TakeBack(1, 1, was_there=False),
        Offer(1, 2),
    )


def test_after_their_patience_customers_are_told_that_nobody_comes() -> None:
    late = NOON + seconds(30)
    rings = agent(1, AgentState.OFFERED, transfer_id=2)
    assert route([wish(1), offered(2, 1)], [rings, agent(2)], late, RULES) == (
        GiveUp(1, 101, None),
        GiveUp(2, 102, 1),
    )


def test_whoever_is_being_connected_is_left_alone() -> None:
    coming = wish(1, status=TransferStatus.ACCEPTED, agent_id=1)
    assert route([coming], [agent(2)], NOON + seconds(300), RULES) == ()


def test_the_desk_is_staffed_by_those_who_take_calls_now_or_after_this_one() -> None:
    people = [
        agent(1, AgentState.TALKING),
        agent(2, AgentState.BREAK, languages=("en-US",)),
        agent(3, AgentState.OFF, languages=("en-US",)),
    ]
    assert staffed(people) == {"zh-CN"}
    assert staffed([*people, agent(4, languages=("en-US",))]) == {"zh-CN", "en-US"}
