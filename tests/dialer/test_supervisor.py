from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from dialer.restart import RestartPolicy
from dialer.supervisor import (
    NoFreeSlot,
    Ready,
    Stop,
    Supervisor,
    WorkerKeepsDying,
    WorkerLost,
    WorkerMessage,
    WorkerReady,
)

HANGS_SECONDS = 120
"""What takes longer hangs, however busy the machine is."""


@pytest.fixture(autouse=True)
def workers_find_this_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2])


def echo(connection: Connection, number: int) -> None:
    """A worker that says back what it is told, and dies or hangs on request."""
    connection.send(Ready())
    while True:
        match connection.recv():
            case Stop():
                return
            case "die":
                os._exit(7)
            case "hang":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                connection.send("hanging")
                signal.pause()
            case message:
                connection.send((number, message))


def stillborn(connection: Connection, number: int) -> None:
    os._exit(3)


async def ready(supervisor: Supervisor, workers: int) -> None:
    for _ in range(workers):
        assert isinstance(await supervisor.receive(), WorkerReady)


def test_work_goes_to_the_least_loaded_worker_and_comes_back() -> None:
    async def whole() -> None:
        supervisor = Supervisor(echo, workers=2, slots=2)
        async with asyncio.timeout(HANGS_SECONDS):
            await supervisor.start()
            assert supervisor.free_slots() == 0
            await ready(supervisor, 2)
            assert supervisor.free_slots() == 4
            for key in range(4):
                supervisor.submit(key, f"work {key}")
            with pytest.raises(NoFreeSlot):
                supervisor.submit(4, "too much")
            answers = [await supervisor.receive() for _ in range(4)]
            assert {(a.worker, a.message) for a in answers if isinstance(a, WorkerMessage)} == {
                (0, (0, "work 0")),
                (1, (1, "work 1")),
                (0, (0, "work 2")),
                (1, (1, "work 3")),
            }
            supervisor.release(1)
            assert supervisor.free_slots() == 1
            with pytest.raises(ValueError, match="under way"):
                supervisor.submit(2, "again")
            supervisor.submit(5, "more")
            assert await supervisor.receive() == WorkerMessage(1, (1, "more"))
            await supervisor.stop()
            assert supervisor.free_slots() == 0

    asyncio.run(whole())


def test_a_killed_worker_is_told_of_once_with_its_work_and_started_again() -> None:
    async def whole() -> None:
        supervisor = Supervisor(echo, workers=2, slots=4)
        async with asyncio.timeout(HANGS_SECONDS):
            await supervisor.start()
            await ready(supervisor, 2)
            for key in (10, 11, 12):
                supervisor.submit(key, key)
                await supervisor.receive()
            os.kill(supervisor.pids()[0], signal.SIGKILL)
            assert await supervisor.receive() == WorkerLost(0, (10, 12), -signal.SIGKILL)
            assert supervisor.free_slots() == 3
            supervisor.release(10)
            assert await supervisor.receive() == WorkerReady(0)
            assert supervisor.free_slots() == 7
            supervisor.submit(13, "on we go")
            assert await supervisor.receive() == WorkerMessage(0, (0, "on we go"))
            await supervisor.stop()

    asyncio.run(whole())


def test_what_a_worker_said_before_it_died_is_heard() -> None:
    async def whole() -> None:
        supervisor = Supervisor(echo, workers=1, slots=4)
        async with asyncio.timeout(HANGS_SECONDS):
            await supervisor.start()
            await ready(supervisor, 1)
            supervisor.submit(1, "last words")
            supervisor.submit(2, "die")
            assert await supervisor.receive() == WorkerMessage(0, (0, "last words"))
            assert await supervisor.receive() == WorkerLost(0, (1, 2), 7)
            await supervisor.stop()

    asyncio.run(whole())


def test_a_worker_that_only_dies_is_given_up_with_a_clear_error() -> None:
    policy = RestartPolicy(
        quick=timedelta(minutes=10), first_delay=timedelta(milliseconds=1), quick_deaths=2
    )

    async def whole() -> None:
        supervisor = Supervisor(stillborn, workers=1, slots=1, policy=policy)
        async with asyncio.timeout(HANGS_SECONDS):
            await supervisor.start()
            for _ in range(2):
                assert await supervisor.receive() == WorkerLost(0, (), 3)
            with pytest.raises(WorkerKeepsDying, match=r"worker 0 died 2 times.*exit code 3"):
                await supervisor.receive()
            await supervisor.stop()

    asyncio.run(whole())


def test_a_worker_that_does_not_stop_is_killed() -> None:
    async def whole() -> None:
        supervisor = Supervisor(echo, workers=1, slots=1)
        async with asyncio.timeout(HANGS_SECONDS):
            await supervisor.start()
            await ready(supervisor, 1)
            supervisor.submit(1, "hang")
            assert await supervisor.receive() == WorkerMessage(0, "hanging")
            await supervisor.stop(grace=timedelta(milliseconds=100))
            assert await supervisor.receive() == WorkerLost(0, (1,), -signal.SIGKILL)

    asyncio.run(whole())


def chatter(messages: int, connection: Connection, number: int) -> None:
    connection.send(Ready())
    for message in range(messages):
        connection.send(message)
    connection.recv()


def test_a_talkative_worker_waits_for_a_slow_listener_and_loses_nothing() -> None:
    async def whole() -> None:
        supervisor = Supervisor(partial(chatter, 20_000), workers=1, slots=1)
        async with asyncio.timeout(HANGS_SECONDS):
            await supervisor.start()
            await ready(supervisor, 1)
            for number in range(20_000):
                assert await supervisor.receive() == WorkerMessage(0, number)
            await supervisor.stop()

    asyncio.run(whole())


def test_a_worker_that_reads_nothing_holds_nobody_up_and_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dialer.worker_process.UNREAD_SECONDS", 0.2)

    async def whole() -> None:
        supervisor = Supervisor(echo, workers=1, slots=1)
        async with asyncio.timeout(HANGS_SECONDS):
            await supervisor.start()
            await ready(supervisor, 1)
            supervisor.submit(1, "hang")
            assert await supervisor.receive() == WorkerMessage(0, "hanging")
            for _ in range(50):
                supervisor.tell(1, "x" * 100_000)
            assert await supervisor.receive() == WorkerLost(0, (1,), -signal.SIGKILL)
            await supervisor.stop()

    asyncio.run(whole())
