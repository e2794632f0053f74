"""A fault about one call, or a row that can't be read, is nobody else's: calls and desk go on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import StrEnum

import pytest
import sqlalchemy as sa

from campaigns.events import Trouble
from campaigns.rehearsed import confirms
from dialer.leg import HangupCause
from ivr.people import CallFlagged, PersonWanted
from store.desk_types import AgentState, OrderKind, TransferStatus
from store.types import Outcome

LI, CHEN = 7, 9


class NewerLine(StrEnum):
    """Lines as a worker of a newer version has them."""

    THIRD = "third"


@pytest.fixture
def write_by_newer(database):
    """Write what only a newer version knows into a row."""

    def written(statement: str, **values: object) -> None:
        with database.transaction() as session:
            session.execute(sa.text("PRAGMA ignore_check_constraints = ON"))
            session.execute(sa.text(statement), values)
            session.execute(sa.text("PRAGMA ignore_check_constraints = OFF"))

    return written


async def test_news_that_nobody_understands_is_said_aloud_and_costs_no_call(serve):
    troubles: list[str] = []
    keep = troubles.append
    async with serve() as house:

        async def listen() -> None:
            async for event in house.service.events:
                if isinstance(event, Trouble):
                    keep(event.text)

        listening = asyncio.create_task(listen())
        attempt = await house.talking()
        house.callers.say(CallFlagged(attempt, replace(house.asked, line=NewerLine.THIRD)))
        await house.until(lambda: any("third" in text for text in troubles))
        house.callers.end(confirms(house.callers.orders[0]))
        assert (await house.settled(attempt)).outcome is Outcome.CONFIRMED
    await listening


async def test_a_wish_that_can_not_be_written_down_leaves_the_wishes_of_others(serve, caplog):
    async with serve(people=2) as house:
        house.comes(LI)
        await house.until(lambda: len(house.callers.orders) == 2)
        first, second = (each.attempt for each in house.callers.orders)
        newer = replace(house.asked, line=NewerLine.THIRD)
        house.callers.say(PersonWanted(first, newer, house.brief))
        house.callers.say(PersonWanted(second, house.asked, house.brief))
        await house.until(lambda: house.is_(second, TransferStatus.OFFERED))
        assert house.transfer(first) is None
    assert f"PersonWanted of attempt {first} is left alone" in caplog.text


async def test_an_order_of_a_kind_that_only_a_newer_version_knows_is_refused_and_the_next_done(
    serve, write_by_newer
):
    async with serve() as house:
        attempt = await house.talking()
        number = 1000
        write_by_newer(
            "INSERT INTO desk_orders (id, at, user_id, user_name, engine, kind, attempt_id,"
            " payload, answer, refused) SELECT :id, began_at, 9, '', engine, 'sing', attempt_id,"
            " '{}', '{}', '{}' FROM live_calls",
            id=number,
        )
        ends = house.asks(OrderKind.END_CALL, CHEN, attempt)
        assert (await house.answered(ends)).refused == {}

        def refused() -> str:
            with house.database.reading() as session:
                asked = sa.text("SELECT refused FROM desk_orders WHERE id = :id")
                return session.execute(asked, {"id": number}).scalar_one()

        await house.until(lambda: "administrator" in refused())


async def test_an_agent_in_a_state_that_only_a_newer_version_knows_holds_up_no_other_news(
    serve, write_by_newer, caplog
):
    async with serve() as house:
        house.comes(LI)
        house.comes(CHEN)
        attempt = await house.talking()
        await house.wants_person(attempt)
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        write_by_newer("UPDATE agents SET state = 'lunch' WHERE user_id = :id", id=CHEN)
        gone = replace(confirms(house.callers.orders[0]), cause=HangupCause.THEY_HUNG_UP)
        house.callers.end(gone)
        await house.until(lambda: house.is_(attempt, TransferStatus.LOST))
        assert house.state_of(LI) is AgentState.READY
        write_by_newer("UPDATE agents SET state = 'off' WHERE user_id = :id", id=CHEN)
    told = [each for each in caplog.records if "goes on with the rest" in each.getMessage()]
    # Once for each part that reads agents, not ten times a second.
    assert 0 < len(told) <= 4
