"""What dead engines and past days leave at the desk."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from campaigns.presence import Presence
from store.claims import claim_next, mark_dialing
from store.desk_live import LiveBatch, LiveRow, write_engine, write_live
from store.desk_models import DeskOrder
from store.desk_orders import place_order
from store.desk_queries import engines
from store.desk_types import AgentState, OrderKind, TransferStatus
from store.types import Outcome

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LI, CHEN = 7, 9


async def test_what_a_dead_engine_left_at_the_desk_is_cleared_by_the_next(
    database, settings, serve, start
):
    made = start(1)
    dead = Presence(settings.data_dir / "engines")
    with database.transaction() as session:
        claimed = claim_next(session, made, NOON, claimed_by=dead.name)
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, NOON)
        attempt = claimed.attempt_id
        row = LiveRow(attempt, made, "talking", NOON, NOON, "", "", "", (), ())
        write_live(session, dead.name, LiveBatch([row]), NOON)
        write_engine(session, dead.name, NOON, slots=4, in_use=1, workers=1, trunk={})
        asked = place_order(session, OrderKind.LISTEN, CHEN, "陈", NOON, attempt_id=attempt)
    dead.leave()
    async with serve(people=0) as house:
        await house.until(lambda: house.live(attempt) is None)
        assert "引擎" in (await house.answered(asked)).refused["zh"]
        assert (await house.settled(attempt)).outcome is Outcome.UNKNOWN


async def test_what_was_asked_and_answered_long_ago_is_thrown_away(serve):
    async with serve() as house:
        attempt = await house.talking()
        old = house.asks(OrderKind.END_CALL, CHEN, attempt)
        await house.answered(old)
        house.clock.passes(25 * 3600)
        new = house.asks(OrderKind.END_CALL, CHEN, attempt)

        def gone() -> bool:
            with house.database.reading() as session:
                return session.get(DeskOrder, old) is None

        await house.until(gone)
        assert (await house.answered(new)).refused == {}


async def test_an_engine_that_can_not_sign_off_keeps_no_agent_in_a_call_that_is_over(
    database, serve
):
    async with serve() as house:
        attempt = await house.wanted_from(LI)
        await house.joins(LI, attempt)
        with database.transaction() as session:
            session.execute(sa.text("ALTER TABLE transfers RENAME TO away"))
    with database.transaction() as session:
        session.execute(sa.text("ALTER TABLE away RENAME TO transfers"))
    assert house.state_of(LI) is AgentState.TALKING
    async with serve(people=0) as house:
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        assert house.transfer(attempt).status is TransferStatus.WRAP_UP
        with database.reading() as session:
            assert len(engines(session)) <= 1
