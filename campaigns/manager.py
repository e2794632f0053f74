"""CampaignManager: the ticks of one campaign; the truth about every attempt is in the store.

    claim -> mark as dialling -> hand over -> settle -> retry decision and write-back

What is not yet handed over can be given back. What was handed over is settled exactly once: by its
report, or as interrupted when nobody can report any more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from campaigns.attempt import (
    SettledCall,
    order_for,
    settle_interrupted,
    settle_report,
)
from campaigns.callers import Callers, CallersNews
from campaigns.events import (
    CallMoved,
    CallPlaced,
    CallSettled,
    CampaignPaused,
    EngineEvent,
    Trouble,
    WorkerDied,
)
from campaigns.line import OutgoingLine
from campaigns.order import CallProgress, CallReport
from campaigns.pacing import calls_to_place
from campaigns.rules import CampaignRules
from campaigns.tickets_due import escalate_overdue
from campaigns.tickets_rules import TicketRules, shipped_ticket_rules
from campaigns.trunk_watch import TrunkWatch
from dialer.supervisor import NoFreeSlot, WorkerLost, WorkerMessage
from store.campaign_queries import withdraw
from store.claims import claim_next, mark_dialing, release
from store.database import Database
from store.errors import StaleClaimError, StoreError
from store.queries import (
    campaign,
    languages_to_call,
    progress,
    set_campaign_status,
    unsettled_attempts,
    waiting_time_zones,
)
from store.suppression import close_unwanted
from store.types import AttemptStatus, CampaignStatus
from store.values import ClaimedCall, OpenAttempt

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """Which campaign is called, by whom, over which line and by which rules."""

    campaign_id: int
    engine: str
    """Name of the engine that claims; no two engines ever share one."""
    line: OutgoingLine
    rules: CampaignRules
    languages: frozenset[str] | None = None
    """Those that are heard; nobody who speaks another one is called. None: all."""
    tickets: TicketRules = field(default_factory=shipped_ticket_rules)
    flow_files: Callable[[], Mapping[str, Path]] = dict
    """Finds the published flow of each language; none: the one that ships with Menling."""


class CampaignManager:
    """Places the calls of one campaign and writes down what becomes of them."""

    def __init__(
        self,
        database: Database,
        callers: Callers,
        plan: CampaignPlan,
        publish: Callable[[EngineEvent], None],
    ) -> None:
        self._database = database
        self._callers = callers
        self._plan = plan
        self._publish = publish
        self._open: dict[int, ClaimedCall] = {}
        self._unsaved: dict[int, CallReport | str] = {}
        """Ends that the store could not take yet: the report, or why there is none."""
        self._trunk = TrunkWatch(plan.rules.pause_after_trunk_failures)
        self._one_at_a_time = asyncio.Lock()

    @property
    def calls_in_progress(self) -> int:
        """Calls handed over and not settled yet."""
        return len(self._open)

    async def place_calls(self, now: datetime) -> int:
        """Hand over as many calls as lines, campaign and trunk allow; return how many.

        Raises StoreError when the store is out of reach: then nothing is dialled.
        """
        async with self._one_at_a_time:
            await self._save_late(now)
            if self._unsaved:
                return 0
            wanted = self._wanted(now)
            said = await asyncio.to_thread(self._plan.flow_files) if wanted else {}
            placed = 0
            while placed < wanted:
                call = await asyncio.to_thread(self._claim, now)
                if call is None:
                    break
                if await self._hand_over(call, said.get(call.language), now):
                    placed += 1
            return placed

    async def take(self, news: CallersNews, now: datetime) -> None:
        """Act on news from a worker."""
        match news:
            case WorkerMessage(message=CallProgress() as progress):
                self._publish(CallMoved(progress))
            case WorkerMessage(message=CallReport() as report):
                self._callers.release(report.attempt)
                await self._end(report.attempt, report, now)
            case WorkerLost(worker=worker, keys=keys, exit_code=exit_code):
                why = f"worker {worker} ended during the call (exit code {exit_code})"
                for key in keys:
                    await self._end(key, why, now)
                self._publish(WorkerDied(worker, exit_code, tuple(keys)))

    async def interrupt(self, now: datetime, why: str) -> None:
        """Settle every call in progress as interrupted; its worker is gone."""
        async with self._one_at_a_time:
            for attempt_id in list(self._open):
                await self._end(attempt_id, why, now)

    async def recover(
        self, now: datetime, is_gone: Callable[[str, datetime, datetime], bool]
    ) -> tuple[int, ...]:
        """Settle what engines that are gone left open; return the attempts whose fate is unknown.

        Those of every campaign are looked at, since an open attempt blocks its number everywhere.
        A claim was certainly not dialled and is given back. Whatever was marked as dialling may
        have rung, and is never dialled again.
        """
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._recover, now, is_gone)

    async def close_unwanted(self, now: datetime) -> int:
        """Close contacts that are suppressed or too late to be called; return how many."""
        return await asyncio.to_thread(self._close_unwanted, now)

    async def escalate_tickets(self, now: datetime) -> None:
        """Hand tickets of which a timer has passed to the next line, and say so."""
        for number in await asyncio.to_thread(self._escalate_tickets, now):
            self._publish(Trouble(f"Ticket {number} is late and went to the next line."))

    async def pause_for_language(self, now: datetime) -> None:
        """Pause the campaign when people came into it whose language is not heard in this run."""
        heard = self._plan.languages
        if heard is None:
            return
        unheard = await asyncio.to_thread(self._languages) - heard
        if not unheard:
            return
        if await asyncio.to_thread(self._pause, now):
            self._publish(
                CampaignPaused(
                    f"Recipients who speak {' and '.join(sorted(unheard))} came into the campaign "
                    "while it ran, and nobody hears them in this run; run it again."
                )
            )

    async def next_moment(self, now: datetime) -> datetime | None:
        """Return when somebody may be called next; None: nobody waits."""
        return await asyncio.to_thread(self._next_moment, now)

    def _wanted(self, now: datetime) -> int:
        line, rules = self._plan.line, self._plan.rules
        in_progress = len(self._open)
        free_lines = min(self._callers.free_slots(), line.max_channels - in_progress)
        allowance = self._trunk.allowance(line.calls_per_second, now)
        return calls_to_place(free_lines, in_progress, rules.max_concurrent, allowance)

    def _claim(self, now: datetime) -> ClaimedCall | None:
        plan = self._plan
        with self._database.reading() as session:
            zones = waiting_time_zones(session, plan.campaign_id)
        awake = [zone for zone in zones if plan.rules.window_in(zone).is_open(now)]
        if not awake:
            return None
        with self._database.transaction() as session:
            return claim_next(
                session,
                plan.campaign_id,
                now,
                claimed_by=plan.engine,
                time_zones=awake,
                languages=plan.languages,
                sparing=plan.tickets.sparing,
            )

    async def _hand_over(self, call: ClaimedCall, flow_file: Path | None, now: datetime) -> bool:
        """Dial a claimed call, unless it became unwanted or no line is left since the claim."""
        plan = self._plan
        record = plan.rules.record_calls
        order = order_for(
            call,
            plan.line,
            now,
            record=record,
            flow_file=flow_file,
            matrix=plan.tickets.matrix,
        )
        try:
            await asyncio.to_thread(self._mark_dialing, call, now)
        except StaleClaimError as stale:
            log.info("attempt %d is not dialled: %s", call.attempt_id, stale)
            await asyncio.to_thread(self._give_back, call.attempt_id, now)
            return False
        self._open[call.attempt_id] = call
        try:
            self._callers.submit(call.attempt_id, order)
        except NoFreeSlot:
            del self._open[call.attempt_id]
            await asyncio.to_thread(self._withdraw, call.attempt_id)
            return False
        self._trunk.placed()
        self._publish(
            CallPlaced(
                call.attempt_id,
                call.contact_id,
                call.number,
                call.recipient,
                call.phone,
                call.deliveries[0].waybill,
            )
        )
        return True

    async def _end(self, attempt_id: int, end: CallReport | str, now: datetime) -> None:
        call = self._open.get(attempt_id)
        if call is None:
            log.warning("attempt %d ended a second time; its first end stays", attempt_id)
            return
        # A report that waits to be saved is truer than the death of its worker afterwards.
        end = self._unsaved.get(attempt_id, end)
        try:
            settled = await asyncio.to_thread(self._settle, call, end, now)
        except StaleClaimError as stale:
            log.warning("attempt %d is not settled again: %s", attempt_id, stale)
            self._forget(attempt_id)
        except StoreError as error:
            # The report is kept in memory and no call goes out until it is written.
            self._unsaved[attempt_id] = end
            self._publish(Trouble(f"The end of a call is not saved yet: {error}"))
        else:
            self._forget(attempt_id)
            self._publish(CallSettled(attempt_id, call.contact_id, call.recipient, settled))
            if self._trunk.saw(settled.disposition):
                await self._pause_for_trunk(now, end)

    def _forget(self, attempt_id: int) -> None:
        self._open.pop(attempt_id, None)
        self._unsaved.pop(attempt_id, None)

    async def _save_late(self, now: datetime) -> None:
        for attempt_id, end in list(self._unsaved.items()):
            await self._end(attempt_id, end, now)

    async def _pause_for_trunk(self, now: datetime, end: CallReport | str) -> None:
        cause = end
        if isinstance(end, CallReport):
            cause = end.error or f"{end.cause.value} (SIP {end.sip_status})"
        reason = (
            f"The line failed {self._trunk.failures} calls in a row: {cause}. "
            "Nobody is called until it works; check it with `menling doctor`, then run again."
        )
        if await asyncio.to_thread(self._pause, now):
            self._publish(CampaignPaused(reason))
        self._trunk.forgive()

    # What follows runs off the event loop, one short transaction each.

    def _mark_dialing(self, call: ClaimedCall, now: datetime) -> None:
        with self._database.transaction() as session:
            if not self._plan.rules.window_in(call.time_zone).is_open(now):
                raise StaleClaimError(f"The calling window of attempt {call.attempt_id} closed")
            mark_dialing(session, call.attempt_id, now)

    def _give_back(self, attempt_id: int, now: datetime) -> None:
        with self._database.transaction() as session:
            try:
                release(session, attempt_id)
            except StaleClaimError:
                return
            close_unwanted(session, self._plan.campaign_id, now, self._plan.tickets.sparing)

    def _withdraw(self, attempt_id: int) -> None:
        with self._database.transaction() as session:
            withdraw(session, attempt_id)

    def _settle(self, call: ClaimedCall, end: CallReport | str, now: datetime) -> SettledCall:
        with self._database.transaction() as session:
            if isinstance(end, CallReport):
                plan = self._plan
                return settle_report(session, call, end, now, plan.rules, plan.tickets)
            return settle_interrupted(session, call.attempt_id, now, end)

    def _pause(self, now: datetime) -> bool:
        with self._database.transaction() as session:
            if campaign(session, self._plan.campaign_id).status is not CampaignStatus.RUNNING:
                return False
            set_campaign_status(session, self._plan.campaign_id, CampaignStatus.PAUSED, now)
            return True

    def _close_unwanted(self, now: datetime) -> int:
        with self._database.transaction() as session:
            sparing = self._plan.tickets.sparing
            return close_unwanted(session, self._plan.campaign_id, now, sparing)

    def _escalate_tickets(self, now: datetime) -> tuple[str, ...]:
        with self._database.transaction() as session:
            escalated = escalate_overdue(session, self._plan.tickets, now)
            return tuple(each.number for each in escalated)

    def _languages(self) -> frozenset[str]:
        with self._database.reading() as session:
            return languages_to_call(session, self._plan.campaign_id)

    def _next_moment(self, now: datetime) -> datetime | None:
        with self._database.reading() as session:
            zones = waiting_time_zones(session, self._plan.campaign_id)
            due = progress(session, self._plan.campaign_id).next_call_at or now
        openings = (self._plan.rules.window_in(zone).next_opening(max(due, now)) for zone in zones)
        return min((opening.astimezone(UTC) for opening in openings), default=None)

    def _recover(
        self, now: datetime, is_gone: Callable[[str, datetime, datetime], bool]
    ) -> tuple[int, ...]:
        unknown: list[int] = []
        with self._database.transaction() as session:
            for attempt in unsettled_attempts(session):
                if not self._is_orphan(attempt, now, is_gone):
                    continue
                try:
                    if attempt.status is AttemptStatus.CLAIMED:
                        release(session, attempt.attempt_id)
                        continue
                    why = f"engine {attempt.claimed_by} ended during the call"
                    settle_interrupted(session, attempt.attempt_id, now, why)
                except StaleClaimError:
                    # Another engine recovers at the same time, or the end was written meanwhile.
                    continue
                unknown.append(attempt.attempt_id)
        return tuple(unknown)

    def _is_orphan(
        self,
        attempt: OpenAttempt,
        now: datetime,
        is_gone: Callable[[str, datetime, datetime], bool],
    ) -> bool:
        if attempt.claimed_by == self._plan.engine:
            # Ours, and not handed over: the store failed us between two steps.
            return attempt.attempt_id not in self._open
        return is_gone(attempt.claimed_by, attempt.claimed_at, now)
