"""Supervisor: keeps worker processes alive, gives them work and hears their answers.

It knows nothing about calls. A worker is an entry point `entry(connection, worker number)`; it
sends `Ready()` once and then whatever it likes, and ends when it receives `Stop()`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

from dialer.load import least_loaded
from dialer.restart import GiveUp, RestartPolicy, after_death
from dialer.worker_process import Entry, Ready, Stop, WorkerProcess
from processes.child import start_child
from processes.nursery import Nursery

__all__ = [
    "NoFreeSlot",
    "Ready",
    "Stop",
    "Supervisor",
    "WorkerKeepsDying",
    "WorkerLost",
    "WorkerMessage",
    "WorkerReady",
]

EVENTS_WAITING = 1000
"""Beyond that the workers' pipes are left full until somebody calls `receive`."""


@dataclass(frozen=True, slots=True)
class WorkerReady:
    """A worker can take work."""

    worker: int


@dataclass(frozen=True, slots=True)
class WorkerMessage:
    """A worker said something."""

    worker: int
    message: object


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A worker died; the work it carried will not be finished."""

    worker: int
    keys: tuple[int, ...]
    exit_code: int
    """Minus the signal's number when a signal ended it."""


WorkerEvent = WorkerReady | WorkerMessage | WorkerLost


class NoFreeSlot(RuntimeError):  # noqa: N818  reads as what it says
    """Every worker that is up is full."""


class WorkerKeepsDying(RuntimeError):  # noqa: N818  reads as what it says
    """A worker died at once, again and again; the message says what to look at."""


class Supervisor:
    """A fixed number of worker processes, each with a number of slots."""

    def __init__(
        self,
        entry: Entry,
        workers: int,
        slots: int,
        policy: RestartPolicy = RestartPolicy(),  # noqa: B008  frozen
        nursery: Nursery | None = None,
    ) -> None:
        """Workers come from the `nursery`, which ends with them; without one each loads anew."""
        self._entry = entry
        self._slots = slots
        self._policy = policy
        self._nursery = nursery
        self._roster = _Roster(workers)
        self._events: deque[WorkerEvent | WorkerKeepsDying] = deque()
        self._arrived = asyncio.Event()
        self._stopping = False

    async def start(self) -> None:
        """Start the workers; each is told of by WorkerReady once it can take work."""
        for number in range(self._roster.size):
            self._start_worker(number)

    async def stop(self, grace: timedelta = timedelta(seconds=5)) -> None:
        """Ask the workers to end, wait, and end those that don't."""
        self._stopping = True
        for timer in self._roster.restarts.values():
            timer.cancel()
        running = list(self._roster.running.values())
        await asyncio.gather(*(process.end(grace.total_seconds()) for process in running))
        if self._nursery is not None:
            self._nursery.close()

    def free_slots(self) -> int:
        """Return how many pieces of work the workers that are up can take now."""
        return sum(self._slots - load for load in self._roster.loads().values())

    def pids(self) -> dict[int, int]:
        """Return the process id of each worker that runs, for those who watch or measure."""
        return {number: process.pid for number, process in self._roster.running.items()}

    def submit(self, key: int, message: object) -> None:
        """Send work to the least loaded worker; raises NoFreeSlot, ValueError for a key in use."""
        if self._roster.holder(key) is not None:
            raise ValueError(f"work {key} is under way already")
        number = least_loaded(self._roster.loads(), self._slots)
        if number is None:
            raise NoFreeSlot("every worker that is up is full; wait for free_slots()")
        worker = self._roster.running[number]
        worker.keys.add(key)
        worker.send(message)

    def tell(self, key: int, message: object) -> bool:
        """Send a message to the worker that carries this work; False: none does any more."""
        worker = self._roster.holder(key)
        if worker is None:
            return False
        worker.send(message)
        return True

    def tell_all(self, message: object) -> None:
        """Send a message to every worker that is up."""
        for worker in self._roster.running.values():
            if worker.is_ready:
                worker.send(message)

    def release(self, key: int) -> None:
        """Free the slot of finished work; an unknown key (its worker was lost) does nothing."""
        worker = self._roster.holder(key)
        if worker is not None:
            worker.keys.discard(key)

    async def receive(self) -> WorkerEvent:
        """Return the next event in the order it happened.

        Raises WorkerKeepsDying once a worker is given up; the others go on.
        """
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        event = self._events.popleft()
        if len(self._events) == EVENTS_WAITING // 2:
            for process in self._roster.running.values():
                process.listen()
        if isinstance(event, WorkerKeepsDying):
            raise event
        return event

    def process_said(self, process: WorkerProcess, message: object) -> None:
        """Take a message from a worker process."""
        if isinstance(message, Ready):
            process.is_ready = True
            self._tell(WorkerReady(process.number))
        else:
            self._tell(WorkerMessage(process.number, message))
        if len(self._events) >= EVENTS_WAITING:
            for every in self._roster.running.values():
                every.pause()

    def process_died(self, process: WorkerProcess) -> None:
        """Settle the death of a worker process and start another."""
        number = process.number
        del self._roster.running[number]
        if process.keys or not self._stopping:
            self._tell(WorkerLost(number, tuple(sorted(process.keys)), process.exit_code or 0))
        if self._stopping:
            return
        loop = asyncio.get_running_loop()
        lived = timedelta(seconds=loop.time() - self._roster.started[number])
        verdict = after_death(self._policy, lived, self._roster.quick_deaths[number])
        self._roster.quick_deaths[number] = verdict.quick_deaths
        if isinstance(verdict, GiveUp):
            self._tell(
                WorkerKeepsDying(
                    f"worker {number} died {verdict.quick_deaths} times in a row, each time within "
                    f"{self._policy.quick.total_seconds():g} s of its start (last exit code "
                    f"{process.exit_code}); it is not started again. Its own messages on the "
                    "terminal or in its log say why: a port that is taken, a missing file"
                )
            )
            return
        self._roster.restarts[number] = loop.call_later(
            verdict.delay.total_seconds(), self._start_worker, number
        )

    def _start_worker(self, number: int) -> None:
        self._roster.restarts.pop(number, None)
        self._roster.started[number] = asyncio.get_running_loop().time()
        start = start_child if self._nursery is None else self._nursery.start_child
        self._roster.running[number] = WorkerProcess(self._entry, number, self, start)

    def _tell(self, event: WorkerEvent | WorkerKeepsDying) -> None:
        self._events.append(event)
        self._arrived.set()


class _Roster:
    """Which workers run, since when, and how they fared."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.running: dict[int, WorkerProcess] = {}
        self.started: dict[int, float] = {}
        self.quick_deaths: dict[int, int] = dict.fromkeys(range(size), 0)
        self.restarts: dict[int, asyncio.TimerHandle] = {}

    def loads(self) -> dict[int, int]:
        """Return the work each worker that is up carries."""
        return {
            number: len(worker.keys) for number, worker in self.running.items() if worker.is_ready
        }

    def holder(self, key: int) -> WorkerProcess | None:
        """Return the worker that carries this work."""
        return next((worker for worker in self.running.values() if key in worker.keys), None)
