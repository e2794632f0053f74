"""One spawned worker process, seen from its parent."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Protocol

from processes.child import start_child
from processes.outbox import Outbox

log = logging.getLogger(__name__)

UNREAD_SECONDS = 15.0
"""A worker that takes no message for so long hangs."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker sends this once, when it can take work."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A worker that receives this finishes and ends."""


Entry = Callable[[Connection, int], None]
"""What a worker runs: it is given its connection and its number, and must be picklable."""


class Process(Protocol):
    """A process that was started, here or by a nursery."""

    @property
    def sentinel(self) -> int:
        """What becomes readable when it has ended."""

    @property
    def pid(self) -> int | None:
        """Its process id, once known."""

    @property
    def exitcode(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it at once."""

    def join(self) -> None:
        """Wait until it has ended."""


class Started(Protocol):
    """A process and our end of its pipe."""

    @property
    def process(self) -> Process:
        """The process."""

    @property
    def pipe(self) -> Connection:
        """Our end of the pipe."""


class Start(Protocol):
    """Runs `target(pipe, *arguments)` in a process of its own."""

    def __call__(self, target: Callable[..., None], *arguments: object, name: str) -> Started:
        """Start it."""


class ProcessObserver(Protocol):
    """Who is told what a worker process says."""

    def process_said(self, process: WorkerProcess, message: object) -> None:
        """A message arrived."""

    def process_died(self, process: WorkerProcess) -> None:
        """It is gone; all it sent was told before."""


class WorkerProcess:
    """A running worker: its process, its pipe and the work it carries.

    Made on the event loop's thread and watched by it without polling. It must be a thread that
    lives as long as the workers, because the kernel kills them when it ends.
    """

    def __init__(
        self, entry: Entry, number: int, observer: ProcessObserver, start: Start = start_child
    ) -> None:
        self.number = number
        self.keys: set[int] = set()
        self.is_ready = False
        self._observer = observer
        self._loop = asyncio.get_running_loop()
        self._child = start(entry, number, name=f"worker-{number}")
        self._outbox = Outbox(self._child.pipe, f"to-worker-{number}")
        self._gone = asyncio.Event()
        self._loop.add_reader(self._child.process.sentinel, self._died)
        self.listen()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._child.process.pid or 0

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""
        return self._child.process.exitcode

    def send(self, message: object) -> None:
        """Send a message; one that is dying loses it, and its death is told soon after.

        One that reads nothing for long hangs, and its calls with it: it is ended.
        """
        self._outbox.send(message)
        self._loop.call_later(2 * UNREAD_SECONDS, self._see_whether_it_reads)

    def listen(self) -> None:
        """Tell what the worker says from now on."""
        if not self._child.pipe.closed:
            self._loop.add_reader(self._child.pipe.fileno(), self._readable)

    def pause(self) -> None:
        """Leave what it says in the pipe, so that it has to wait."""
        if not self._child.pipe.closed:
            self._loop.remove_reader(self._child.pipe.fileno())

    async def end(self, grace_seconds: float) -> None:
        """Ask it to stop; terminate it after the grace, kill it after as long again."""
        self.send(Stop())
        for insist in (self._child.process.terminate, self._child.process.kill):
            try:
                await asyncio.wait_for(self._gone.wait(), grace_seconds)
            except TimeoutError:
                insist()
            else:
                return
        await self._gone.wait()

    def _see_whether_it_reads(self) -> None:
        if not self._gone.is_set() and self._outbox.stuck_seconds() >= UNREAD_SECONDS:
            log.error("worker %d reads nothing any more; it is ended", self.number)
            self._child.process.kill()

    def _readable(self) -> None:
        try:
            if self._child.pipe.poll():
                self._observer.process_said(self, self._child.pipe.recv())
        except (EOFError, OSError):
            self.pause()

    def _died(self) -> None:
        self._loop.remove_reader(self._child.process.sentinel)
        self.pause()
        try:
            while self._child.pipe.poll():
                self._observer.process_said(self, self._child.pipe.recv())
        except (EOFError, OSError):
            pass
        self._outbox.close(0.0)
        self._child.pipe.close()
        self._child.process.join()
        self._gone.set()
        self._observer.process_died(self)
