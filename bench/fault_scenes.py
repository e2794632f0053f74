"""What is done to engines and their stores, fault by fault."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from bench.fault_kinds import FAULT, How, Meddling, StoreFault
from bench.fault_proxy import CommitCutter, Cut
from bench.fault_world import AT_ENGINE, Episode, Running, World, until
from bench.postgresql_server import Server
from campaigns.checkpoints import Point
from campaigns.steady import DIAL_WITHIN_SECONDS
from store.claims import LEASE
from store.database import LOCK_PATIENCE

BESIDE: Final = "none: the engine beside"
STOPPED_SECONDS: Final = LEASE.total_seconds() + 60.0
"""Within that, an engine that was stopped has lost its calls to others."""


def kill_at_points(world: World, rounds: int, *, machine: bool = True) -> None:
    """Kill the process at each point of an attempt's life; and the whole machine there, too."""
    for point in Point:
        if point in AT_ENGINE:
            for _ in range(rounds):
                world.play(Episode("engine killed", point))
            continue
        world.play(Episode("worker killed", point, at_most=rounds))
        for _ in range(rounds if machine else 0):
            world.play(Episode("machine lost", point, How.MACHINE_LOST))


def beside_another(world: World, scene: Callable[[], None]) -> None:
    """Play a scene while another engine calls, and takes over what is left, at the same time."""
    world.people.keep_busy(200)
    other = world.start(Episode(BESIDE))
    scene()
    world.end(other)


def with_a_wrong_clock(world: World, rounds: int) -> None:
    """Kill engines whose clock is wrong by hours, beside one whose clock is right."""
    for hours in (-3, 3):
        for point in (Point.CLAIMED, Point.MARKED, Point.SUBMITTED, Point.SETTLING):
            for _ in range(rounds):
                world.play(Episode(f"clock {hours:+} h", point, clock=timedelta(hours=hours)))


def meddle(world: World, reports: int) -> None:
    """Let reports come twice, late, or never."""
    world.play(Episode("report twice", at_most=reports, meddling=Meddling.TWICE))
    world.play(Episode("report late", at_most=reports, meddling=Meddling.LATE))
    world.play(Episode("report lost", at_most=4, meddling=Meddling.LOST))


def stop_workers(world: World, stopped: int) -> None:
    """Stop workers right before they dial, for longer than they may wait with it."""
    for point in (Point.ORDERED, Point.INVITING):
        world.people.keep_busy(100)
        running = world.start(
            Episode("worker stopped for 25 s", point, How.STOPPED, at_most=stopped)
        )
        with suppress(TimeoutError):
            until(lambda: running.faults >= stopped)  # noqa: B023  called at once
        time.sleep(DIAL_WITHIN_SECONDS + 5)
        _go_on(running)
        world.end(running)


def stop_engines(world: World) -> None:
    """Stop engines, with their workers or without, for longer than their leases last."""
    world.people.keep_busy(300)
    stopped = [world.start(Episode("engine stopped beyond its lease")) for _ in range(2)]
    stopped += [world.start(Episode("machine stopped beyond its leases")) for _ in range(2)]
    for each in stopped:
        until(lambda: world.people.held_by(each.pid))  # noqa: B023  called at once
        _stop(world, each)
    other = world.start(Episode(BESIDE))
    until(lambda: not any(world.people.held_by(each.pid) for each in stopped), STOPPED_SECONDS)
    for each in stopped:
        _signal_to(each, signal.SIGCONT)
    time.sleep(5)
    for each in (*stopped, other):
        world.end(each)


def fail_commits(world: World, faults: int) -> None:
    """Let the disk of a SQLite file refuse commits, or be full."""
    world.play(Episode("commit fails", at_most=faults, store_fault=StoreFault.COMMIT_FAILS))
    world.play(Episode("disk full", at_most=faults // 2, store_fault=StoreFault.FULL))


def lock_the_file(world: World, file: Path, times: int) -> None:
    """Keep everybody from writing for longer than a writer waits."""
    world.people.keep_busy(200)
    running = world.start(Episode("file locked for 17 s"))
    for _ in range(times):
        until(lambda: world.people.held_by(running.pid))
        locks = sqlite3.connect(file, timeout=60, isolation_level=None)
        locks.execute("BEGIN IMMEDIATE")
        running.further_faults += 1
        time.sleep(LOCK_PATIENCE.total_seconds() + 2)
        locks.execute("ROLLBACK")
        locks.close()
        time.sleep(2)
    world.end(running)


def cut_commits(world: World, cutter: CommitCutter, url: str, cuts: int) -> None:
    """Cut connections to PostgreSQL at a commit: before the server has it, and after."""
    for cut in (Cut.BEFORE, Cut.ANSWER):
        world.people.keep_busy(60 + 6 * cuts)
        running = world.start(Episode(cut.value), url=url)
        before, cutter.cut = cutter.cuts, cut
        with suppress(TimeoutError):
            until(lambda: cutter.cuts - before >= cuts)  # noqa: B023  called at once
        cutter.cut = Cut.NEVER
        running.further_faults += cutter.cuts - before
        world.end(running)


def crash_the_server(world: World, server: Server, times: int) -> None:
    """Stop PostgreSQL as a power cut does while calls are in progress, and start it again."""
    world.people.keep_busy(300)
    running = world.start(Episode("server crashed"))
    for _ in range(times):
        until(lambda: world.people.held_by(running.pid))
        server.crash()
        running.further_faults += 1
        time.sleep(random.uniform(0.2, 3))
        server.start()
        time.sleep(1)
    world.end(running)


def end_connections(world: World, url: str, times: int) -> None:
    """End connections, one at random at a time, as a server or a firewall does."""
    world.people.keep_busy(300)
    running = world.start(Episode("connection ended"))
    murderer = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    limit = time.monotonic() + 60
    while running.further_faults < times and time.monotonic() < limit:
        with murderer.connect() as connection:
            running.further_faults += len(connection.execute(_END_ANOTHER).all())
        time.sleep(0.1)
    murderer.dispose()
    world.end(running)


def _stop(world: World, running: Running) -> None:
    """Stop it between two of its writes: else nobody writes to a SQLite file before it goes on."""
    _signal_to(running, signal.SIGSTOP)
    while not world.people.can_be_written():
        _signal_to(running, signal.SIGCONT)
        time.sleep(0.05)
        _signal_to(running, signal.SIGSTOP)
    running.further_faults += 1


def _signal_to(running: Running, number: signal.Signals) -> None:
    send = os.killpg if "machine" in running.episode.kind else os.kill
    send(running.pid, number)


def _go_on(running: Running) -> None:
    for _, pid, *_ in running.book.lines(FAULT):
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGCONT)


_END_ANOTHER: Final = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    " AND datname = current_database() ORDER BY random() LIMIT 1"
)
