"""CampaignManager: the ticks of one campaign; the truth about every attempt is in the store.

    claim -> mark as dialling -> hand over -> settle -> retry decision and write-back

What is not yet handed over can be given back. What was handed over is settled exactly once: by its
report, or as interrupted when nobody can report any more.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from campaigns.agent_modes import agent_call_of, unguaranteed
from campaigns.attempt import order_for
from campaigns.barred import barred
from campaigns.books import Books
from campaigns.callers import Callers, CallersNews
from campaigns.checkpoints import Point
from campaigns.events import (
    CallMoved,
    CallPlaced,
    CallSettled,
    CampaignPaused,
    EngineEvent,
    Trouble,
    WorkerDied,
)
from campaigns.order import CallOrder, CallProgress, CallReport, CallStage, NoMoreCalls
from campaigns.plan import CampaignPlan
from campaigns.published_flows import spoken_by
from campaigns.recovery import IsGone
from campaigns.rules import CampaignRules
from campaigns.shared_line import SharedLine
from campaigns.steady import DIAL_WITHIN_SECONDS, steady_seconds
from campaigns.trunk_watch import TrunkWatch
from campaigns.trunks.choice import Barred
from campaigns.trunks.trunks import Trunks
from dialer.registration import RegistrationNews
from dialer.supervisor import NoFreeSlot, WorkerLost, WorkerMessage
from store.claims import Binding
from store.database import Database
from store.errors import StaleClaimError, StoreError
from store.values import ClaimedCall

log = logging.getLogger(__name__)


class CampaignManager:
    """Places the calls of one campaign and writes down what becomes of them."""

    def __init__(
        self,
        database: Database,
        callers: Callers,
        plan: CampaignPlan,
        publish: Callable[[EngineEvent], None],
        shared: SharedLine | None = None,
    ) -> None:
        """`shared`: the trunk that further campaigns call over; None: it is this one's alone."""
        self._books = Books(database, plan)
        self._callers = callers
        self._plan = plan
        self._publish = publish
        self._open: dict[int, ClaimedCall] = {}
        self._unsaved: dict[int, CallReport | str] = {}
        """Ends that the store could not take yet: the report, or why there is none."""
        self._shared = shared or SharedLine()
        self._trunk = TrunkWatch(plan.rules.pause_after_trunk_failures, self._shared.longest_outage)

    @property
    def calls_in_progress(self) -> int:
        """Calls handed over and not settled yet."""
        return len(self._open)

    @property
    def attempts(self) -> Collection[int]:
        """Attempts of the calls in progress."""
        return self._open.keys()

    @property
    def rules(self) -> CampaignRules:
        """How the people of the campaign are treated."""
        return self._plan.rules

    @property
    def trunk_failures(self) -> int:
        """Calls in a row that the trunk lost."""
        return self._trunk.failures

    async def place_calls(self, now: datetime, at_most: int | None = None) -> int:
        """Hand over as many calls as lines, campaign and trunk allow; return how many.

        `at_most`: so many and no more, since others want lines, too. Raises StoreError when the
        store is out of reach: then nothing is dialled.
        """
        async with self._shared.one_at_a_time:
            await self._save_late(now)
            if self._unsaved or await self._rests_for_trunks(now):
                return 0
            wanted = self._wanted(now) if at_most is None else min(at_most, self._wanted(now))
            said = await asyncio.to_thread(self._plan.flow_files) if wanted else {}
            placed, more = 0, True
            while more and placed < wanted:
                calls = await asyncio.to_thread(self._books.claim, now, wanted - placed)
                more = False
                for call in calls:
                    own = said.get(spoken_by(call.script, call.language))
                    if await self._hand_over(call, own or said.get(call.language), now):
                        placed, more = placed + 1, True
            return placed

    async def save_late(self, now: datetime) -> None:
        """Write the ends of calls that the store could not take when they came."""
        if self._unsaved:
            async with self._shared.one_at_a_time:
                await self._save_late(now)

    async def take(self, news: CallersNews, now: datetime) -> None:
        """Act on news from a worker."""
        match news:
            case WorkerMessage(message=CallProgress() as progress):
                if progress.stage is not CallStage.DIALING:
                    self._trunks(now).rang(progress.attempt, now)
                self._publish(CallMoved(progress))
            case WorkerMessage(message=RegistrationNews() as registration):
                self._shared.registered(registration, now)
            case WorkerMessage(message=NoMoreCalls(attempt=attempt_id)):
                await self._never_call_again(attempt_id, now)
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
        async with self._shared.one_at_a_time:
            for attempt_id in list(self._open):
                await self._end(attempt_id, why, now)

    async def recover(self, now: datetime, is_gone: IsGone) -> tuple[int, ...]:
        """Settle what engines that are gone left open, see `campaigns.recovery`."""
        async with self._shared.one_at_a_time:
            return await asyncio.to_thread(self._books.recover, now, is_gone, set(self._open))

    async def pause_for_language(self, now: datetime) -> None:
        """Pause the campaign when people came into it whose language is not heard in this run."""
        heard = self._plan.languages
        if heard is None:
            return
        unheard = await asyncio.to_thread(self._books.languages) - heard
        if not unheard:
            return
        if await asyncio.to_thread(self._books.pause, now):
            self._publish(
                CampaignPaused(
                    f"Recipients who speak {' and '.join(sorted(unheard))} came into the campaign "
                    "while it ran, and nobody hears them in this run; run it again."
                )
            )

    async def next_moment(self, now: datetime) -> datetime | None:
        """Return when somebody may be called next; None: nobody waits."""
        return await asyncio.to_thread(self._books.next_moment, now)

    def _wanted(self, now: datetime) -> int:
        free = min(self._callers.free_slots(), self._shared.room(self._plan.line, now))
        return max(0, min(free, self._plan.rules.max_concurrent - len(self._open)))

    def _trunks(self, now: datetime) -> Trunks:
        return self._shared.trunks(self._plan.line, now)

    async def _hand_over(self, call: ClaimedCall, flow_file: Path | None, now: datetime) -> bool:
        """Dial a claimed call, unless it became unwanted or no line is left since the claim."""
        plan = self._plan
        record = plan.rules.record_calls
        if waits := unguaranteed(call, plan.rules.pacing.mode, now):
            await asyncio.to_thread(self._books.give_back, call, now, waits)
            return False
        trunks = plan.rules.trunks.in_region(call.region)
        route = self._trunks(now).pick(call.contact_id, call.phone, trunks, now)
        if isinstance(route, Barred):
            await asyncio.to_thread(self._books.give_back, call, now, barred(call, route, now))
            return False
        binding = Binding(f"{secrets.token_hex(16)}@menling", route.trunk, route.caller_id)
        began = steady_seconds()
        rings = max(route.line.ring_timeout, plan.rules.ring_floor(call.time_zone, call.phone))
        order = replace(
            order_for(
                call,
                replace(route.line, ring_timeout=rings),
                now,
                record=record,
                notice=plan.rules.recording_notice,
                flow_file=flow_file,
                matrix=plan.tickets.matrix,
            ),
            agent_call=agent_call_of(plan.rules.pacing),
            call_id=binding.call_id,
            trunk=binding.trunk,
            caller_id=binding.caller_id,
            dial_before=began + DIAL_WITHIN_SECONDS,
        )
        try:
            await asyncio.to_thread(self._books.mark_dialing, call, now, binding)
        except StaleClaimError as stale:
            log.info("attempt %d is not dialled: %s", call.attempt_id, stale)
            await asyncio.to_thread(self._books.give_back, call, now, stale)
            return False
        self._open[call.attempt_id] = call
        self._shared.in_progress += 1
        self._trunks(now).placed(call.attempt_id, route, call.contact_id, call.phone, trunks)
        if not self._submit(order):
            self._forget(call.attempt_id)
            await asyncio.to_thread(self._books.withdraw, call)
            return False
        plan.checkpoint(Point.SUBMITTED, call.attempt_id)
        self._publish(
            CallPlaced(
                call.attempt_id,
                call.contact_id,
                call.number,
                call.recipient,
                call.phone,
                call.deliveries[0].waybill,
                call.language,
            )
        )
        return True

    def _submit(self, order: CallOrder) -> bool:
        """Hand an order over, unless it may not be dialled any more or nobody takes it."""
        if steady_seconds() >= order.dial_before:
            log.warning("attempt %d is not dialled: it took too long to mark it", order.attempt)
            return False
        try:
            self._callers.submit(order.attempt, order)
        except NoFreeSlot as full:
            log.info("attempt %d is not dialled: %s", order.attempt, full)
            return False
        return True

    async def _end(self, attempt_id: int, end: CallReport | str, now: datetime) -> None:
        call = self._open.get(attempt_id)
        if call is None:
            log.warning("attempt %d ended a second time; its first end stays", attempt_id)
            return
        self._plan.checkpoint(Point.REPORT_TAKEN, attempt_id)
        # A report that waits to be saved is truer than the death of its worker afterwards.
        end = self._unsaved.get(attempt_id, end)
        try:
            settled = await asyncio.to_thread(self._books.settle, call, end, now)
        except StaleClaimError as stale:
            log.warning("attempt %d is not settled again: %s", attempt_id, stale)
            self._forget(attempt_id)
        except StoreError as error:
            # The report is kept in memory and no call goes out until it is written.
            self._unsaved[attempt_id] = end
            self._publish(Trouble(f"The end of a call is not saved yet: {error}"))
        else:
            verdict = self._trunks(now).ended(attempt_id, end, now)
            self._forget(attempt_id)
            self._publish(CallSettled(attempt_id, call.contact_id, call.recipient, settled))
            if verdict.at_once:
                await asyncio.to_thread(self._books.call_at_once, call, settled, now)
            if self._trunk.saw(settled.disposition, trunk_rests=verdict.opened):
                await self._pause_for_trunk(now, end)

    async def _never_call_again(self, attempt_id: int, now: datetime) -> None:
        call = self._open.get(attempt_id)
        if call is None:
            return
        try:
            await asyncio.to_thread(self._books.never_call_again, call, now)
        except StoreError as error:
            log.warning(
                "attempt %d: an opt-out is kept until it can be written: %s", attempt_id, error
            )

    def _forget(self, attempt_id: int) -> None:
        if self._open.pop(attempt_id, None) is not None:
            self._shared.in_progress -= 1
            self._shared.forget(attempt_id)
        self._unsaved.pop(attempt_id, None)

    async def _save_late(self, now: datetime) -> None:
        for attempt_id, end in list(self._unsaved.items()):
            await self._end(attempt_id, end, now)

    async def _rests_for_trunks(self, now: datetime) -> bool:
        """Say whether no trunk works; pause the campaign when that lasts."""
        trunks = self._trunks(now)
        trouble = trunks.trouble(now)
        if self._trunk.is_out_for_too_long(now, is_out=bool(trouble)):
            reason = (
                f"No trunk has worked for {self._shared.longest_outage}: {trouble}. See "
                "`menling trunks`, then run again."
            )
            if await asyncio.to_thread(self._books.pause, now):
                self._publish(CampaignPaused(reason))
            self._trunk.forgive()
        return bool(trunks.outage(now))

    async def _pause_for_trunk(self, now: datetime, end: CallReport | str) -> None:
        cause = end
        if isinstance(end, CallReport):
            cause = end.error or f"{end.cause.value} (SIP {end.sip_status})"
        reason = (
            f"The line failed {self._trunk.failures} calls in a row: {cause}. "
            "Nobody is called until it works; check it with `menling doctor`, then run again."
        )
        if await asyncio.to_thread(self._books.pause, now):
            self._publish(CampaignPaused(reason))
        self._trunk.forgive()
