"""Campaigns whose calls are made for agents: how many ring, who gets them, and who finds nobody."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from campaigns.order import CallProgress, CallStage
from campaigns.rehearsed import RehearsedCallers, confirms, keeps_talking
from dialer.leg import HangupCause
from ivr.agent_opening import RULE, AgentCall, WhenNoAgent
from ivr.exchange import DialogOutcome, DialogResult
from ivr.people import Brief, Flag, JoinCall, Joined, Line, NobodyCame, PersonWanted, SomebodyComes
from store.desk_types import AgentState, TransferStatus
from store.models import Contact
from store.types import Disposition

LI, WANG = 7, 8
FLAG = Flag(RULE, 100, Line.FIRST, {"zh": "外呼接通", "en": "Campaign call"})
BRIEF = Brief({"zh": "外呼接通", "en": "Campaign call"}, "王小明", "SD1", "zh-CN")
FEW_TICKS = 0.4


@pytest.fixture
def at_work(house, start):
    """A service that calls for agents while a block lasts."""

    @asynccontextmanager
    async def served(mode: str = "progressive", people: int = 6, **pacing: object):
        built = house(RehearsedCallers(keeps_talking, 8))
        start(people, policy={"pacing": {"mode": mode, **pacing}})
        running = asyncio.create_task(built.service.run())
        try:
            yield built
        finally:
            built.service.stop()
            built.service.stop()
            await running

    return served


def _answered(house, attempt: int) -> None:
    house.callers.say(CallProgress(attempt, CallStage.TALKING))
    house.callers.say(PersonWanted(attempt, FLAG, BRIEF))


def _abandoned(order):
    result = DialogResult(DialogOutcome.UNFINISHED, finished=False)
    return replace(confirms(order), result=result, abandoned=True)


async def _placed(house, count: int):
    await house.until(lambda: len(house.callers.orders) >= count)
    return house.callers.orders[count - 1]


def _stays(house) -> None:
    """Let an agent sign in again who was put off, for hours went by."""
    if house.state_of(LI) is AgentState.OFF:
        house.comes(LI)


async def _rest(house) -> None:
    """Let the engine decide a few times more."""
    for _ in range(4):
        house.clock.passes(1.1)
        for user in (LI, WANG):
            house.seen(user)
        await asyncio.sleep(FEW_TICKS / 4)


async def test_no_more_calls_ring_than_agents_are_free_and_none_without(at_work):
    async with at_work() as house:
        await _rest(house)
        assert not house.callers.orders
        house.comes(LI)
        house.comes(WANG, "sip:6002@127.0.0.1:5070")
        await _placed(house, 2)
        await _rest(house)
        assert len(house.callers.orders) == 2
        assert house.callers.orders[0].agent_call == AgentCall(WhenNoAgent.ROBOT, 2.0)


async def test_a_person_is_put_through_to_a_telephone_without_a_click(at_work):
    async with at_work() as house:
        house.comes(LI)
        order = await _placed(house, 1)
        _answered(house, order.attempt)
        join = await house.one(JoinCall)
        assert (join.attempt, join.user) == (order.attempt, LI)
        assert (await house.one(SomebodyComes)).attempt == order.attempt
        house.callers.say(Joined(order.attempt, join.join))
        await house.until(lambda: house.is_(order.attempt, TransferStatus.JOINED))
        await _rest(house)
        assert len(house.callers.orders) == 1


async def test_who_writes_gets_no_call_until_they_are_ready_and_who_leaves_none(at_work):
    async with at_work() as house:
        house.comes(LI)
        order = await _placed(house, 1)
        _answered(house, order.attempt)
        join = await house.one(JoinCall)
        house.callers.say(Joined(order.attempt, join.join))
        await house.until(lambda: house.is_(order.attempt, TransferStatus.JOINED))
        house.callers.end(house.talked(join.join))
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        await _rest(house)
        assert len(house.callers.orders) == 1
        house.files(LI, order.attempt, outcome="confirmed", then="ready")
        await house.until(lambda: house.state_of(LI) is AgentState.READY)
        await _placed(house, 2)


async def test_a_call_that_nobody_took_frees_whom_it_was_held_out_to(at_work):
    async with at_work() as house:
        house.comes(LI, "")
        order = await _placed(house, 1)
        _answered(house, order.attempt)
        await house.until(lambda: house.state_of(LI) is AgentState.OFFERED)
        assert not house.told(JoinCall)
        house.callers.say(NobodyCame(order.attempt))
        await house.until(lambda: house.state_of(LI) is AgentState.READY)
        assert house.is_(order.attempt, TransferStatus.NOBODY)


async def test_a_browser_that_takes_calls_by_itself_is_waited_for(at_work):
    async with at_work() as house:
        house.comes(LI, "", auto_answer=True)
        order = await _placed(house, 1)
        _answered(house, order.attempt)
        assert (await house.one(SomebodyComes)).attempt == order.attempt
        assert not house.told(JoinCall)


async def test_a_telephone_that_was_too_late_is_free_again(at_work):
    async with at_work() as house:
        house.comes(LI)
        order = await _placed(house, 1)
        _answered(house, order.attempt)
        await house.one(JoinCall)
        house.callers.say(NobodyCame(order.attempt))
        await house.until(lambda: house.state_of(LI) is AgentState.READY)
        assert house.is_(order.attempt, TransferStatus.FAILED)


async def test_who_was_abandoned_is_called_again_only_while_an_agent_is_certain(at_work):
    async with at_work("predictive", 1, when_no_agent="message") as house:
        house.comes(LI)
        order = await _placed(house, 1)
        assert order.agent_call == AgentCall(WhenNoAgent.MESSAGE, 2.0)
        house.callers.say(CallProgress(order.attempt, CallStage.TALKING))
        house.callers.end(_abandoned(order))
        record = await house.settled(order.attempt)
        assert record.disposition is Disposition.ABANDONED
        house.clock.passes(timedelta(hours=6.5).total_seconds())

        def held():
            _stays(house)
            with house.database.reading() as session:
                return session.scalar(sa.select(Contact.held)) == "no_agent"

        await house.until(held)
        await _rest(house)
        assert len(house.callers.orders) == 1


async def test_it_is_in_a_progressive_campaign(at_work):
    async with at_work("progressive", 1, when_no_agent="message") as house:
        house.comes(LI)
        order = await _placed(house, 1)
        house.callers.end(replace(_abandoned(order), cause=HangupCause.WE_HUNG_UP))
        await house.settled(order.attempt)
        house.clock.passes(timedelta(hours=6.5).total_seconds())
        await house.until(lambda: _stays(house) or len(house.callers.orders) >= 2)
