"""A supervisor in a call."""

from __future__ import annotations

from campaigns.order import CallProgress, CallStage
from campaigns.rehearsed import confirms
from ivr.people import (
    ChangeMode,
    EndCall,
    HowJoinEnded,
    JoinCall,
    Joined,
    JoinEnded,
    JoinMode,
    LeaveCall,
)
from store.desk_types import AgentState, OrderKind, TransferStatus

LI, CHEN = 7, 9


async def test_a_supervisor_listens_whispers_takes_over_and_hands_back(serve):
    async with serve() as house:
        attempt = await house.talking()
        alone = house.asks(OrderKind.WHISPER, CHEN, attempt, uri="sip:9@127.0.0.1")
        assert "whisper" in (await house.answered(alone)).refused["en"]
        listens = house.asks(OrderKind.LISTEN, CHEN, attempt, uri="sip:9@127.0.0.1")
        join = await house.one(JoinCall)
        assert (join.role.value, join.mode) == ("supervisor", JoinMode.LISTEN)
        house.callers.say(Joined(attempt, listens))
        await house.answered(listens)
        await house.until(lambda: house.live(attempt).people)
        takes = house.asks(OrderKind.TAKE_OVER, CHEN, attempt)
        change = await house.one(ChangeMode)
        assert (change.join, change.mode) == (listens, JoinMode.TAKE_OVER)
        assert (await house.answered(takes)).answer == {"join": listens}
        await house.until(lambda: house.live(attempt).people[0].mode == "take_over")
        assert house.transfer(attempt).status is TransferStatus.JOINED
        house.asks(OrderKind.LISTEN, CHEN, attempt)
        assert (await house.one(ChangeMode, 2)).mode is JoinMode.LISTEN
        await house.until(lambda: house.is_(attempt, TransferStatus.WRAP_UP))
        house.asks(OrderKind.LEAVE, CHEN, attempt)
        assert (await house.one(LeaveCall)).then.value == "robot"
        house.callers.say(JoinEnded(attempt, listens, HowJoinEnded.LEFT))
        await house.until(lambda: not house.live(attempt).people)
        house.asks(OrderKind.END_CALL, CHEN, attempt)
        assert (await house.one(EndCall)).attempt == attempt


async def test_whoever_has_a_customer_takes_no_second_one_and_is_offered_none(serve):
    async with serve(people=2) as house:
        await house.until(lambda: len(house.callers.orders) == 2)
        first, second = (each.attempt for each in house.callers.orders)
        for each in (first, second):
            house.callers.say(CallProgress(each, CallStage.TALKING))
        await house.until(lambda: house.live(first) and house.live(second))
        takes = house.asks(OrderKind.TAKE_OVER, CHEN, first, uri="sip:9@127.0.0.1")
        await house.one(JoinCall)
        again = house.asks(OrderKind.TAKE_OVER, CHEN, second, uri="sip:9@127.0.0.1")
        assert "another call" in (await house.answered(again)).refused["en"]
        house.callers.say(Joined(first, takes))
        # Whoever comes to the desk in the middle of a talk has the talk first.
        house.comes(CHEN)
        await house.wants_person(second)
        house.clock.passes(1)
        house.comes(LI)
        await house.until(lambda: house.is_(second, TransferStatus.OFFERED))
        assert (house.transfer(second).agent_id, house.state_of(CHEN)) == (LI, AgentState.READY)


async def test_an_agent_who_takes_a_call_over_is_no_longer_offered_another(serve):
    async with serve(people=2) as house:
        house.comes(LI)
        await house.until(lambda: len(house.callers.orders) == 2)
        first, second = (each.attempt for each in house.callers.orders)
        for each in (first, second):
            house.callers.say(CallProgress(each, CallStage.TALKING))
        await house.until(lambda: house.live(first) and house.live(second))
        await house.wants_person(first)
        await house.until(lambda: house.is_(first, TransferStatus.OFFERED))
        house.asks(OrderKind.TAKE_OVER, LI, second)
        await house.one(JoinCall)
        assert house.is_(second, TransferStatus.ACCEPTED)
        assert house.is_(first, TransferStatus.WAITING)
        assert house.state_of(LI) is AgentState.TALKING


async def test_a_customer_whose_call_a_supervisor_ends_is_not_one_for_whom_nobody_came(serve):
    async with serve() as house:
        attempt = await house.talking()
        await house.wants_person(attempt)
        house.asks(OrderKind.END_CALL, CHEN, attempt)
        await house.one(EndCall)
        house.callers.end(confirms(house.callers.orders[0]))
        await house.until(lambda: not house.transfer(attempt).status.is_waiting)
        assert house.is_(attempt, TransferStatus.FAILED)
