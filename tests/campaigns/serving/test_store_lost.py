"""An engine that loses its PostgreSQL keeps its calls, dials nobody, and comes back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from campaigns.events import Trouble
from campaigns.rehearsed import confirms
from campaigns.settings_trunks import TrunkSettings
from store.database import Database
from store.errors import StoreError
from store.models import Attempt
from store.queries import campaigns, progress
from store.types import AttemptStatus, CampaignStatus, Outcome

SILENT = TrunkSettings(host="127.0.0.1", options_ping_seconds=0, calls_per_second=25)
"""A trunk behind which nobody is: the calls are on paper. The clock stands still, so that it takes
no more than these 25."""

ENDED = 25
"""Connections that are lost while people are called."""


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    """An empty database on a server."""
    database = Database(postgresql_url)
    yield database
    database.close()


def finished(database: Database) -> bool:
    try:
        with database.reading() as session:
            return campaigns(session)[0].status is CampaignStatus.FINISHED
    except StoreError:
        return False


async def test_calls_outlive_the_server_and_their_ends_are_written_when_it_is_back(
    database: Database, serve, postgresql_server
) -> None:
    async with serve(people=4, slots=2, trunk=SILENT) as house:
        troubles: list[str] = []

        async def listen() -> None:
            async for event in house.service.events:
                troubles.extend([event.text] if isinstance(event, Trouble) else [])

        listening = asyncio.create_task(listen())
        await house.until(lambda: len(house.callers.orders) == 2)
        await asyncio.to_thread(postgresql_server.crash)
        try:
            for order in house.callers.orders:
                house.callers.end(confirms(order))
            await house.until(lambda: any("is not saved yet" in each for each in troubles))
            troubles.clear()
            await house.until(lambda: len(troubles) > 3)
            assert len(house.callers.orders) == 2, "nobody is dialled meanwhile"
        finally:
            await asyncio.to_thread(postgresql_server.start)
        await house.until(lambda: len(house.callers.orders) == 4)
        for order in house.callers.orders[2:]:
            house.callers.end(confirms(order))
        await house.until(lambda: finished(database))
    await listening
    assert len({order.uri for order in house.callers.orders}) == 4
    with database.reading() as session:
        assert progress(session, 1).outcomes == {Outcome.CONFIRMED: 4}


async def test_whatever_connection_is_lost_when_nobody_is_called_twice_and_nobody_forgotten(
    database: Database, postgresql_url: str, serve
) -> None:
    murderer = Database(postgresql_url)

    def end_one() -> bool:
        with murderer.transaction() as session:
            return bool(session.scalars(_END_ANOTHER).all())

    async with serve(confirms, people=20, slots=2, trunk=SILENT) as house:
        await house.until(lambda: len(house.callers.orders) > 1)
        ended = 0
        while ended < ENDED and not finished(database):
            ended += await asyncio.to_thread(end_one)
            await asyncio.sleep(0.05)
        await house.until(lambda: finished(database))
    murderer.close()
    calls = Counter(order.uri for order in house.callers.orders)
    assert set(calls.values()) == {1}
    with database.reading() as session:
        came_to = progress(session, 1).outcomes
        left = session.scalars(
            sa.select(Attempt.id).where(Attempt.status != AttemptStatus.SETTLED)
        ).all()
    assert left == []
    assert sum(came_to.values()) == 20
    # What was marked as dialling when the answer of the server was lost may have rung.
    assert set(came_to) <= {Outcome.CONFIRMED, Outcome.UNKNOWN}


_END_ANOTHER = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    " AND datname = current_database() ORDER BY random() LIMIT 1"
)
