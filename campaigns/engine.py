"""Engine: runs one campaign, from the store through the callers and back into the store.

APScheduler only gives the beat (memory job store); what to do at each beat is asked of the store.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from campaigns.callers import Callers
from campaigns.events import CampaignDone, EventStream, Trouble, Waiting
from campaigns.line import outgoing_line
from campaigns.manager import CampaignManager, CampaignPlan
from campaigns.presence import Presence
from campaigns.published_flows import PublishedFlows
from campaigns.rules import rules_of
from campaigns.settings import Settings
from campaigns.tickets_rules import ticket_rules_of
from campaigns.write_back import WriteBackError, WriteBackReport
from dialer.supervisor import WorkerKeepsDying
from store.campaign_queries import open_contacts
from store.database import Database
from store.errors import StoreError
from store.queries import campaign, progress, set_campaign_status
from store.types import CampaignStatus
from store.values import CampaignFacts, Progress

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Beat:
    """How often the engine does what it does by itself."""

    place: timedelta = timedelta(milliseconds=250)
    reconcile: timedelta = timedelta(seconds=10)
    write_back: timedelta = timedelta(seconds=5)
    tickets: timedelta = timedelta(seconds=30)


class Engine:
    """Runs one campaign until nobody is left to call, or until it is told to stop."""

    def __init__(
        self,
        database: Database,
        callers: Callers,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        write_back: Callable[[], WriteBackReport] = lambda: WriteBackReport(0),
        beat: Beat = Beat(),
    ) -> None:
        """Prepare; nothing happens before `run`.

        `write_back` tells dispatch what is in the outbox; it is called off the event loop, again
        and again at the end until nothing is left.
        """
        self._database = database
        self._callers = callers
        self._settings = settings
        self._clock = clock
        self._write_back = _one_at_a_time(write_back)
        self._beat = beat
        self.events = EventStream()
        self._wishes = _Wishes()

    async def run(
        self,
        campaign_id: int,
        *,
        until_idle: bool = True,
        languages: Collection[str] | None = None,
    ) -> Progress:
        """Call everybody the campaign has to call and return how far it came.

        Ends when every contact has its outcome, or, once the calls in progress are over, when the
        campaign was paused or cancelled or the engine told to stop. With `until_idle=False` it
        waits for further contacts instead of ending. `languages`: those that the callers hear; who
        speaks another one is not called, and pauses the campaign. None: all. Raises StoreError and
        SettingsError.
        """
        presence = await asyncio.to_thread(Presence, self._settings.data_dir / "engines")
        try:
            heard = None if languages is None else frozenset(languages)
            manager = await self._prepare(campaign_id, presence, heard)
            await self._callers.start()
            try:
                await self._work(manager, campaign_id, presence, until_idle)
            finally:
                await self._callers.stop()
                await manager.interrupt(self._clock(), "the engine was stopped during the call")
                await self._guarded(lambda: manager.recover(self._clock(), nobody_is_gone))
                while await self._tell_dispatch():
                    pass
            came_to = await asyncio.to_thread(self._progress, campaign_id)
            presence.leave(nothing_left_open=not manager.calls_in_progress)
            return came_to
        finally:
            presence.leave()
            self.events.close()

    def stop(self) -> None:
        """Place no further call and end after those in progress; a second time: hang up now."""
        again = self._wishes.stopping
        self._wishes.stop()
        self.events.publish(
            Trouble(
                "Hanging up now." if again else "No further call; ending after those in progress."
            )
        )

    async def _prepare(
        self, campaign_id: int, presence: Presence, languages: frozenset[str] | None
    ) -> CampaignManager:
        line = await outgoing_line(self._settings)
        facts = await asyncio.to_thread(self._start, campaign_id)
        plan = CampaignPlan(
            campaign_id,
            presence.name,
            line,
            rules_of(self._settings.campaign, facts.policy),
            languages,
            ticket_rules_of(self._settings),
            partial(PublishedFlows(self._database, self._settings.flows_dir).files, facts.flow),
        )
        manager = CampaignManager(self._database, self._callers, plan, self.events.publish)
        await self._reconcile(manager, presence)
        return manager

    async def _work(
        self, manager: CampaignManager, campaign_id: int, presence: Presence, until_idle: bool
    ) -> None:
        wishes = self._wishes
        scheduler = AsyncIOScheduler(timezone=UTC)
        # A beat that comes while the last one is at work is left out, which is no warning.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

        def every(period: timedelta, work: Callable[[], Awaitable[object]]) -> None:
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

        async def place() -> None:
            if not wishes.stopping:
                await manager.place_calls(self._clock())
            await self._see_whether_over(manager, campaign_id, until_idle)

        every(self._beat.place, place)
        every(self._beat.reconcile, lambda: self._reconcile(manager, presence))
        every(self._beat.write_back, self._tell_dispatch)
        every(self._beat.tickets, lambda: manager.escalate_tickets(self._clock()))
        listening = asyncio.create_task(self._guarded(partial(self._listen, manager)))
        scheduler.start()
        try:
            with _signals(self.stop):
                await wishes.over.wait()
        finally:
            scheduler.shutdown(wait=False)
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
        if wishes.error is not None:
            raise wishes.error

    async def _listen(self, manager: CampaignManager) -> None:
        workers_left = self._settings.dialing.workers
        while True:
            try:
                news = await self._callers.receive()
            except WorkerKeepsDying as given_up:
                workers_left -= 1
                if not workers_left:
                    raise
                self.events.publish(Trouble(str(given_up)))
                continue
            await self._guarded(partial(manager.take, news, self._clock()))

    async def _see_whether_over(
        self, manager: CampaignManager, campaign_id: int, until_idle: bool
    ) -> None:
        if manager.calls_in_progress:
            return
        if self._wishes.stopping:
            self._wishes.over.set()
            return
        facts, left = await asyncio.to_thread(self._standing, campaign_id)
        if manager.calls_in_progress:
            return
        if facts.status is not CampaignStatus.RUNNING:
            if until_idle or facts.status.is_over:
                self._wishes.over.set()
        elif not left and until_idle:
            await asyncio.to_thread(self._finish, campaign_id)
            self.events.publish(CampaignDone())
            self._wishes.over.set()

    async def _reconcile(self, manager: CampaignManager, presence: Presence) -> None:
        now = self._clock()
        unknown = await manager.recover(now, presence.is_gone)
        if unknown:
            self.events.publish(
                Trouble(
                    f"{len(unknown)} call(s) were interrupted by the end of an engine; nobody "
                    "knows what was said. They are not called again: see `menling report`."
                )
            )
        await manager.close_unwanted(now)
        await manager.pause_for_language(now)
        if manager.calls_in_progress:
            return
        until = await manager.next_moment(now)
        if until is not None and until > now + self._beat.reconcile:
            self.events.publish(Waiting(until))

    async def _tell_dispatch(self) -> bool:
        """Write back once; say whether there may be more."""
        try:
            return (await asyncio.to_thread(self._write_back)).outcomes > 0
        except (StoreError, WriteBackError) as error:
            log.warning("write-back failed: %s", error)
            self.events.publish(Trouble(str(error)))
            return False

    async def _at_beat(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await self._guarded(work)
        except asyncio.CancelledError:
            # The scheduler cuts off what is at work when a run is over, and reports it as a fault.
            if not self._wishes.over.is_set():
                raise

    async def _guarded(self, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await work()
        except StoreError as error:
            log.warning("the store failed: %s", error)
            self.events.publish(Trouble(str(error)))
        except Exception as error:
            # A mistake of ours ends the run and is seen; the scheduler would repeat it for ever.
            self._wishes.fail(error)

    # What follows runs off the event loop.

    def _start(self, campaign_id: int) -> CampaignFacts:
        with self._database.transaction() as session:
            facts = campaign(session, campaign_id)
            if facts.status is not CampaignStatus.RUNNING:
                set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, self._clock())
            return campaign(session, campaign_id)

    def _standing(self, campaign_id: int) -> tuple[CampaignFacts, int]:
        with self._database.reading() as session:
            return campaign(session, campaign_id), open_contacts(session, campaign_id)

    def _finish(self, campaign_id: int) -> None:
        with self._database.transaction() as session:
            if campaign(session, campaign_id).status is CampaignStatus.RUNNING:
                set_campaign_status(session, campaign_id, CampaignStatus.FINISHED, self._clock())

    def _progress(self, campaign_id: int) -> Progress:
        with self._database.reading() as session:
            return progress(session, campaign_id)


def _one_at_a_time(work: Callable[[], WriteBackReport]) -> Callable[[], WriteBackReport]:
    """Keep two threads from writing back at once; a beat that was given up may still be at it."""
    lock = threading.Lock()

    def alone() -> WriteBackReport:
        with lock:
            return work()

    return alone


def nobody_is_gone(name: str, claimed_at: datetime, now: datetime) -> bool:
    """Leave the attempts of every other engine alone."""
    return False


class _Wishes:
    """What the operator, or a mistake, wants of a running engine."""

    def __init__(self) -> None:
        self.stopping = False
        self.error: Exception | None = None
        self.over = asyncio.Event()

    def stop(self) -> None:
        if self.stopping:
            self.over.set()
        self.stopping = True

    def fail(self, error: Exception) -> None:
        self.error = error
        self.over.set()


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
