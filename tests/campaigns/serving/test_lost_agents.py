"""An agent whose device dies in a call: the customer has the next, and she her form."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from dialer.leg import HangupCause
from ivr.people import HowJoinEnded, JoinCall, JoinEnded, JoinFailed, PersonWanted
from store.desk_queries import unfiled_transfers
from store.desk_types import AgentNews, AgentState, OrderKind, TransferStatus
from store.models import WriteBack
from store.suppression import is_suppressed
from store.types import Outcome

LI, WANG, CHEN = 7, 8, 9


async def lost(house):
    """Let an agent be lost in a call; the customer waits for the next."""
    house.comes(LI)
    attempt = await house.talking()
    await house.wants_person(attempt)
    join = await house.joins(LI, attempt)
    house.clock.passes(5)
    house.comes(WANG)
    house.callers.say(JoinEnded(attempt, join, HowJoinEnded.LOST))
    house.callers.say(PersonWanted(attempt, replace(house.asked, priority=90), house.brief))
    return attempt, join


async def test_an_agent_who_is_lost_in_the_call_is_replaced_by_the_next(serve):
    async with serve() as house:
        attempt, join = await lost(house)
        await house.until(lambda: house.state_of(WANG) is AgentState.OFFERED)
        assert (house.state_of(LI), house.news_of(LI)) == (
            AgentState.BREAK,
            AgentNews.DEVICE_LOST,
        )
        wish = house.transfer(attempt)
        assert (wish.priority, wish.passed_by) == (90, {LI})
        assert wish.requested_at > house.talk_of(LI, attempt).joined_at
        assert await house.joins(WANG, attempt) != join


async def test_whoever_was_lost_in_a_call_writes_down_what_was_said_until_then(serve):
    async with serve() as house:
        attempt, join = await lost(house)
        await house.until(lambda: house.state_of(WANG) is AgentState.OFFERED)
        with house.database.reading() as session:
            [unfiled] = unfiled_transfers(session, LI)
        assert (unfiled.status, unfiled.ended_how) == (TransferStatus.WRAP_UP, "lost")
        house.callers.end(house.talked(join))
        await house.settled(attempt)
        filed = house.files(LI, attempt, outcome="informed", notes="说到一半断线")
        assert (await house.answered(filed)).refused == {}
        await house.until(lambda: house.talk_of(LI, attempt).form_applied)
        assert (await house.settled(attempt)).outcome is Outcome.INFORMED
        # It does not keep her from the next call, nor bring her to it.
        assert house.state_of(LI) is AgentState.BREAK


async def test_what_the_one_who_talked_last_wrote_down_stays_but_an_opt_out_counts_from_anybody(
    serve,
):
    async with serve() as house:
        attempt, join = await lost(house)
        again = await house.joins(WANG, attempt)
        house.callers.end(house.talked(join, again))
        await house.settled(attempt)
        await house.until(lambda: house.state_of(WANG) is AgentState.WRAP_UP)
        await house.answered(house.files(WANG, attempt, outcome="confirmed"))
        await house.until(lambda: house.talk_of(WANG, attempt).form_applied)
        await house.answered(house.files(LI, attempt, outcome="informed"))
        await house.until(lambda: house.talk_of(LI, attempt).form_applied)
        assert (await house.settled(attempt)).outcome is Outcome.CONFIRMED
        with house.database.reading() as session:
            told = session.scalars(sa.select(WriteBack.idempotency_key)).all()
        assert sum(":r" in key for key in told) == 1
        await house.answered(house.files(LI, attempt, outcome="opted_out"))
        await house.until(lambda: house.talk_of(LI, attempt).form_applied)
        assert (await house.settled(attempt)).outcome is Outcome.OPTED_OUT
        with house.database.reading() as session:
            assert is_suppressed(session, "+8613800138001")


async def test_whoever_was_just_taking_the_call_over_is_waited_for_and_then_the_next(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        join = await house.joins(LI, attempt)
        takes = house.asks(OrderKind.TAKE_OVER, CHEN, attempt, uri="sip:9@127.0.0.1")
        await house.one(JoinCall, 2)
        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.LOST))
        house.callers.say(PersonWanted(attempt, house.asked, house.brief))
        await house.until(lambda: house.transfer(attempt).rule == "asked")
        assert (house.transfer(attempt).status, house.transfer(attempt).visit) == (
            TransferStatus.ACCEPTED,
            takes,
        )
        house.comes(WANG)
        house.callers.say(JoinFailed(attempt, takes, HangupCause.NO_ANSWER))
        await house.until(lambda: house.state_of(WANG) is AgentState.OFFERED)
