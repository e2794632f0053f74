"""What must be done once is done by one engine, whatever becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.chores import Chore, Chores, Duty
from campaigns.events import EngineEvent, EngineLeads, Trouble
from campaigns.heart import Heart
from campaigns.housekeeping import close_unwanted_contacts
from campaigns.rehearsed import invent_campaign
from campaigns.settings import Settings
from campaigns.settings_sections import PathSettings
from store.database import LETS_OTHERS_IN, Database
from store.errors import StoreError
from store.queries import progress, set_campaign_status
from store.types import CampaignStatus, ContactStatus

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=10)


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    """An empty database of either kind."""
    database = Database(either_url)
    yield database
    database.close()


@dataclass
class Crew:
    """Engines that share a store, and what was told of each."""

    database: Database
    settings: Settings
    now: datetime = NOON
    told: list[EngineEvent] = field(default_factory=list)

    def engine(self, name: str, *chores: Chore, every: timedelta | None = None) -> Chores:
        return Chores(
            self.database,
            self.settings,
            name,
            chores,
            self.told.append,
            clock=lambda: self.now,
            every=every,
        )


@pytest.fixture
def crew(database: Database, tmp_path: Path) -> Crew:
    return Crew(database, Settings(paths=PathSettings(data_dir=tmp_path)))


def run(work: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


def test_only_the_leader_does_a_chore_and_after_it_the_next(crew: Crew) -> None:
    done: list[str] = []

    async def work() -> None:
        first, second = (
            crew.engine(name, Chore("sweep", TICK, lambda _, name=name: done.append(name)))
            for name in "ab"
        )
        sweep = Chore("sweep", TICK, lambda _: done.append("a"))
        assert await first.do(sweep)
        assert not await second.do(sweep)
        assert (first.leads, second.leads) == (True, False)
        await first.leave()
        assert not await first.do(sweep), "it ends"
        assert await second.do(Chore("sweep", TICK, lambda _: done.append("b")))
        await second.leave()

    run(work)
    assert done == ["a", "b"]
    assert crew.told == [
        EngineLeads("a", True),
        EngineLeads("b", False),
        EngineLeads("b", True),
    ]


def test_chores_go_on_at_the_beats_of_a_heart(crew: Crew) -> None:
    async def work() -> None:
        heart = Heart(crew.told.append)
        enough = asyncio.Event()
        done = 0

        def sweep(duty: Duty) -> None:
            nonlocal done
            done += 1
            duty.tell(f"swept {done}")
            if done == 3:
                loop.call_soon_threadsafe(enough.set)

        loop = asyncio.get_running_loop()
        chores = crew.engine("a", Chore("sweep", timedelta(days=1), sweep), every=TICK)
        chores.join(heart)

        async def watch() -> None:
            await enough.wait()
            heart.end()

        await heart.beat(watch)
        await chores.leave()

    run(work)
    assert crew.told.count(Trouble("swept 2")) == 1


def test_a_fault_of_one_chore_is_told_and_ends_nothing(crew: Crew) -> None:
    def stumble(duty: Duty) -> None:
        raise KeyError("dust")

    async def work() -> None:
        engine = crew.engine("a")
        assert await engine.do(Chore("sweep", TICK, stumble))
        assert await engine.do(Chore("sweep", TICK, stumble))
        await engine.leave()

    run(work)
    assert crew.told[1:] == 2 * [Trouble("A fault in sweep, calls go on: 'dust'")]


def test_a_store_that_fails_a_chore_is_the_hearts_to_tell(crew: Crew) -> None:
    def fail(duty: Duty) -> None:
        raise StoreError("full")

    async def work() -> None:
        engine = crew.engine("a")
        with pytest.raises(StoreError, match="full"):
            await engine.do(Chore("sweep", TICK, fail))
        await engine.leave()

    run(work)


def test_who_is_put_off_in_the_middle_of_a_chore_writes_no_more(crew: Crew) -> None:
    seen: list[bool] = []

    async def work() -> None:
        first, second = crew.engine("a"), crew.engine("b")
        loop = asyncio.get_running_loop()

        def work_long(duty: Duty) -> None:
            with duty.transaction():
                seen.append(duty.go_on())
            asyncio.run_coroutine_threadsafe(first.leave(), loop).result(60)
            duty.office.leave(duty.now)
            asyncio.run_coroutine_threadsafe(second.do(Chore("rest", TICK, id)), loop).result(60)
            seen.append(duty.go_on())
            with duty.transaction():
                pytest.fail("two lead")

        assert not await first.do(Chore("sweep", TICK, work_long))
        assert second.leads
        await second.leave()

    run(work)
    assert seen == [True, False]


def test_many_who_come_too_late_are_closed_in_pieces_that_let_others_write(crew: Crew) -> None:
    with crew.database.transaction() as session:
        campaign = invent_campaign(session, NOON, 120)
        set_campaign_status(session, campaign, CampaignStatus.RUNNING, NOON)
    rests: list[float] = []
    closed: list[int] = []

    async def work() -> None:
        crew.now = NOON + timedelta(days=9)
        engine = crew.engine("a")
        chore = Chore(
            "late", TICK, lambda duty: closed.append(close_unwanted_contacts(duty, rests.append))
        )
        assert await engine.do(chore)
        assert await engine.do(chore)
        await engine.leave()

    run(work)
    assert closed == [120, 0]
    assert rests == [LETS_OTHERS_IN.total_seconds()] * 2
    with crew.database.reading() as session:
        assert progress(session, campaign).contacts[ContactStatus.CLOSED] == 120
