"""Real calls to SIPp, on both stores, while engines and workers are killed."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench.fault_callee import callee
from bench.fault_findings import Finding, attempts_of, judge
from bench.fault_kinds import StoreFault
from bench.fault_proxy import CommitCutter, Cut
from bench.fault_world import AT_ENGINE, Episode, Running, SharedNursery, World, until, world
from campaigns.checkpoints import Point
from campaigns.host import SpeechServices, speech_services
from campaigns.settings import Settings
from campaigns.settings_sections import PathSettings
from store.database import Database

Findings = Mapping[Running, Finding]
AT_WORKER = tuple(point for point in Point if point not in AT_ENGINE)
COMMITS = 8
"""So many fail."""


def kill_at_every_point(made: World) -> None:
    """Each engine dies at another point; the last one sees its workers die at theirs."""
    made.people.invite(150)
    for point in (each for each in Point if each in AT_ENGINE):
        made.play(Episode("engine killed", point))
    workers = Episode("worker killed", AT_WORKER[0], further=AT_WORKER[1:])
    made.kill(until_all_happened(made, workers))


def until_all_happened(made: World, episode: Episode, url: str | None = None) -> Running:
    running = made.start(episode, url=url)
    until(lambda: running.faults >= episode.faults or made.see(running))
    return running


def refuse_commits(made: World) -> None:
    """The disk of a SQLite file fails; an engine that can't even begin is started again."""
    faults = 0
    while faults < COMMITS:
        failing = Episode("commit fails", at_most=COMMITS, store_fault=StoreFault.COMMIT_FAILS)
        running = until_all_happened(made, failing)
        made.end(running)
        faults += running.faults


def cut_commits(made: World, url: str) -> None:
    """Answers of a PostgreSQL to commits are lost."""
    server = Path(url.partition("host=")[2])
    with tempfile.TemporaryDirectory(prefix="menling-") as folder:
        cutter = CommitCutter(server, Path(folder))
        try:
            running = made.start(Episode("answer lost"), url=url.replace(str(server), folder))
            cutter.cut = Cut.ANSWER
            until(lambda: cutter.cuts >= COMMITS)
            cutter.cut = Cut.NEVER
            running.further_faults = cutter.cuts
            made.end(running)
        finally:
            cutter.close()


def database_of_its_own(postgresql: str) -> str:
    """Create a database for these calls alone; return its URL."""
    server = sa.create_engine(
        postgresql.format(name="postgres").replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with server.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE faults"))
    server.dispose()
    url = postgresql.format(name="faults")
    database = Database(url)
    database.upgrade()
    database.close()
    return url


@pytest.fixture(scope="module")
def found(
    sqlite_template: Path,
    postgresql: str,
    calls_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Findings]:
    """What became of the calls, by store, once an engine put everything in order."""
    folder = tmp_path_factory.mktemp("faults")
    sqlite = folder / "menling.db"
    sqlite.write_bytes(sqlite_template.read_bytes())
    server = database_of_its_own(postgresql)
    urls = {"sqlite": f"sqlite:///{sqlite}", "postgresql": server}
    besides: Mapping[str, Callable[[World], None]] = {
        "sqlite": refuse_commits,
        "postgresql": partial(cut_commits, url=server),
    }

    def try_out(store: str, services: SpeechServices) -> Findings:
        inside = folder / store
        with (
            callee(inside / "sipp") as called,
            world(urls[store], inside, called, services, nursery, calls_folder) as made,
        ):
            kill_at_every_point(made)
            besides[store](made)
            made.settle_all()
            called.stop()
            return judge(attempts_of(made.people.database), called.invites(), made.engines)

    nursery = SharedNursery()

    async def both() -> dict[str, Findings]:
        settings = Settings(paths=PathSettings(data_dir=calls_folder))
        loop = asyncio.get_running_loop()
        async with speech_services(settings, ["zh-CN"]) as services:
            # Threads that last: what they start ends with them.
            with ThreadPoolExecutor(2) as threads:
                tried = [loop.run_in_executor(threads, try_out, each, services) for each in urls]
                try:
                    return dict(zip(urls, await asyncio.gather(*tried), strict=True))
                finally:
                    nursery.close()

    return asyncio.run(both())
