"""Where decoding happens, and who goes first.

A callee who has finished waits for our answer; one who is still speaking waits for nothing. So
work for utterances that are over goes before sound of those in progress.

Without threads it happens on the event loop, one piece between two looks at the sockets: handing
pieces of a few milliseconds to a thread and back costs more than it gains where one thread decodes.
"""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import partial
from typing import TypeVar

T = TypeVar("T")


class Urgency(IntEnum):
    """What is decoded first."""

    OVER = 0
    """The utterance is over, its result is waited for."""
    IN_PROGRESS = 1
    LAST = 2
    """After all that waits: the thread ends."""


@dataclass(order=True, slots=True)
class _Job:
    urgency: Urgency
    number: int
    work: Callable[[], None] | None = field(compare=False)


class DecodeQueue:
    """Runs blocking work; holds one job per leg at most, so its length is bounded."""

    def __init__(self, threads: int = 0) -> None:
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._threads = [
            threading.Thread(target=self._work, name=f"decode-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, work: Callable[[], T], urgency: Urgency = Urgency.IN_PROGRESS) -> T:
        """Do the work in its turn and return what it returns or raises."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()
        settle = loop.call_soon_threadsafe if self._threads else _at_once

        def tell(outcome: Callable[[], None]) -> None:
            if not result.done():
                outcome()

        def done() -> None:
            try:
                value = work()
            except Exception as error:  # whatever it is belongs to the caller
                settle(tell, partial(result.set_exception, error))
            else:
                settle(tell, partial(result.set_result, value))

        self._jobs.put(_Job(urgency, next(self._numbers), done))
        if not self._threads and self._jobs.qsize() == 1:
            loop.call_soon(self._work_once, loop)
        return await result

    def close(self) -> None:
        """End the threads after what waits; returns once they have."""
        for _ in self._threads:
            self._jobs.put(_Job(Urgency.LAST, next(self._numbers), None))
        for thread in self._threads:
            thread.join()

    def _work_once(self, loop: asyncio.AbstractEventLoop) -> None:
        if work := self._jobs.get_nowait().work:
            work()
        if not self._jobs.empty():
            # The loop looks at its sockets first: the end of an utterance may have come.
            loop.call_soon(self._work_once, loop)

    def _work(self) -> None:
        while (work := self._jobs.get().work) is not None:
            work()


def _at_once(tell: Callable[[Callable[[], None]], None], outcome: Callable[[], None]) -> None:
    tell(outcome)
