"""An engine at which faults are tried: the service that `menling serve` runs, in a process of its
own, with the workers that telephone. Only faults are added.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from typing import Final, cast

from bench.fault_kinds import FAULT, Book, ComesTo, Meddling, StoreFault, fail_in_the_store
from bench.spare_workers import SpareWorkers
from campaigns.callers import CallersNews
from campaigns.engine import Beat
from campaigns.order import CallReport
from campaigns.serving import Service, ServiceBeat
from campaigns.serving_runs import Site
from campaigns.settings import Settings
from campaigns.worker import WorkerSettings, run_worker
from dialer.restart import RestartPolicy
from dialer.supervisor import Supervisor, WorkerMessage
from processes.nursery import Nursery
from store.database import Database

AT_ONCE: Final = RestartPolicy(quick=timedelta(0), first_delay=timedelta(0))
"""A worker that died is started again, however often it died."""
BEAT: Final = ServiceBeat(engine=Beat(reconcile=timedelta(seconds=2)))
LATE_SECONDS: Final = 4.0
SOME: Final = 4
"""One report of so many is lost."""


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """What an engine is told when it starts."""

    settings: Settings
    worker: WorkerSettings
    book: Book
    checkpoint: ComesTo
    """Of the engine; the workers' is in `worker`."""
    spare_workers: int = 4
    """Beside those that work: so many can take the place of dead ones."""
    clock_is_wrong_by: timedelta = timedelta(0)
    meddling: Meddling = Meddling.NONE
    store_fault: StoreFault = StoreFault.NONE


def run_engine(pipe: Connection, spec: EngineSpec) -> None:
    """Live as an engine until told to stop; forked from a process that has everything loaded."""
    # Whoever loses the machine loses all processes of this group.
    os.setsid()
    spares = SpareWorkers(spec.settings.dialing.workers + spec.spare_workers)
    fail_in_the_store(spec.store_fault, spec.book)
    asyncio.run(_serve(spec, pipe, spares))


async def _serve(spec: EngineSpec, pipe: Connection, spares: SpareWorkers) -> None:
    database = Database(spec.settings.store_url)
    supervisor = Supervisor(
        partial(run_worker, spec.worker),
        spec.settings.dialing.workers,
        spec.settings.dialing.legs_per_worker,
        AT_ONCE,
        nursery=cast(Nursery, spares),
    )
    service = Service(
        Site(
            database, Meddler(supervisor, spec.meddling, spec.book), spec.settings, spec.checkpoint
        ),
        clock=lambda: datetime.now(UTC) + spec.clock_is_wrong_by,
        beat=BEAT,
        ready=lambda: pipe.send(""),
    )
    try:
        await service.run(["zh-CN"])
    finally:
        database.close()


class Meddler:
    """Stands between an engine and its workers, and lets no report pass as it came."""

    def __init__(self, supervisor: Supervisor, meddling: Meddling, book: Book) -> None:
        self._supervisor = supervisor
        self._meddling = meddling
        self._book = book
        self._news: asyncio.Queue[CallersNews | Exception] = asyncio.Queue()
        self._reports = 0
        self._pump: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the workers."""
        await self._supervisor.start()
        self._pump = asyncio.create_task(self._pass_on())

    async def stop(self) -> None:
        """Stop the workers."""
        await self._supervisor.stop()
        if self._pump is not None:
            self._pump.cancel()

    def free_slots(self) -> int:
        """Return how many orders would be taken now."""
        return self._supervisor.free_slots()

    def submit(self, key: int, message: object) -> None:
        """Hand over an order."""
        self._supervisor.submit(key, message)

    def tell(self, key: int, message: object) -> bool:
        """Pass a message on."""
        return self._supervisor.tell(key, message)

    def tell_all(self, message: object) -> None:
        """Pass a message on to all."""
        self._supervisor.tell_all(message)

    def release(self, key: int) -> None:
        """Free a slot."""
        self._supervisor.release(key)

    async def receive(self) -> CallersNews:
        """Return the next news."""
        news = await self._news.get()
        if isinstance(news, Exception):
            raise news
        return news

    async def _pass_on(self) -> None:
        while True:
            try:
                news = await self._supervisor.receive()
            except Exception as error:
                self._news.put_nowait(error)
                continue
            if (
                self._meddling is Meddling.NONE
                or not isinstance(news, WorkerMessage)
                or not isinstance(news.message, CallReport)
            ):
                self._news.put_nowait(news)
            else:
                self._meddle(news, news.message.attempt)

    def _meddle(self, news: WorkerMessage, attempt: int) -> None:
        self._reports += 1
        if self._meddling is Meddling.LOST and self._reports % SOME:
            self._news.put_nowait(news)
            return
        self._book.note(FAULT, attempt, os.getpid())
        if self._meddling is Meddling.LATE:
            asyncio.get_running_loop().call_later(LATE_SECONDS, self._news.put_nowait, news)
        elif self._meddling is Meddling.TWICE:
            self._news.put_nowait(news)
            self._news.put_nowait(news)
        else:
            self._supervisor.release(attempt)
