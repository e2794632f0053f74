"""Runs: the campaigns that an engine calls for at the same time, over the same workers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from campaigns.call_log import call_log_in
from campaigns.callers import Callers
from campaigns.checkpoints import Checkpoint, pass_by
from campaigns.dealing import Dealer
from campaigns.events import CampaignDone, CampaignPaused, EngineEvent
from campaigns.line import OutgoingLine
from campaigns.manager import CampaignManager
from campaigns.order import CallProgress, CallReport, NoMoreCalls
from campaigns.pacing.rules import AbandonLimit
from campaigns.plan import CampaignPlan
from campaigns.published_flows import PublishedFlows
from campaigns.recovery import IsGone, Recovery
from campaigns.rules import CampaignRules, rules_of
from campaigns.settings import Settings, SettingsError
from campaigns.shared_line import SharedLine
from campaigns.tickets_rules import ticket_rules_of
from campaigns.trunks.trunks import Trunks
from dialer.registration import RegistrationNews
from dialer.supervisor import WorkerLost, WorkerMessage
from ivr.flow_model import FlowError
from ivr.people import Joined
from store.campaign_queries import anybody
from store.candidate_queries import waiting_time_zones
from store.database import Database
from store.queries import campaign, campaigns, set_campaign_status
from store.types import CampaignStatus, ContactStatus
from store.values import CampaignFacts

log = logging.getLogger(__name__)

_OPEN: Final = (ContactStatus.WAITING, ContactStatus.IN_CALL)

Publish = Callable[[EngineEvent, int], None]
"""Tells an event and the campaign it is about; 0: none of them."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where an engine serves: its store, its callers and its settings."""

    database: Database
    callers: Callers
    settings: Settings
    checkpoint: Checkpoint = pass_by
    """Is told how far each attempt came."""


class Runs:
    """The campaigns that run now, each with its manager."""

    def __init__(
        self,
        site: Site,
        engine: str,
        line: OutgoingLine,
        languages: frozenset[str] | None,
        publish: Publish,
        trunks: Trunks | None = None,
    ) -> None:
        """`languages`: those that are heard; None: all. `trunks`: None: `line` is the only one."""
        self._site = site
        self._engine = engine
        self._recovery = Recovery(site.database, engine)
        self._line = line
        self._languages = languages
        self._publish = publish
        self._managers: dict[int, CampaignManager] = {}
        self._dealer = Dealer(site.database, engine, site.settings.dialing.workers)
        self._turn = asyncio.Lock()
        """Nobody lets go of a campaign that is just placing a call."""
        self._now = datetime.max.replace(tzinfo=UTC)
        """The moment of what is being done, for events that carry none."""
        self.shared = SharedLine(trunks)

    @property
    def managers(self) -> tuple[CampaignManager, ...]:
        """The managers of all campaigns, oldest first."""
        return tuple(self._managers.values())

    @property
    def calls_in_progress(self) -> int:
        """Calls of all campaigns."""
        return sum(each.calls_in_progress for each in self.managers)

    @property
    def attempts(self) -> frozenset[int]:
        """Attempts of the calls in progress."""
        return frozenset(attempt for each in self.managers for attempt in each.attempts)

    def paces(self, now: datetime) -> dict[str, object]:
        """Return what people see of the pace of each campaign: mode, reason, share abandoned."""
        return self._dealer.figures(now)

    async def refresh(self, now: datetime) -> None:
        """Take up the campaigns that were started, and let go of those that were stopped."""
        async with self._turn:
            await self._refresh(now)

    async def place(self, now: datetime) -> None:
        """Hand over calls of all campaigns, so that none takes all lines while others wait."""
        async with self._turn:
            self._now = now
            await self._place(now)

    def rest_no_more(self) -> None:
        """Look again in the campaigns in which nobody could be called."""
        self._dealer.rest_no_more()

    async def take(self, news: WorkerMessage | WorkerLost, now: datetime) -> bool:
        """Pass news of a worker on to the campaign whose call it is about; False: none has it."""
        self._now = now
        if isinstance(news, WorkerLost):
            for manager in self.managers:
                if lost := tuple(key for key in news.keys if key in manager.attempts):
                    await manager.take(WorkerLost(news.worker, lost, news.exit_code), now)
            return True
        if isinstance(news.message, Joined):
            self._dealer.taken(news.message.attempt, now)
        if isinstance(news.message, RegistrationNews):
            self.shared.registered(news.message, now)
            return True
        if not isinstance(news.message, CallProgress | CallReport | NoMoreCalls):
            return False
        attempt = news.message.attempt
        for manager in self.managers:
            if attempt in manager.attempts:
                await manager.take(news, now)
                return True
        if isinstance(news.message, CallReport):
            log.warning("attempt %d ended, and no campaign has it", attempt)
            self._site.callers.release(attempt)
        return True

    async def recover(self, now: datetime, is_gone: IsGone) -> tuple[int, ...]:
        """Settle what engines that are gone left open, see `campaigns.recovery`."""
        async with self.shared.one_at_a_time:
            return await asyncio.to_thread(self._recovery.recover, now, is_gone, self.attempts)

    async def reconcile(self, now: datetime) -> None:
        """Pause where somebody is not understood."""
        for manager in self.managers:
            await manager.pause_for_language(now)

    async def interrupt(self, now: datetime, why: str) -> None:
        """Settle every call in progress as interrupted; its worker is gone."""
        self._now = now
        for manager in self.managers:
            await manager.interrupt(now, why)

    async def _refresh(self, now: datetime) -> None:
        running = await asyncio.to_thread(self._running)
        for facts in running:
            if facts.id not in self._managers:
                await self._take_up(facts, now)
            if (
                manager := self._managers.get(facts.id)
            ) and manager.rules.pacing.mode.is_for_agents:
                laws = await asyncio.to_thread(self._laws, facts, manager.rules)
                await self._dealer.hold(facts.id, laws, now)
        names = {facts.id: facts.name for facts in running}
        for campaign_id, manager in list(self._managers.items()):
            if manager.calls_in_progress:
                continue
            if campaign_id not in names:
                del self._managers[campaign_id]
                self._dealer.let_go(campaign_id)
            elif names[campaign_id] not in self._standing() and await asyncio.to_thread(
                self._finish, campaign_id, now
            ):
                self._publish(CampaignDone(), campaign_id)

    async def save_late(self, now: datetime) -> None:
        """Write the ends of calls that the store could not take when they came."""
        self._now = now
        for manager in self.managers:
            await manager.save_late(now)

    async def _place(self, now: datetime) -> None:
        await self.save_late(now)
        # Rounds, since what one campaign can't use now others may want.
        in_progress = {key: each.calls_in_progress for key, each in self._managers.items()}
        await self._dealer.ask(in_progress, self._room(now), now)
        while dealt := self._dealer.deal(self._room(now)):
            for campaign_id, calls in dealt.items():
                placed = await self._managers[campaign_id].place_calls(now, at_most=calls)
                self._dealer.placed(campaign_id, calls, placed, now)

    def _room(self, now: datetime) -> int:
        """Return how many calls workers and trunk can take now."""
        return min(self._site.callers.free_slots(), self.shared.room(self._line, now))

    async def _take_up(self, facts: CampaignFacts, now: datetime) -> None:
        settings = self._site.settings
        published = PublishedFlows(self._site.database, settings.flows_dir)
        try:
            rules = rules_of(
                settings.campaign, facts.policy, flow=facts.flow, calling=settings.calling
            )
            await asyncio.to_thread(published.load, facts.flow, facts.language)
        except (SettingsError, FlowError) as error:
            await asyncio.to_thread(self._pause, facts.id, now)
            self._publish(CampaignPaused(f"{facts.name}: {error}"), facts.id)
            return
        await self._dealer.take_up(facts.id, rules.pacing, now)
        plan = CampaignPlan(
            facts.id,
            self._engine,
            replace(self._line, ring_timeout=rules.pacing.rings(self._line.ring_timeout)),
            rules,
            self._languages,
            ticket_rules_of(settings),
            partial(published.files, facts.flow, rules.scripts),
            call_log_in(settings.data_dir / "logs").note,
            self._site.checkpoint,
        )
        self._managers[facts.id] = CampaignManager(
            self._site.database,
            self._site.callers,
            plan,
            partial(self._tell, facts.id),
            self.shared,
        )

    def _tell(self, campaign_id: int, event: EngineEvent) -> None:
        self._dealer.hear(campaign_id, event, self._now)
        self._publish(event, campaign_id)

    def _standing(self) -> Collection[str]:
        """Return the campaigns that tickets fill all the time, so that they are never finished."""
        tickets = self._site.settings.tickets
        return (tickets.follow_up_campaign, tickets.explanation_campaign)

    # What follows runs off the event loop.

    def _running(self) -> tuple[CampaignFacts, ...]:
        with self._site.database.reading() as session:
            return campaigns(session, [CampaignStatus.RUNNING])

    def _laws(self, facts: CampaignFacts, rules: CampaignRules) -> tuple[AbandonLimit, ...]:
        """Return what holds of abandoned people where those of a campaign live."""
        with self._site.database.reading() as session:
            zones = waiting_time_zones(session, facts.id)
        return rules.abandon_limits({facts.time_zone, *zones})

    def _pause(self, campaign_id: int, now: datetime) -> None:
        with self._site.database.transaction() as session:
            set_campaign_status(session, campaign_id, CampaignStatus.PAUSED, now)

    def _finish(self, campaign_id: int, now: datetime) -> bool:
        """Finish a campaign that has called everybody; one that waits for its manifest stays."""
        with self._site.database.reading() as session:
            if anybody(session, campaign_id, _OPEN) or not anybody(session, campaign_id):
                return False
        with self._site.database.transaction() as session:
            if anybody(session, campaign_id, _OPEN):
                return False
            if campaign(session, campaign_id).status is not CampaignStatus.RUNNING:
                return False
            set_campaign_status(session, campaign_id, CampaignStatus.FINISHED, now)
            return True
