"""Faults injected into real calls: `python -m bench.faults [--rounds 5] [--write]`.

Engines as `menling serve` runs them, with workers that telephone by real SIP, call people of whom
SIPp stands in. Engines, workers and whole machines are killed at every named point of an attempt's
life; engines are stopped beyond their leases and go on; stores fail, lose connections, answers of
commits and their disk; clocks are wrong; reports come twice, late or never. Then SIPp's messages
are held against the store: was anybody called twice for one attempt, called without the store
knowing of it, or is an outcome lost? A call whose fate nobody can know must be asked about.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from bench.fault_callee import callee
from bench.fault_findings import Finding, attempts_of, judge
from bench.fault_proxy import CommitCutter
from bench.fault_scenes import (
    beside_another,
    crash_the_server,
    cut_commits,
    end_connections,
    fail_commits,
    kill_at_points,
    lock_the_file,
    meddle,
    stop_engines,
    stop_workers,
    with_a_wrong_clock,
)
from bench.fault_world import Episode, Running, SharedNursery, World, world
from bench.latency import put_between
from bench.postgresql_server import server_that_fails
from campaigns.host import SpeechServices, speech_services
from campaigns.settings import Settings
from campaigns.settings_sections import PathSettings
from processes.nursery import Nursery
from store.database import Database

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "claims.md"
BEGIN, END = "<!-- figures of bench.faults -->", "<!-- end of the figures of faults -->"
ENOUGH: Final = 500
"""Faults after which the table says something."""
Findings = Mapping[Running, Finding]
Told = Callable[[str], None]


def on_sqlite(
    folder: Path, services: SpeechServices, nursery: Nursery, rounds: int, told: Told
) -> Findings:
    """Try all faults on a SQLite file."""
    file = folder / "menling.db"
    url = f"sqlite:///{file}"
    return _all(
        url,
        folder,
        services,
        nursery,
        rounds,
        told,
        lambda made: (
            ("commits fail, the disk is full", lambda: fail_commits(made, 12 * rounds)),
            ("the file is locked", lambda: lock_the_file(made, file, 2)),
        ),
    )


def on_postgresql(
    folder: Path, services: SpeechServices, nursery: Nursery, rounds: int, told: Told
) -> Findings:
    """Try all faults on a PostgreSQL of its own."""
    with (
        server_that_fails("max_connections=200", "fsync=off") as server,
        tempfile.TemporaryDirectory(prefix="menling-") as socket_folder,
    ):
        cutter = CommitCutter(server.folder, Path(socket_folder))
        cut_url = f"postgresql+psycopg://menling@/menling?host={socket_folder}"
        try:
            return _all(
                server.url,
                folder,
                services,
                nursery,
                rounds,
                told,
                lambda made: (
                    ("commits are cut", lambda: cut_commits(made, cutter, cut_url, 10 * rounds)),
                    ("the server crashes", lambda: crash_the_server(made, server, rounds)),
                    ("connections end", lambda: end_connections(made, server.url, 10 * rounds)),
                ),
            )
        finally:
            cutter.close()


Scenes = Iterable[tuple[str, Callable[[], None]]]


def _all(
    url: str,
    folder: Path,
    services: SpeechServices,
    nursery: Nursery,
    rounds: int,
    told: Told,
    of_the_store: Callable[[World], Scenes],
) -> Findings:
    database = Database(url)
    database.upgrade()
    database.close()
    with (
        callee(folder / "sipp") as called,
        world(url, folder, called, services, nursery, folder.parent / "data") as made,
    ):
        points = partial(kill_at_points, made, rounds)
        made.warm_up()
        scenes: Scenes = (
            ("killed at every point", points),
            ("killed at every point, another engine beside", partial(beside_another, made, points)),
            ("reports twice, late, never", lambda: meddle(made, 4 * rounds)),
            *of_the_store(made),
            (
                "wrong clocks",
                lambda: beside_another(made, partial(with_a_wrong_clock, made, rounds)),
            ),
            ("workers stopped", lambda: stop_workers(made, 2)),
            ("engines stopped", lambda: stop_engines(made)),
        )
        for name, play in scenes:
            began = time.monotonic()
            play()
            told(f"{name}: {time.monotonic() - began:.0f} s")
        made.settle_all()
        called.stop()
        return judge(attempts_of(made.people.database), called.invites(), made.engines)


def summed(found: Findings) -> dict[tuple[str, str], Finding]:
    """Put together what was done alike."""
    sums: dict[tuple[str, str], Finding] = defaultdict(Finding)
    for running, each in found.items():
        episode: Episode = running.episode
        total = sums[(episode.kind, "" if episode.point is None else episode.point.value)]
        total.faults += each.faults
        total.attempts += each.attempts
        total.invites += each.invites
        total.reconciled += each.reconciled
        total.seconds += each.seconds
        total.wrong += each.wrong
        total.lost += each.lost
        total.open += each.open
    return dict(sums)


HEAD: Final = (
    "| Fault | Point | Store | Faults | Attempts | INVITEs | Duplicates | Lost outcomes "
    "| Left open | Asked about | Seconds |\n|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|"
)


def table(by_store: Mapping[str, Findings]) -> str:
    """Return the figures as a table of the page."""
    rows = []
    total = Finding()
    for store, found in by_store.items():
        for (kind, point), each in sorted(summed(found).items()):
            rows.append(_row(kind, point, store, each))
            total.faults += each.faults
            total.attempts += each.attempts
            total.invites += each.invites
            total.reconciled += each.reconciled
            total.seconds += each.seconds
            total.wrong += each.wrong
            total.lost += each.lost
            total.open += each.open
    return "\n".join((HEAD, *rows, _row("**all**", "", "", total)))


def _row(kind: str, point: str, store: str, each: Finding) -> str:
    cells = (
        kind, point, store, each.faults, each.attempts, each.invites, len(each.wrong),
        len(each.lost), len(each.open), each.reconciled, round(each.seconds),
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


async def measure(stores: Sequence[str], rounds: int) -> dict[str, Findings]:
    """Try everything on these stores at the same time."""
    began = time.monotonic()
    tries = {"SQLite": on_sqlite, "PostgreSQL": on_postgresql}
    with tempfile.TemporaryDirectory(prefix="menling-") as made:
        folder = Path(made)
        settings = Settings(paths=PathSettings(data_dir=folder / "data"))
        async with speech_services(settings, ["zh-CN"]) as services:
            nursery = SharedNursery()

            def try_out(store: str) -> Findings:
                inside = folder / store
                inside.mkdir()

                def told(what: str) -> None:
                    print(f"{time.monotonic() - began:6.0f} s  {store}: {what}", flush=True)

                return tries[store](inside, services, nursery, rounds, told)

            # Threads that last: what they start ends with them.
            with ThreadPoolExecutor(len(stores)) as threads:
                loop = asyncio.get_running_loop()
                found = await asyncio.gather(
                    *(loop.run_in_executor(threads, try_out, store) for store in stores)
                )
                nursery.close()
    return dict(zip(stores, found, strict=True))


def main(argv: Sequence[str] | None = None) -> None:
    """Try, print the table, and fail where somebody was called twice or an outcome is lost."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: python -m bench.faults --rounds 1 --store SQLite",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=5, help="faults at each point")
    parser.add_argument("--store", choices=("SQLite", "PostgreSQL"), help="only on this one")
    parser.add_argument("--write", action="store_true", help="put the table into docs/claims.md")
    asked = parser.parse_args(argv)
    stores = [asked.store] if asked.store else ["SQLite", "PostgreSQL"]
    by_store = asyncio.run(measure(stores, asked.rounds))
    told = table(by_store)
    print(told)
    wrong = [
        f"{store}: {each}"
        for store, found in by_store.items()
        for one in found.values()
        for each in (*one.wrong, *one.lost, *one.open)
    ]
    print("\n".join(wrong))
    if asked.write:
        put_between(PAGE, BEGIN, END, told)
    faults = sum(one.faults for found in by_store.values() for one in found.values())
    print(f"{faults} faults, {len(wrong)} things that must not be")
    if wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
