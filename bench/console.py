"""How fast the console answers with a million contacts and 200 live calls.

    python -m bench.console --contacts 1000000 --live 200 --rounds 20

Makes a store in a temporary folder, serves it from a process of its own while another one keeps
the live calls talking, asks for every page, and watches the board. Prints the median and the 95th
percentile of each page, and how old a word is when the board's stream brings it.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import re
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import uvicorn

from bench.console_store import fill
from bench.latency import put_between
from campaigns.settings import Settings
from console.web.apart import Apart
from console.web.app import create_app
from console.web.counted import Counted
from console.web.sessions import open_session
from store.database import Database
from store.people_queries import add_user
from store.people_types import Role

BATCH_SECONDS: Final = 0.25
"""So often an engine writes what changed."""
TURN_SECONDS: Final = 3.0
"""So long a turn of a call takes."""
CYCLE: Final = 10_000
"""Seconds are told without their thousands: the board hides longer numbers."""
WATCHED_SECONDS: Final = 10.0
PAGES: Final = (
    "/",
    "/campaigns",
    "/campaigns/1",
    "/campaigns/1/contacts",
    "/campaigns/1/contacts?status=done&after={old}",
    "/contacts/{old}",
    "/calls",
    "/calls?campaign=3",
    "/calls?outcome=opted_out",
    "/calls?shortest=9000",
    "/calls/{old}",
    "/flow-map",
    "/flow-map/pre-delivery/zh-CN",
    "/suppression",
    "/audit",
)
PERFORMANCE: Final = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN: Final = "<!-- figures of bench.console -->"
END: Final = "<!-- end of the figures of bench.console -->"
_WORDS: Final = re.compile(r"said at (\d+\.\d+)")


def main() -> None:
    """Measure, and print a table."""
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--contacts", type=int, default=1_000_000)
    wanted.add_argument("--live", type=int, default=200)
    wanted.add_argument("--rounds", type=int, default=20)
    wanted.add_argument("--write", action="store_true", help="put the table into docs")
    asked = wanted.parse_args()
    rows: list[str] = []
    with tempfile.TemporaryDirectory(prefix="menling-bench-") as folder:
        settings = Settings.model_validate({"paths": {"data_dir": folder}})
        secret = _store(settings, asked.contacts, asked.live)
        with _serving(settings, asked.live) as port:
            for page in PAGES:
                path = page.format(old=asked.contacts // 20 * 10 + 5)
                rows.append(
                    _told(path, [_seconds(port, secret, path) for _ in range(asked.rounds)])
                )
                print(rows[-1])
            rows.append(_told("age of a word on the board", list(_ages(port, secret))))
            print(rows[-1])
    if asked.write:
        head = "| | p50, ms | p95, ms | longest, ms |\n|---|---|---|---|"
        put_between(PERFORMANCE, BEGIN, END, "\n".join((head, *rows)))


def _store(settings: Settings, contacts: int, live: int) -> str:
    began = time.monotonic()
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    database = Database(settings.store_url)
    database.upgrade()
    now = datetime.now(UTC)
    fill(database, contacts, live, f"{now:%Y-%m-%d %H:%M:%S.%f}")
    with database.transaction() as session:
        user = add_user(
            session, login="bench", name="Bench", role=Role.ADMIN, language="zh-CN", now=now
        )
    secret = open_session(database, user.id, now, timedelta(hours=12))
    database.close()
    print(f"{contacts} contacts, {live} live calls: made in {time.monotonic() - began:.0f} s")
    return secret


@contextmanager
def _serving(settings: Settings, live: int) -> Iterator[int]:
    """Run the console and the calls in processes of their own; yield the console's port."""
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    enough = processes.Event()
    console = processes.Process(target=_serve, args=(settings, theirs))
    calls = processes.Process(target=_talk, args=(settings, live, enough), daemon=True)
    console.start()
    calls.start()
    try:
        yield ours.recv()
    finally:
        enough.set()
        calls.join()
        console.terminate()
        console.join()


def _serve(settings: Settings, pipe: Connection) -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    pipe.send(listening.getsockname()[1])
    app = create_app(settings, Database(settings.store_url), counted=Counted(apart=Apart()))
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run([listening])


def _talk(settings: Settings, live: int, enough: Event) -> None:
    """Keep the calls talking as an engine would tell of them."""
    database = Database(settings.store_url)
    with database.reading() as session:
        attempts = list(session.scalars(sa.text("SELECT attempt_id FROM live_calls")))
    each = max(1, round(live * BATCH_SECONDS / TURN_SECONDS))
    place = 0
    while not enough.wait(BATCH_SECONDS):
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


def _seconds(port: int, secret: str, path: str) -> float:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": f"menling_session={secret}"})
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - began
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    return took


def _ages(port: int, secret: str) -> Iterator[float]:
    """Yield how old each word is when it comes, but those of the first picture."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/live/board", headers={"Cookie": f"menling_session={secret}"})
    answer: Any = connection.getresponse()
    ends, pictures = time.monotonic() + WATCHED_SECONDS, 0
    while time.monotonic() < ends:
        line = answer.readline().decode()
        if line.startswith("event: calls"):
            pictures += 1
        elif pictures > 1:
            yield from ((time.time() - float(said)) % CYCLE for said in _WORDS.findall(line))
    connection.close()


def _told(what: str, seconds: list[float]) -> str:
    """Return a row of the table."""
    ordered = sorted(seconds)
    if not ordered:
        return f"| {what} | nothing came | | |"
    highest = ordered[math.ceil(0.95 * len(ordered)) - 1]
    times = (statistics.median(ordered), highest, ordered[-1])
    return f"| {what} | " + " | ".join(f"{1000 * each:.0f}" for each in times) + " |"


if __name__ == "__main__":
    main()
