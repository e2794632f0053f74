"""A whole campaign on the engine, with calls on paper."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.callers import Callers
from campaigns.engine import Beat, Engine
from campaigns.events import CallPlaced, CampaignDone, CampaignPaused, EngineEvent, Trouble
from campaigns.order import CallOrder, CallReport
from campaigns.presence import Presence
from campaigns.rehearsed import (
    STILL_TALKING,
    RehearsedCallers,
    StillTalking,
    confirms,
    ends_with,
    invent_campaign,
    keeps_talking,
    rehearse,
)
from campaigns.settings import Settings, SettingsError
from campaigns.settings_sections import CampaignSettings, PathSettings, TrunkSettings
from campaigns.write_back import WriteBackError, WriteBackReport
from dialer.leg import HangupCause
from dialer.supervisor import Supervisor
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.models import Contact
from store.queries import set_campaign_status
from store.types import CampaignStatus, ContactStatus, Outcome

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
QUICK = Beat(
    place=timedelta(milliseconds=20),
    reconcile=timedelta(milliseconds=50),
    write_back=timedelta(milliseconds=50),
    chores=timedelta(milliseconds=50),
)


def on_a_loop(test: Callable[..., Coroutine[None, None, None]]) -> Callable[..., None]:
    """Run an asynchronous test on an event loop of its own."""

    @functools.wraps(test)
    def run(**fixtures: object) -> None:
        async def limited() -> None:
            async with asyncio.timeout(120):
                await test(**fixtures)

        asyncio.run(limited())

    return run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        trunk=TrunkSettings(host="127.0.0.1", calls_per_second=25, options_ping_seconds=0),
        campaign=CampaignSettings(max_attempts=1, pause_after_trunk_failures=3),
        paths=PathSettings(data_dir=tmp_path),
    )


def invented(database: Database, people: int) -> int:
    with database.transaction() as session:
        return invent_campaign(session, NOON, people)


def engine_of(
    database: Database,
    settings: Settings,
    callers: Callers,
    write_back: Callable[[], WriteBackReport] = lambda: WriteBackReport(0),
) -> Engine:
    return Engine(
        database, callers, settings, clock=lambda: NOON, write_back=write_back, beat=QUICK
    )


async def happened(engine: Engine) -> list[EngineEvent]:
    return [event async for event in engine.events]


def write_some(outbox: list[int]) -> WriteBackReport:
    return WriteBackReport(outbox.pop() if outbox else 0)


async def calls_placed(engine: Engine, calls: int) -> None:
    """Wait until that many calls were placed."""
    async for event in engine.events:
        calls -= isinstance(event, CallPlaced)
        if not calls:
            return


@on_a_loop
async def test_a_campaign_runs_until_everybody_has_an_outcome(
    database: Database, settings: Settings
) -> None:
    callers = RehearsedCallers()
    outbox = [3, 4, 5]
    write_back = partial(write_some, outbox)
    engine = engine_of(database, settings, callers, write_back)
    progress = await engine.run(invented(database, 12))
    assert progress.outcomes == {Outcome.CONFIRMED: 12}
    assert progress.campaign.status is CampaignStatus.FINISHED
    assert len(callers.orders) == 12
    assert outbox == []
    assert not callers.is_running
    assert not list((settings.data_dir / "engines").iterdir())
    assert isinstance((await happened(engine))[-1], CampaignDone)


@on_a_loop
async def test_a_second_run_calls_nobody_again(database: Database, settings: Settings) -> None:
    campaign_id = invented(database, 3)
    await engine_of(database, settings, RehearsedCallers()).run(campaign_id)
    again = RehearsedCallers()
    progress = await engine_of(database, settings, again).run(campaign_id)
    assert again.orders == []
    assert progress.outcomes == {Outcome.CONFIRMED: 3}


@on_a_loop
async def test_who_speaks_a_language_that_nobody_hears_in_this_run_is_not_called(
    database: Database, settings: Settings
) -> None:
    campaign_id = invented(database, 3)
    with database.transaction() as session:
        session.scalars(sa.select(Contact)).first().language = "en-US"
    callers = RehearsedCallers()
    engine = engine_of(database, settings, callers)
    progress = await engine.run(campaign_id, languages={"zh-CN"})
    assert {order.language for order in callers.orders} <= {"zh-CN"}
    assert progress.campaign.status is CampaignStatus.PAUSED
    (paused,) = [each for each in await happened(engine) if isinstance(each, CampaignPaused)]
    assert "Recipients who speak en-US" in paused.reason
    again = RehearsedCallers()
    progress = await engine_of(database, settings, again).run(
        campaign_id, languages={"zh-CN", "en-US"}
    )
    assert "en-US" in {order.language for order in again.orders}
    assert progress.contacts[ContactStatus.DONE] == 3


@on_a_loop
async def test_stopping_waits_for_the_calls_in_progress(
    database: Database, settings: Settings
) -> None:
    callers = RehearsedCallers(keeps_talking, slots=2)
    engine = engine_of(database, settings, callers)
    running = asyncio.create_task(engine.run(invented(database, 5)))
    await calls_placed(engine, 2)
    engine.stop()
    for order in callers.orders:
        callers.end(confirms(order))
    progress = await running
    assert progress.contacts[ContactStatus.DONE] == 2
    assert progress.contacts[ContactStatus.WAITING] == 3
    assert progress.campaign.status is CampaignStatus.RUNNING


@on_a_loop
async def test_ctrl_c_twice_hangs_up_and_settles_what_is_left_as_interrupted(
    database: Database, settings: Settings
) -> None:
    callers = RehearsedCallers(keeps_talking, slots=2)
    engine = engine_of(database, settings, callers)
    running = asyncio.create_task(engine.run(invented(database, 5)))
    await calls_placed(engine, 2)
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    progress = await running
    assert progress.contacts[ContactStatus.NEEDS_RECONCILIATION] == 2
    assert progress.contacts[ContactStatus.WAITING] == 3
    assert not callers.is_running


@on_a_loop
async def test_an_engine_that_died_is_cleared_up_after_and_nobody_is_called_twice(
    database: Database, settings: Settings
) -> None:
    campaign_id = invented(database, 5)
    dead = Presence(settings.data_dir / "engines")
    with database.transaction() as session:
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, NOON)
        for _ in range(3):
            claimed = claim_next(session, campaign_id, NOON, claimed_by=dead.name)
            assert claimed is not None
            if claimed.attempt_id != 2:
                mark_dialing(session, claimed.attempt_id, NOON)
    dead.leave()
    callers = RehearsedCallers()
    engine = engine_of(database, settings, callers)
    progress = await engine.run(campaign_id)
    assert progress.outcomes == {Outcome.UNKNOWN: 2, Outcome.CONFIRMED: 3}
    assert len({order.uri for order in callers.orders}) == 3
    assert any(isinstance(event, Trouble) for event in await happened(engine))


@on_a_loop
async def test_two_engines_share_a_campaign(database: Database, settings: Settings) -> None:
    campaign_id = invented(database, 30)
    with database.transaction() as session:
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, NOON)
    both = RehearsedCallers(), RehearsedCallers()
    await asyncio.gather(
        *(engine_of(database, settings, callers).run(campaign_id) for callers in both)
    )
    uris = [order.uri for callers in both for order in callers.orders]
    assert len(uris) == len(set(uris)) == 30


@on_a_loop
async def test_a_killed_worker_does_not_stop_the_campaign(
    database: Database, settings: Settings
) -> None:
    def first_two_hang(order: CallOrder) -> CallReport | StillTalking:
        return STILL_TALKING if len(callers.orders) <= 2 else confirms(order)

    callers = RehearsedCallers(first_two_hang, slots=2)
    engine = engine_of(database, settings, callers)
    running = asyncio.create_task(engine.run(invented(database, 6)))
    await calls_placed(engine, 2)
    callers.kill_worker()
    progress = await running
    assert progress.outcomes == {Outcome.UNKNOWN: 2, Outcome.CONFIRMED: 4}


@on_a_loop
async def test_a_campaign_runs_on_real_worker_processes(
    database: Database, settings: Settings
) -> None:
    supervisor = Supervisor(partial(rehearse, confirms), workers=2, slots=4)
    progress = await engine_of(database, settings, supervisor).run(invented(database, 20))
    assert progress.outcomes == {Outcome.CONFIRMED: 20}
    assert progress.attempts == 20


@on_a_loop
async def test_a_worker_process_that_is_killed_leaves_nobody_called_twice(
    database: Database, settings: Settings
) -> None:
    supervisor = Supervisor(partial(rehearse, keeps_talking), workers=1, slots=2)
    engine = engine_of(database, settings, supervisor)
    running = asyncio.create_task(engine.run(invented(database, 2)))
    await calls_placed(engine, 2)
    os.kill(supervisor.pids()[0], signal.SIGKILL)
    progress = await running
    assert progress.contacts[ContactStatus.NEEDS_RECONCILIATION] == 2
    assert progress.attempts == 2


@on_a_loop
async def test_a_dead_trunk_ends_the_run_with_a_paused_campaign(
    database: Database, settings: Settings
) -> None:
    callers = RehearsedCallers(ends_with(HangupCause.TRUNK_UNREACHABLE, 408), slots=1)
    engine = engine_of(database, settings, callers)
    progress = await engine.run(invented(database, 9))
    assert progress.campaign.status is CampaignStatus.PAUSED
    assert progress.contacts[ContactStatus.WAITING] == 9
    assert any(isinstance(event, CampaignPaused) for event in await happened(engine))


@on_a_loop
async def test_a_cancelled_campaign_places_no_further_call(
    database: Database, settings: Settings
) -> None:
    callers = RehearsedCallers(keeps_talking, slots=1)
    campaign_id = invented(database, 3)
    engine = engine_of(database, settings, callers)
    running = asyncio.create_task(engine.run(campaign_id))
    await calls_placed(engine, 1)
    with database.transaction() as session:
        set_campaign_status(session, campaign_id, CampaignStatus.CANCELLED, NOON)
    callers.end(confirms(callers.orders[0]))
    progress = await running
    assert len(callers.orders) == 1
    assert progress.contacts[ContactStatus.DONE] == 1


@on_a_loop
async def test_a_write_back_that_fails_is_told_and_does_not_stop_the_calls(
    database: Database, settings: Settings
) -> None:
    def fails() -> WriteBackReport:
        raise WriteBackError("No space left on device")

    engine = engine_of(database, settings, RehearsedCallers(), fails)
    progress = await engine.run(invented(database, 2))
    assert progress.outcomes == {Outcome.CONFIRMED: 2}
    troubles = [event.text for event in await happened(engine) if isinstance(event, Trouble)]
    assert "No space left on device" in troubles[0]


@on_a_loop
async def test_a_mistake_of_ours_ends_the_run_and_is_seen(
    database: Database, settings: Settings
) -> None:
    def broken(order: CallOrder) -> CallReport:
        raise ZeroDivisionError

    engine = engine_of(database, settings, RehearsedCallers(broken))
    with pytest.raises(ZeroDivisionError):
        await engine.run(invented(database, 1))


@on_a_loop
async def test_without_a_trunk_nothing_starts(database: Database, tmp_path: Path) -> None:
    settings = Settings(paths=PathSettings(data_dir=tmp_path))
    callers = RehearsedCallers()
    with pytest.raises(SettingsError, match=r"trunk\.host is not set"):
        await engine_of(database, settings, callers).run(invented(database, 1))
    assert callers.orders == []


def test_a_dead_engine_is_gone_and_a_living_one_is_not(tmp_path: Path) -> None:
    ours, other = Presence(tmp_path), Presence(tmp_path)
    long_ago = NOON - timedelta(hours=3)
    assert not ours.is_gone(ours.name, long_ago, NOON)
    assert not ours.is_gone(other.name, long_ago, NOON)
    other.leave()
    assert ours.is_gone(other.name, NOON, NOON)
    ours.leave()


def test_of_an_engine_on_another_machine_only_time_tells(tmp_path: Path) -> None:
    ours = Presence(tmp_path)
    assert not ours.is_gone("elsewhere-1-abcd", NOON - timedelta(hours=1), NOON)
    assert ours.is_gone("elsewhere-1-abcd", NOON - timedelta(hours=3), NOON)
    ours.leave()


@on_a_loop
async def test_a_run_that_ends_during_a_write_back_ends_quietly(
    database: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    outbox, over = [1], threading.Event()

    def slow_write_back() -> WriteBackReport:
        over.wait(20)
        return write_some(outbox)

    engine = engine_of(database, settings, RehearsedCallers(), slow_write_back)
    running = asyncio.create_task(engine.run(invented(database, 1)))
    async for event in engine.events:
        if isinstance(event, CampaignDone):
            asyncio.get_running_loop().call_later(0.1, over.set)
    assert (await running).is_complete
    assert outbox == []
    assert [record for record in caplog.records if record.name.startswith("apscheduler")] == []
