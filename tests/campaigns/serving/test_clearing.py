"""What dead engines and past days leave at the desk."""

from __future__ import annotations

from datetime import UTC, datetime

from campaigns.presence import Presence
from store.claims import claim_next, mark_dialing
from store.desk_live import LiveBatch, LiveRow, write_engine, write_live
from store.desk_models import DeskOrder
from store.desk_orders import place_order
from store.desk_types import OrderKind
from store.types import Outcome

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
CHEN = 9


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
