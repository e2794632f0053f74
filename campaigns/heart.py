"""Heart: repeats work at its beat until a run is over; APScheduler only gives the beat."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from campaigns.events import EngineEvent, Trouble
from store.errors import StoreError

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[object]]

CLOCK_WATCH: Final = timedelta(seconds=1)
"""So long a heart stands still at most when the clock is set back."""


class Heart:
    """Beats until it is told that the run is over.

    A store that fails is told of, and the work is done again at the next beat; a mistake of ours
    ends the run and is seen.
    """

    def __init__(
        self,
        publish: Callable[[EngineEvent], None],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`clock` is the one that the scheduler goes by."""
        self._publish = publish
        self._clock = clock
        self._work: list[tuple[timedelta, Work]] = []
        self._over = asyncio.Event()
        self._error: Exception | None = None
        self.stopping = False
        """No further call; the run is over after those in progress."""

    def stop(self) -> None:
        """Place no further call and end after those in progress; a second time: hang up now."""
        again = self.stopping
        if again:
            self._over.set()
        self.stopping = True
        self._publish(
            Trouble(
                "Hanging up now." if again else "No further call; ending after those in progress."
            )
        )

    def end(self) -> None:
        """The run is over."""
        self._over.set()

    def every(self, period: timedelta, work: Work) -> None:
        """Do this at every beat of that length, and once at the beginning."""
        self._work.append((period, work))

    async def beat(self, *beside: Work) -> None:
        """Beat until the run is over; `beside` are done all the while. Raises what went wrong."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        # A beat that comes while the last one is at work is left out, which is no warning.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        for period, work in self._work:
            scheduler.add_job(
                self._at_beat,
                "interval",
                (work,),
                seconds=period.total_seconds(),
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
                next_run_time=datetime.now(UTC),
            )
        besides = asyncio.gather(
            *(self.guarded(each) for each in beside),
            self.guarded(lambda: self._watch_the_clock(scheduler)),
        )
        scheduler.start()
        try:
            with _signals(self.stop):
                await self._over.wait()
        finally:
            scheduler.shutdown(wait=False)
            besides.cancel()
            with suppress(asyncio.CancelledError):
                await besides
        if self._error is not None:
            raise self._error

    async def guarded(self, work: Work) -> None:
        """Do something now, with the same care."""
        try:
            await work()
        except StoreError as error:
            log.warning("the store failed: %s", error)
            self._publish(Trouble(str(error)))
        except Exception as error:
            # A mistake of ours ends the run and is seen; the scheduler would repeat it for ever.
            self._error = error
            self._over.set()

    async def _watch_the_clock(self, scheduler: AsyncIOScheduler) -> None:
        """Beat on when the clock was set back: the scheduler would wait for the same hour again."""
        last = self._clock()
        while True:
            await asyncio.sleep(CLOCK_WATCH.total_seconds())
            now = self._clock()
            if now < last:
                log.warning("the clock was set back by %s or more", last - now)
                for job in scheduler.get_jobs():
                    job.modify(next_run_time=now)
            last = now

    async def _at_beat(self, work: Work) -> None:
        try:
            await self.guarded(work)
        except asyncio.CancelledError:
            # The scheduler cuts off what is at work when a run is over, and reports it as a fault.
            if not self._over.is_set():
                raise


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Stop on Ctrl-C and on a polite kill, where the loop may listen to signals."""
    loop = asyncio.get_running_loop()
    heard: list[signal.Signals] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        # Only the main thread may listen to signals.
        with suppress(RuntimeError, ValueError, NotImplementedError):
            loop.add_signal_handler(number, stop)
            heard.append(number)
    try:
        yield
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
