"""The pace of one campaign, and lines dealt to several."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.dealing import Dealer
from campaigns.events import CallMoved, CallPlaced
from campaigns.order import CallProgress, CallStage
from campaigns.pacemaker import Pacemaker
from campaigns.pacing.agents import AgentsNow
from campaigns.pacing.deciding import Mode, Reason
from campaigns.pacing.desk_reading import DeskView, Lasted, share_of
from campaigns.pacing.forecasting import Count
from campaigns.pacing.rules import AbandonLimit, PacingRules
from store.desk_agents import set_agent_state, sign_in
from store.desk_types import AgentState, DeskLine, DeviceKind
from store.desk_values import AgentFacts
from store.types import Disposition

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PROGRESSIVE = PacingRules(Mode.PROGRESSIVE, max_concurrent=50)
PREDICTIVE = PacingRules(Mode.PREDICTIVE, max_concurrent=50)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def agent(user_id: int, state: AgentState, since: datetime = NOON) -> AgentFacts:
    return AgentFacts(
        user_id, "", DeviceKind.BROWSER, "", ("zh-CN",), (DeskLine.FIRST,), state, since, NOON,
        None, 0,
    )  # fmt: skip


def wanted(pace: Pacemaker, free: int, now: datetime) -> int:
    return pace.decide(AgentsNow(free=free), Count(), 50, now).calls


def test_a_call_that_rings_keeps_an_agent_and_one_that_failed_gives_them_back() -> None:
    pace = Pacemaker(PROGRESSIVE)
    pace.placed(1, NOON)
    assert wanted(pace, 3, after(5)) == 2
    pace.settled(1, Disposition.NO_ANSWER, after(25))
    assert wanted(pace, 3, after(26)) == 3


def test_a_call_that_an_agent_took_needs_no_other_agent() -> None:
    pace = Pacemaker(PROGRESSIVE)
    pace.placed(1, NOON)
    pace.answered(1, after(8))
    assert wanted(pace, 1, after(9)) == 0
    pace.taken(1, after(9))
    assert wanted(pace, 1, after(10)) == 1


def test_whoever_answered_long_ago_and_got_no_agent_keeps_none() -> None:
    pace = Pacemaker(PROGRESSIVE)
    pace.placed(1, NOON)
    pace.answered(1, after(8))
    assert wanted(pace, 1, after(30)) == 1


def test_abandoned_people_count_and_machines_do_not() -> None:
    pace = Pacemaker(PREDICTIVE)
    ends = [Disposition.COMPLETED] * 3 + [Disposition.ABANDONED, Disposition.VOICEMAIL]
    for attempt, end in enumerate(ends):
        pace.placed(attempt, NOON)
        pace.answered(attempt, after(8))
        pace.settled(attempt, end, after(10))
    assert pace.rate(after(11)) == pytest.approx(0.25)


def test_what_was_abandoned_before_a_restart_counts() -> None:
    pace = Pacemaker(PREDICTIVE, [(NOON, number % 10 == 0) for number in range(100)])
    pace.decide(AgentsNow(free=2), Count(), 50, after(60))
    assert pace.last.reason is Reason.BUDGET


def test_the_law_of_the_place_holds_beside_the_ceiling_of_the_campaign() -> None:
    # Four in a hundred, all of them two days ago: the campaign's day has forgotten them.
    answers = [(NOON - timedelta(days=2), number % 25 == 0) for number in range(1000)]
    answers += [(NOON - timedelta(hours=1), False)] * 1000
    lenient = PacingRules(Mode.PREDICTIVE, ceiling=0.05, max_concurrent=50)
    pace = Pacemaker(lenient, answers)
    alone = pace.decide(AgentsNow(free=2), Count(), 50, NOON)
    pace.hold((AbandonLimit(0.01, timedelta(days=30)),), answers)
    under_law = pace.decide(AgentsNow(free=2), Count(), 50, NOON)
    assert (pace.rules.strictest, pace.rules.longest) == (0.01, timedelta(days=30))
    assert alone.reason is not Reason.BUDGET
    assert under_law.reason is Reason.BUDGET
    assert under_law.calls <= alone.calls


def test_the_campaign_has_its_own_calls_per_second() -> None:
    pace = Pacemaker(PacingRules(max_concurrent=50, calls_per_second=2.0))
    assert pace.allowed(0, NOON) == 2
    pace.placed(1, NOON)
    assert pace.allowed(1, NOON) == 1
    assert pace.allowed(49, after(5)) == 1


def test_nobody_counts_on_an_agent_who_will_take_a_customer_who_waits_already() -> None:
    view = DeskView((agent(1, AgentState.READY), agent(2, AgentState.READY)), frozenset({7}))
    assert view.agents_for((), [], NOON).free == 1
    assert view.agents_for((), [7], NOON).free == 2
    assert view.agents_for(("en-US",), [], NOON).free == 0


def test_how_long_agents_talked_is_seen_from_their_states() -> None:
    before = DeskView((agent(1, AgentState.TALKING),))
    later = DeskView((agent(1, AgentState.WRAP_UP, after(40)),))
    assert later.lasted_since(before) == (Lasted(AgentState.TALKING, 40.0),)


def test_two_engines_never_count_on_one_agent() -> None:
    everybody = [agent(number, AgentState.READY) for number in range(5)]
    here, there = (share_of(everybody, each, ["a", "b"]) for each in ("a", "b"))
    assert len(here) + len(there) == 5
    assert not {each.user_id for each in here} & {each.user_id for each in there}


def test_for_agents_a_telephone_rings_fifteen_seconds_at_least() -> None:
    assert PREDICTIVE.rings(timedelta(seconds=5)) == timedelta(seconds=15)
    assert PacingRules().rings(timedelta(seconds=5)) == timedelta(seconds=5)


def test_lines_are_dealt_by_priority_and_agents_by_their_number(database) -> None:
    async def deal() -> None:
        with database.transaction() as session:
            for user in (1, 2):
                sign_in(session, user, f"坐席{user}", NOON, device_kind=DeviceKind.BROWSER)
                set_agent_state(session, user, AgentState.READY, NOON)
        dealer = Dealer(database, "engine", 1)
        await dealer.take_up(1, PacingRules(max_concurrent=8), NOON)
        await dealer.take_up(2, PacingRules(Mode.PROGRESSIVE, max_concurrent=8, priority=9), NOON)
        await dealer.ask({1: 0, 2: 0}, 6, NOON)
        assert dealer.deal(6) == {1: 4, 2: 2}

    asyncio.run(deal())


def test_calls_that_ring_are_heard_of_and_counted(database) -> None:
    async def deal() -> None:
        with database.transaction() as session:
            sign_in(session, 1, "坐席", NOON, device_kind=DeviceKind.BROWSER)
            set_agent_state(session, 1, AgentState.READY, NOON)
        dealer = Dealer(database, "engine", 1)
        await dealer.take_up(1, PROGRESSIVE, NOON)
        dealer.hear(1, CallPlaced(5, 1, 1, "", "", ""), NOON)
        dealer.hear(1, CallMoved(CallProgress(5, CallStage.TALKING)), after(8))
        await dealer.ask({1: 1}, 6, after(9))
        assert dealer.deal(6) == {}
        dealer.taken(5, after(9))
        await dealer.ask({1: 1}, 6, after(10))
        assert dealer.deal(6) == {1: 1}

    asyncio.run(deal())


def test_a_campaign_without_anybody_to_call_leaves_its_lines_to_others(database) -> None:
    async def deal() -> None:
        dealer = Dealer(database, "engine", 1)
        for campaign in (1, 2):
            await dealer.take_up(campaign, PacingRules(max_concurrent=8), NOON)
        await dealer.ask({1: 0, 2: 0}, 4, NOON)
        assert dealer.deal(4) == {1: 2, 2: 2}
        dealer.placed(1, 2, 0, NOON)
        dealer.placed(2, 2, 2, NOON)
        assert dealer.deal(2) == {2: 2}

    asyncio.run(deal())
