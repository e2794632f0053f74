"""Engine: runs one campaign, from the store through the callers and back into the store.

What to do at each beat is asked of the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from campaigns.call_log import call_log_in
from campaigns.callers import Callers
from campaigns.chore_list import CHORES
from campaigns.events import CampaignDone, EventStream, Trouble, Waiting
from campaigns.heart import Heart
from campaigns.manager import CampaignManager
from campaigns.once import Once
from campaigns.plan import CampaignPlan
from campaigns.presence import Presence
from campaigns.published_flows import PublishedFlows
from campaigns.rules import rules_of
from campaigns.settings import Settings, SettingsError
from campaigns.shared_line import SharedLine
from campaigns.tickets_rules import ticket_rules_of
from campaigns.trunks.opening import open_trunks
from campaigns.trunks.watching import WATCH, TrunkWatcher
from campaigns.write_back import WriteBackReport
from dialer.supervisor import WorkerKeepsDying
from store.campaign_queries import open_contacts
from store.database import Database
from store.queries import campaign, progress, set_campaign_status
from store.types import CampaignStatus
from store.values import CampaignFacts, Progress


@dataclass(frozen=True, slots=True)
class Beat:
    """How often the engine does what it does by itself."""

    place: timedelta = timedelta(milliseconds=250)
    reconcile: timedelta = timedelta(seconds=10)
    write_back: timedelta = timedelta(seconds=5)
    chores: timedelta | None = None
    """None: each chore as often as it asks for."""


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

        `write_back` tells dispatch what is in the outbox, as long as no other engine does; it is
        called off the event loop, again and again at the end until nothing is left.
        """
        self._database = database
        self._callers = callers
        self._settings = settings
        self._clock = clock
        self._beat = beat
        self.events = EventStream()
        self._write_back = write_back
        self._heart = Heart(self.events.publish)

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
            once = self._once(presence.name)
            await self._callers.start()
            try:
                await self._work(manager, campaign_id, presence, once, until_idle)
            finally:
                await self._callers.stop()
                await manager.interrupt(self._clock(), "the engine was stopped during the call")
                await self._heart.guarded(lambda: manager.recover(self._clock(), nobody_is_gone))
                await once.leave()
            came_to = await asyncio.to_thread(self._progress, campaign_id)
            presence.leave(nothing_left_open=not manager.calls_in_progress)
            return came_to
        finally:
            presence.leave()
            self.events.close()

    def stop(self) -> None:
        """Place no further call and end after those in progress; a second time: hang up now."""
        self._heart.stop()

    async def _prepare(
        self, campaign_id: int, presence: Presence, languages: frozenset[str] | None
    ) -> CampaignManager:
        trunks = await open_trunks(self._settings)
        watcher = TrunkWatcher(trunks, self._database, presence.name)
        self._heart.every(WATCH, partial(self._watch, watcher))
        facts = await asyncio.to_thread(self._start, campaign_id)
        rules = rules_of(
            self._settings.campaign, facts.policy, flow=facts.flow, calling=self._settings.calling
        )
        if rules.pacing.mode.is_for_agents:
            raise SettingsError(
                f"The campaign's pacing.mode is {rules.pacing.mode.value}: its calls are for "
                "agents; start it by `menling campaign start` and let `menling serve` call."
            )
        published = PublishedFlows(self._database, self._settings.flows_dir)
        plan = CampaignPlan(
            campaign_id,
            presence.name,
            trunks.line,
            rules,
            languages,
            ticket_rules_of(self._settings),
            partial(published.files, facts.flow, rules.scripts),
            call_log_in(self._settings.data_dir / "logs").note,
        )
        shared = SharedLine(trunks)
        manager = CampaignManager(self._database, self._callers, plan, self.events.publish, shared)
        await self._reconcile(manager, presence)
        return manager

    def _once(self, engine: str) -> Once:
        return Once(
            self._database,
            self._settings,
            engine,
            self.events.publish,
            self._clock,
            chores=CHORES,
            write_back=self._write_back,
            every=self._beat.chores,
        )

    async def _work(
        self,
        manager: CampaignManager,
        campaign_id: int,
        presence: Presence,
        once: Once,
        until_idle: bool,
    ) -> None:
        heart = self._heart

        async def place() -> None:
            if heart.stopping:
                await manager.save_late(self._clock())
            else:
                await manager.place_calls(self._clock())
            await self._see_whether_over(manager, campaign_id, until_idle)

        heart.every(self._beat.place, place)
        heart.every(self._beat.reconcile, lambda: self._reconcile(manager, presence))
        once.join(heart, self._beat.write_back)
        await heart.beat(partial(self._listen, manager))

    async def _watch(self, watcher: TrunkWatcher) -> None:
        for news in await watcher.watch(self._clock):
            self.events.publish(Trouble(news))

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
            await self._heart.guarded(partial(manager.take, news, self._clock()))

    async def _see_whether_over(
        self, manager: CampaignManager, campaign_id: int, until_idle: bool
    ) -> None:
        if manager.calls_in_progress:
            return
        if self._heart.stopping:
            self._heart.end()
            return
        facts, left = await asyncio.to_thread(self._standing, campaign_id)
        if manager.calls_in_progress:
            return
        if facts.status is not CampaignStatus.RUNNING:
            if until_idle or facts.status.is_over:
                self._heart.end()
        elif not left and until_idle:
            await asyncio.to_thread(self._finish, campaign_id)
            self.events.publish(CampaignDone())
            self._heart.end()

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
        await manager.pause_for_language(now)
        if manager.calls_in_progress:
            return
        until = await manager.next_moment(now)
        if until is not None and until > now + self._beat.reconcile:
            self.events.publish(Waiting(until))

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


def nobody_is_gone(name: str, claimed_at: datetime, now: datetime) -> bool:
    """Leave the attempts of every other engine alone."""
    return False
