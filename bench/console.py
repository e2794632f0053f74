"""How fast the console answers with a million contacts and 200 live calls.

    python -m bench.console --contacts 1000000 --live 200 --rounds 40

Makes a store in a temporary folder, serves it from a process of its own while another one keeps
the live calls talking, asks for every page, and watches the board with many browsers. Prints of
each page how long its first visitor waits after the console has begun, who finds nothing counted,
then the median and the 95th percentile of all others, and the processor time that one request
takes; how old a word is when the board's stream brings it; what watching costs in processor time
and memory.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import sqlalchemy as sa
import uvicorn

from bench.console_store import fill
from bench.console_visits import CYCLE, Visitor, page_rows, watching_rows
from bench.latency import put_between
from campaigns.settings import Settings
from console.web.apart import Apart
from console.web.app import create_app
from console.web.counted import Counted
from console.web.sessions import open_session
from processes.child import start_child
from store.database import Database
from store.people_queries import add_user, user_named
from store.people_types import Role

BATCH_SECONDS: Final = 0.25
"""So often an engine writes what changed."""
TURN_SECONDS: Final = 3.0
"""So long a turn of a call takes."""
PERFORMANCE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN: Final = "<!-- figures of bench.console -->"
END: Final = "<!-- end of the figures of bench.console -->"


def main() -> None:
    """Measure, and print a table."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--contacts", type=int, default=1_000_000)
    wanted.add_argument("--live", type=int, default=200)
    wanted.add_argument("--rounds", type=int, default=40)
    wanted.add_argument("--boards", type=int, default=20, help="browsers that watch the board")
    wanted.add_argument("--watch", type=float, default=60.0, help="seconds that they watch")
    wanted.add_argument("--folder", type=Path, help="keep the store there, and use it again")
    wanted.add_argument("--write", action="store_true", help="put the table into docs")
    asked = wanted.parse_args()
    with tempfile.TemporaryDirectory(prefix="menling-bench-") as passing:
        folder = asked.folder or Path(passing)
        settings = Settings.model_validate({"paths": {"data_dir": folder}})
        secret = _store(settings, asked.contacts, asked.live)
        with _serving(settings, asked.live) as (port, console):
            visitor = Visitor(port, secret)
            pages = page_rows(visitor, console, asked.contacts, asked.rounds)
            watching = watching_rows(visitor, console, asked.boards, asked.watch)
    if asked.write:
        put_between(PERFORMANCE, BEGIN, END, f"{pages}\n\n{watching}")


def _store(settings: Settings, contacts: int, live: int) -> str:
    began = time.monotonic()
    folder = Path(settings.data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.store_url)
    database.upgrade()
    now = datetime.now(UTC)
    with database.reading() as session:
        known = user_named(session, "bench")
    if known is None:
        fill(database, contacts, live, f"{now:%Y-%m-%d %H:%M:%S.%f}")
    with database.transaction() as session:
        user = known or add_user(
            session, login="bench", name="Bench", role=Role.ADMIN, language="zh-CN", now=now
        )
    secret = open_session(database, user.id, now, timedelta(hours=12))
    database.close()
    # What was written at once would else be moved to its place during the first visits.
    with contextlib.closing(sqlite3.connect(folder / "menling.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    print(f"{contacts} contacts, {live} live calls: made in {time.monotonic() - began:.0f} s")
    return secret


@contextlib.contextmanager
def _serving(settings: Settings, live: int) -> Iterator[tuple[int, int]]:
    """Run the console and the calls in processes of their own; yield its port and process id."""
    console = start_child(_serve, settings, name="console")
    calls = start_child(_talk, settings, live, name="calls")
    try:
        yield console.pipe.recv(), console.pid
    finally:
        calls.kill()
        console.kill()


def _serve(pipe: Connection, settings: Settings) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    pipe.send(listening.getsockname()[1])
    app = create_app(settings, Database(settings.store_url), counted=Counted(apart=Apart()))
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run([listening])


def _talk(pipe: Connection, settings: Settings, live: int) -> None:
    """Keep the calls talking as an engine would tell of them."""
    database = Database(settings.store_url)
    with database.reading() as session:
        attempts = list(session.scalars(sa.text("SELECT attempt_id FROM live_calls")))
    each = max(1, round(live * BATCH_SECONDS / TURN_SECONDS))
    place = 0
    while not pipe.poll(BATCH_SECONDS):
        now = time.time() % CYCLE
        spoke = [attempts[(place + step) % len(attempts)] for step in range(each)]
        place += each
        with database.transaction() as session:
            at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
            session.execute(
                sa.text(
                    "UPDATE live_calls SET words = :words, updated_at = :at WHERE attempt_id = :id"
                ),
                [{"words": f"said at {now:.3f}", "at": at, "id": attempt} for attempt in spoke],
            )
            session.execute(sa.text("UPDATE engines SET seen_at = :at"), {"at": at})
    database.close()


if __name__ == "__main__":
    main()
