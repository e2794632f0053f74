"""What those who watch see of calls in progress, and that it goes when they are over."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import sqlalchemy as sa

from campaigns.attempt import settle_interrupted
from campaigns.rehearsed import confirms
from ivr.people import CallFlagged, CallTurn, PersonWanted, VoiceMissing
from ivr.transcript import Speaker, Turn
from store.database import Database
from store.desk_queries import engines, flags_of, live_turns
from store.desk_types import AgentState, TransferStatus

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LI = 7


async def test_a_call_is_seen_while_it_goes_on_and_gone_from_the_board_when_it_is_settled(serve):
    async with serve() as house:
        attempt = await house.talking()
        house.callers.say(CallTurn(attempt, Turn(Speaker.CALLEE, "转", 1.0, 1.5), "announce"))
        house.callers.say(CallTurn(attempt, Turn(Speaker.CALLEE, "转人工", 1.0, 1.9), "announce"))
        house.callers.say(CallFlagged(attempt, house.asked))
        seen = await house.until(
            lambda: (now := house.live(attempt)) and now.flags and now.words == "转人工" and now
        )
        assert (seen.campaign, seen.recipient, seen.state) == ("早班", "收件人1", "announce")
        with house.database.reading() as session:
            (turn,) = live_turns(session, attempt)
            (sign,) = engines(session)
        assert (turn.text, turn.ended_seconds) == ("转人工", 1.9)
        assert (sign.in_use, sign.workers) == (1, 1)
        house.callers.end(replace(confirms(house.callers.orders[0]), flags=(house.asked,)))
        await house.settled(attempt)
        await house.until(lambda: house.live(attempt) is None)
        with house.database.reading() as session:
            assert [flag.words for flag in flags_of(session, attempt)] == ["转人工"]
    with house.database.reading() as session:
        assert engines(session) == ()


async def test_an_agent_from_whom_nothing_is_heard_is_shown_so_until_she_is_heard(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        join = await house.joins(LI, attempt)
        await house.until(lambda: house.live(attempt).people)
        for missing in (True, False):
            house.callers.say(VoiceMissing(attempt, join, missing))
            await house.until(lambda now=missing: house.live(attempt).people[0].unheard is now)


async def test_a_call_that_somebody_else_settled_leaves_the_board_and_frees_its_agent(serve):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        await house.joins(LI, attempt)
        with house.database.transaction() as session:
            settle_interrupted(session, attempt, NOON, "settled elsewhere")
        house.callers.end(confirms(house.callers.orders[0]))
        await house.until(lambda: house.live(attempt) is None)
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)


async def test_a_store_that_is_locked_holds_up_what_is_seen_and_no_call(database, serve):
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        other = Database(database.url)
        with other.transaction() as locking:
            locking.execute(sa.text("UPDATE campaigns SET name = name"))
            house.callers.say(CallTurn(attempt, Turn(Speaker.CALLEE, "喂", 1.0, 1.2), "announce"))
            house.callers.say(PersonWanted(attempt, house.asked, house.brief))
            # The loop of the engine goes round freely meanwhile.
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert house.transfer(attempt) is None
        other.close()
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        await house.until(lambda: house.live(attempt).words == "喂")
