"""Agents take calls over, let them pass or pass them on; devices fail, pages fall silent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.rehearsed import confirms
from campaigns.settings_people import DeskSettings
from dialer.leg import HangupCause
from ivr.people import (
    DeskStaffed,
    HowJoinEnded,
    JoinAnswered,
    JoinCall,
    Joined,
    JoinEnded,
    JoinFailed,
    NobodyComes,
    PersonWanted,
    Refused,
    TransferMoved,
    TransferOut,
    TransferStage,
    WishWithdrawn,
)
from store.desk_types import AgentNews, AgentState, OrderKind, TransferStatus
from store.errors import DeskError
from store.types import Outcome

LI, WANG = 7, 8


async def test_a_call_nobody_takes_goes_to_the_next_and_then_back_to_the_robot(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        await house.until(lambda: house.state_of(LI) is AgentState.OFFERED)
        house.clock.passes(1)
        house.comes(WANG)
        house.clock.passes(14)
        for user in (LI, WANG):
            house.seen(user)
        await house.until(lambda: house.state_of(WANG) is AgentState.OFFERED)
        assert (house.state_of(LI), house.news_of(LI)) == (AgentState.READY, AgentNews.LET_PASS)
        declined = house.asks(OrderKind.DECLINE, WANG, attempt)
        assert (await house.answered(declined)).refused == {}
        await house.until(lambda: house.is_(attempt, TransferStatus.WAITING))
        assert house.told(NobodyComes) == []
        house.clock.passes(15)
        assert (await house.one(NobodyComes)).attempt == attempt
        assert house.is_(attempt, TransferStatus.NOBODY)


async def test_a_customer_who_hangs_up_while_waiting_frees_the_agent_who_is_told_why(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        await house.until(lambda: house.state_of(LI) is AgentState.OFFERED)
        house.callers.end(
            replace(confirms(house.callers.orders[0]), cause=HangupCause.THEY_HUNG_UP)
        )
        await house.until(lambda: house.state_of(LI) is AgentState.READY)
        assert house.is_(attempt, TransferStatus.LOST)
        assert house.news_of(LI) == AgentNews.CUSTOMER_GONE
        await house.until(lambda: house.live(attempt) is None)
        with pytest.raises(DeskError, match="over"):
            house.asks(OrderKind.ACCEPT, LI, attempt)


async def test_a_device_that_can_not_be_reached_costs_the_agent_a_break_and_not_the_customer(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        accepted = house.asks(OrderKind.ACCEPT, LI, attempt)
        await house.one(JoinCall)
        house.comes(WANG)
        house.callers.say(JoinFailed(attempt, accepted, HangupCause.NO_ANSWER))
        assert (await house.answered(accepted)).refused["zh"] == "您的话机没有接听。"
        await house.until(lambda: house.state_of(WANG) is AgentState.OFFERED)
        assert (house.state_of(LI), house.news_of(LI)) == (
            AgentState.BREAK,
            AgentNews.DEVICE_FAILED,
        )
        assert house.transfer(attempt).passed_by == {LI}


async def test_an_agent_whom_the_call_does_not_let_in_is_ready_for_the_next(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        accepted = house.asks(OrderKind.ACCEPT, LI, attempt)
        await house.one(JoinCall)
        house.callers.say(JoinFailed(attempt, accepted, Refused.TAKEN))
        assert "同事" in (await house.answered(accepted)).refused["zh"]
        await house.until(lambda: house.state_of(LI) is AgentState.READY)


async def test_a_browser_is_answered_with_what_the_worker_offers_back(serve):
    async with serve() as house:
        house.comes(LI, device="")
        attempt = await house.talking()
        await house.wants_person(attempt)
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        bare = await house.answered(house.asks(OrderKind.ACCEPT, LI, attempt))
        assert "microphone" in bare.refused["en"]
        accepted = house.asks(OrderKind.ACCEPT, LI, attempt, offer_sdp="v=0 offer")
        await house.one(JoinCall)
        house.callers.say(JoinAnswered(attempt, accepted, "v=0 answer"))
        answer = (await house.answered(accepted)).answer
        assert answer == {"join": accepted, "sdp": "v=0 answer"}


async def test_an_agent_passes_the_customer_on_and_hears_when_the_third_can_not_be_reached(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        await house.joins(LI, attempt)
        await house.until(lambda: house.live(attempt).people)
        why = HangupCause.NO_ANSWER
        for stage, expected in (
            (TransferStage.FAILED, "对方没有接听。"),
            (TransferStage.CONSULTING, "consulting"),
            (TransferStage.RETURNED, "returned"),
        ):
            told = len(house.told(TransferOut))
            out = house.asks(
                OrderKind.TRANSFER_OUT, LI, attempt, uri="sip:depot@127.0.0.1", attended=True
            )
            message = await house.one(TransferOut, told + 1)
            assert (message.uri, message.attended) == ("sip:depot@127.0.0.1", True)
            house.callers.say(TransferMoved(attempt, message.join, stage, why))
            came = await house.answered(out)
            assert expected in (came.refused.get("zh"), came.answer.get("stage"))
        wrong = await house.answered(house.asks(OrderKind.TRANSFER_OUT, LI, attempt, uri="???"))
        assert "extension" in wrong.refused["en"]
        outsider = await house.answered(house.asks(OrderKind.COMPLETE, WANG, attempt))
        assert outsider.refused["zh"] == "您不在这通电话里。"


async def test_agents_whose_page_says_nothing_are_put_off_and_writers_are_ready_in_the_end(serve):
    async with serve() as house:
        house.comes(LI)
        house.comes(WANG)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(LI, attempt)
        house.clock.passes(16)
        await house.until(lambda: house.state_of(WANG) is AgentState.OFF)
        assert house.state_of(LI) is AgentState.TALKING
        house.seen(LI)
        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.LEFT))
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        for _ in range(6):
            house.clock.passes(10)
            house.seen(LI)
        await house.until(lambda: house.state_of(LI) is AgentState.READY)
        assert house.is_(attempt, TransferStatus.WRAP_UP)


async def test_a_worker_that_dies_frees_agents_and_leaves_nobody_waiting(serve):
    async with serve(people=2) as house:
        house.comes(LI)
        await house.until(lambda: len(house.callers.orders) == 2)
        first, second = (each.attempt for each in house.callers.orders)
        await house.wants_person(first)
        await house.joins(LI, first)
        await house.wants_person(second)
        house.callers.kill_worker()
        await house.until(lambda: house.is_(second, TransferStatus.FAILED))
        await house.until(lambda: house.is_(first, TransferStatus.WRAP_UP))
        assert house.state_of(LI) is AgentState.WRAP_UP
        assert (await house.settled(first)).outcome is Outcome.UNKNOWN
        # Another worker took its place and learns who is there.
        await house.until(lambda: house.told(DeskStaffed)[-1].languages == {"zh-CN"})


async def test_with_the_desk_switched_off_nobody_is_said_to_come(serve):
    async with serve(desk=DeskSettings(enabled=False)) as house:
        house.comes(LI)
        await house.talking()
        assert {message.languages for message in house.told(DeskStaffed)} == {frozenset()}


async def test_a_customer_who_wants_nobody_any_more_is_taken_off_the_page_at_once(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        await house.until(lambda: house.state_of(LI) is AgentState.OFFERED)
        house.callers.say(WishWithdrawn(attempt))
        await house.until(lambda: house.is_(attempt, TransferStatus.UNWANTED))
        assert (house.state_of(LI), house.news_of(LI)) == (AgentState.READY, AgentNews.UNWANTED)
        # Asking for somebody again is a wish of its own.
        house.callers.say(PersonWanted(attempt, house.asked, house.brief))
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        assert house.news_of(LI) == ""


async def test_a_customer_whom_the_worker_itself_promised_a_callback_found_nobody(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        await house.until(lambda: house.state_of(LI) is AgentState.OFFERED)
        house.callers.end(confirms(house.callers.orders[0]))
        await house.until(lambda: house.is_(attempt, TransferStatus.NOBODY))
        assert house.news_of(LI) == AgentNews.CALL_OVER


async def test_a_visit_of_the_same_agent_as_a_listener_is_not_taken_for_their_talk(serve):
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        listens = house.asks(OrderKind.LISTEN, LI, attempt)
        await house.one(JoinCall)
        house.callers.say(Joined(attempt, listens))
        await house.wants_person(attempt)
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        accepts = house.asks(OrderKind.ACCEPT, LI, attempt)
        assert (await house.one(JoinCall, 2)).user == LI
        # The worker lets each user be in a call once.
        house.callers.say(JoinEnded(attempt, listens, HowJoinEnded.LEFT))
        house.callers.say(Joined(attempt, accepts))
        await house.until(lambda: house.is_(attempt, TransferStatus.JOINED))
        assert house.state_of(LI) is AgentState.TALKING
        assert house.transfer(attempt).visit == accepts
