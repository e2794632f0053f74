"""Service: an engine that calls for all running campaigns of a store, with people at the desk.

    store ──campaigns, orders──▶ Service ──calls, joins──▶ workers
          ◀──outcomes, live rows──       ◀──news──────────

It meets the console in the store alone. What people see of calls in progress, and the desk, have
threads of their own: a store that is slow or gone costs them, and no call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from campaigns.call_ends import CallEnds
from campaigns.callers import CallersNews
from campaigns.chore_list import CHORES
from campaigns.desk import Desk
from campaigns.desk_clearing import clear_desk, clear_engine
from campaigns.desk_news import CallEnd, CallOver
from campaigns.desk_rules import desk_rules
from campaigns.engine import Beat, nobody_is_gone
from campaigns.events import CallSettled, EngineEvent, EventStream, Trouble
from campaigns.heart import Heart
from campaigns.live_book import LiveBook
from campaigns.live_writer import EngineFigures, LiveWriter
from campaigns.once import Once
from campaigns.order import CallReport
from campaigns.presence import Presence, Watch
from campaigns.serving_runs import Runs, Site
from campaigns.trunks.figures import trunk_figures
from campaigns.trunks.opening import open_trunks
from campaigns.trunks.watching import WATCH, TrunkWatcher
from campaigns.waking import Waking
from campaigns.write_back import WriteBackReport
from dialer.supervisor import WorkerKeepsDying, WorkerLost, WorkerMessage, WorkerReady
from ivr.people import (
    CallFlagged,
    CallTurn,
    JoinAnswered,
    Joined,
    JoinEnded,
    JoinFailed,
    NobodyCame,
    PersonWanted,
    TransferMoved,
    VoiceMissing,
    WishWithdrawn,
)
from store.errors import StoreError
from store.wake_ups import Topic

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceBeat:
    """How often a service does what it does by itself."""

    engine: Beat = Beat()  # noqa: RUF009  frozen
    refresh: timedelta = timedelta(seconds=1)
    live: timedelta = timedelta(milliseconds=250)
    desk: timedelta = timedelta(milliseconds=100)


class Service:
    """Serves until it is told to stop."""

    def __init__(
        self,
        site: Site,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        write_back: Callable[[], WriteBackReport] | None = None,
        beat: ServiceBeat = ServiceBeat(),
        ready: Callable[[], None] | None = None,
    ) -> None:
        """Prepare; nothing happens before `run`. `write_back` hands over what is new, as
        long as no other engine does; None: this one never does.

        `ready` is called once, when the first worker can take work.
        """
        self._site = site
        self._clock = clock
        self._beat = beat
        self._ready = ready or _say_nothing
        self.events = EventStream()
        self._write_back = write_back
        self._heart = Heart(self.events.publish)
        self._book = LiveBook()
        self._workers: set[int] = set()
        """Those that can take work."""
        self._ends = CallEnds()

    async def run(self, languages: Collection[str] | None = None) -> None:
        """Serve; ends once it was told to stop and the calls in progress are over.

        `languages`: those that the callers hear; None: all. Raises StoreError and SettingsError.
        """
        settings, callers = self._site.settings, self._site.callers
        presence = await asyncio.to_thread(Presence, settings.data_dir / "engines")
        heard = None if languages is None else frozenset(languages)
        with ExitStack() as stack:
            stack.callback(self.events.close)
            stack.callback(presence.leave)
            live_thread = stack.enter_context(ThreadPoolExecutor(1, "live"))
            desk_thread = stack.enter_context(ThreadPoolExecutor(1, "desk"))
            trunks = await open_trunks(settings)
            desk = Desk(
                self._site.database,
                callers,
                self._book,
                desk_rules(settings, presence.name),
                desk_thread,
            )
            tell = partial(self._tell, desk)
            runs = Runs(self._site, presence.name, trunks.line, heard, tell, trunks)
            watcher = TrunkWatcher(trunks, self._site.database, presence.name)
            self._heart.every(WATCH, partial(self._watch, watcher))
            writer = LiveWriter(self._site.database, self._book, presence.name)
            once = self._once(presence.name)
            await self._reconcile(runs, presence)
            await runs.refresh(self._clock())
            await callers.start()
            try:
                await self._work(runs, desk, writer, presence, once, live_thread)
            finally:
                await callers.stop()
                await runs.interrupt(self._clock(), "the engine was stopped during the call")
                await self._heart.guarded(lambda: runs.recover(self._clock(), nobody_is_gone))
                await once.leave()
                await self._unharmed(lambda: desk.tick(self._clock()))
                signed_off = await self._unharmed(
                    lambda: self._sign_off(presence.name, live_thread)
                )
            # Whoever comes next has to see that this engine ended, where it left anything behind.
            presence.leave(nothing_left_open=signed_off and not runs.calls_in_progress)

    def stop(self) -> None:
        """Place no further call and end after those in progress; a second time: hang up now."""
        self._heart.stop()

    async def _work(
        self,
        runs: Runs,
        desk: Desk,
        writer: LiveWriter,
        presence: Presence,
        once: Once,
        thread: Executor,
    ) -> None:
        heart, beat = self._heart, self._beat

        async def place() -> None:
            if not heart.stopping:
                await runs.place(self._clock())
                return
            await runs.save_late(self._clock())
            if not runs.calls_in_progress:
                heart.end()

        async def show() -> None:
            for lost in self._book.forget_all_but(runs.attempts):
                desk.heard(CallOver(lost, CallEnd.FAULT))
            self._ends.forget_all_but(runs.attempts)
            figures = EngineFigures(
                slots=self._site.settings.customer_lines,
                in_use=runs.calls_in_progress,
                workers=len(self._workers),
                trunk={
                    **trunk_figures(runs.shared.all_trunks, self._clock()),
                    "paces": runs.paces(self._clock()),
                },
            )
            await writer.write(self._clock(), figures, thread)

        heart.every(beat.engine.place, place)
        heart.every(beat.refresh, lambda: runs.refresh(self._clock()))
        heart.every(beat.engine.reconcile, lambda: self._reconcile(runs, presence))
        once.join(heart, beat.engine.write_back)
        heart.every(beat.live, lambda: self._unharmed(show))
        heart.every(beat.desk, lambda: self._unharmed(lambda: self._tick(desk)))
        waking = Waking(lambda topics: self._heed(topics, runs, heart))
        with waking.listening(self._site.database):
            await heart.beat(partial(self._listen, runs, desk), waking.heed)

    async def _heed(self, topics: Collection[Topic], runs: Runs, heart: Heart) -> None:
        """Act on what others wrote: it must take up no more than a beat does."""

        async def look() -> None:
            await runs.refresh(self._clock())
            if Topic.CONTACTS in topics:
                runs.rest_no_more()
            if not heart.stopping:
                await runs.place(self._clock())

        await heart.guarded(look)

    async def _listen(self, runs: Runs, desk: Desk) -> None:
        workers_left = self._site.settings.dialing.workers
        while True:
            try:
                news = await self._site.callers.receive()
            except WorkerKeepsDying as given_up:
                workers_left -= 1
                if not workers_left:
                    raise
                self.events.publish(Trouble(str(given_up)))
                continue
            await self._heart.guarded(partial(self._take, news, runs, desk))

    async def _take(self, news: CallersNews, runs: Runs, desk: Desk) -> None:
        match news:
            case WorkerReady(worker=worker):
                self._workers.add(worker)
                ready, self._ready = self._ready, _say_nothing
                ready()
                desk.workers_changed()
            case WorkerLost(worker=worker):
                self._workers.discard(worker)
                await runs.take(news, self._clock())
            case WorkerMessage(message=message):
                if isinstance(message, CallReport):
                    self._ends.note(message)
                if not await runs.take(news, self._clock()):
                    await self._unharmed(partial(self._hear, message, desk))

    async def _hear(self, message: object, desk: Desk) -> None:
        """Take what is told of people and of what goes on; no call depends on it."""
        match message:
            case CallTurn():
                self._book.said(message)
            case CallFlagged():
                self._book.flagged(message)
            case VoiceMissing():
                self._book.voice_missing(message)
            case (
                PersonWanted()
                | JoinAnswered()
                | Joined()
                | JoinFailed()
                | JoinEnded()
                | TransferMoved()
                | WishWithdrawn()
                | NobodyCame()
            ):
                desk.heard(message)
            case _:
                log.warning("a worker said %s, which nobody understands", type(message).__name__)

    def _tell(self, desk: Desk, event: EngineEvent, campaign_id: int) -> None:
        self._book.take(event, campaign_id, self._clock())
        if isinstance(event, CallSettled):
            desk.heard(CallOver(event.attempt, self._ends.end_of(event.attempt)))
        self.events.publish(event)

    async def _tick(self, desk: Desk) -> None:
        try:
            await desk.tick(self._clock())
        except StoreError:
            raise
        except Exception:
            desk.forget_news()
            raise

    async def _unharmed(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Do something that no call may suffer from, whatever becomes of it; say if it was done."""
        try:
            await work()
        except StoreError as error:
            log.warning("the store failed those who watch: %s", error)
        except Exception as error:
            log.exception("a fault at the desk")
            self.events.publish(Trouble(f"A fault at the desk, calls go on: {error}"))
        else:
            return True
        return False

    async def _reconcile(self, runs: Runs, presence: Presence) -> None:
        now = self._clock()
        unknown = await runs.recover(now, presence.is_gone)
        if unknown:
            self.events.publish(
                Trouble(
                    f"{len(unknown)} call(s) were interrupted by the end of an engine; nobody "
                    "knows what was said. They are not called again: see `menling report`."
                )
            )
        await self._unharmed(lambda: asyncio.to_thread(self._clear_desk, presence.watch, now))
        await runs.reconcile(now)

    def _once(self, engine: str) -> Once:
        return Once(
            self._site.database,
            self._site.settings,
            engine,
            self.events.publish,
            self._clock,
            chores=CHORES,
            write_back=self._write_back,
            every=self._beat.engine.chores,
        )

    def _clear_desk(self, watch: Watch, now: datetime) -> None:
        clear_desk(self._site.database, watch.is_silent, now)

    async def _sign_off(self, name: str, thread: Executor) -> None:
        # In the thread that writes the sign of life, so that none follows.
        await asyncio.get_running_loop().run_in_executor(thread, self._leave, name)

    def _leave(self, name: str) -> None:
        with self._site.database.transaction() as session:
            clear_engine(session, name, self._clock())

    async def _watch(self, watcher: TrunkWatcher) -> None:
        for news in await watcher.watch(self._clock):
            self.events.publish(Trouble(news))


def _say_nothing() -> None:
    """Stand for what was said already."""
