"""Books: what a campaign asks of the store and writes into it, one short transaction each.

None of it belongs on an event loop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from campaigns.attempt import (
    SettledCall,
    never_call_again,
    settle_interrupted,
    settle_report,
)
from campaigns.checkpoints import Point
from campaigns.disposition import disposition_of, outcome_of
from campaigns.laws import judge_of, laws_of
from campaigns.moved_on import as_claimed, still_wanted
from campaigns.order import CallReport
from campaigns.plan import CampaignPlan
from campaigns.recovery import IsGone, Recovery
from campaigns.script_drawing import with_scripts
from store.campaign_queries import withdraw
from store.candidate_queries import waiting_time_zones
from store.claims import (
    LEASE,
    UNBOUND,
    Binding,
    CallUnwantedError,
    claim_some,
    mark_dialing,
    release,
)
from store.corrections import keep_late_report
from store.database import Database
from store.errors import StaleClaimError
from store.queries import (
    campaign,
    languages_to_call,
    progress,
    set_campaign_status,
)
from store.trunk_queries import call_at_once
from store.types import CampaignStatus, Outcome
from store.values import ClaimedCall

ZONES_HOLD: Final = timedelta(seconds=10)
"""So long nobody asks again in which zones people wait."""


class Books:
    """The store as one campaign sees it. All of it raises StoreError."""

    def __init__(self, database: Database, plan: CampaignPlan) -> None:
        self._database = database
        self._plan = plan
        self._opted_out: set[int] = set()
        """Attempts of calls in progress in which somebody wanted no more calls."""
        self._known_zones: tuple[datetime | None, frozenset[str]] = (None, frozenset())
        self._recovery = Recovery(database, plan.engine)
        self._laws = laws_of(plan.rules, plan.tickets)

    def recover(self, now: datetime, is_gone: IsGone, held: Collection[int]) -> tuple[int, ...]:
        """Settle what engines that are gone left open; `held` are the calls of this one."""
        return self._recovery.recover(now, is_gone, held)

    def claim(self, now: datetime, at_most: int = 1) -> tuple[ClaimedCall, ...]:
        """Claim whoever is to be called next; none: nobody may be called now."""
        plan = self._plan
        zones = self._zones(now)
        awake = [zone for zone in zones if plan.rules.is_awake(zone, now)]
        if not awake:
            return ()
        with self._database.transaction() as session:
            calls = claim_some(
                session,
                plan.campaign_id,
                now,
                judge_of(self._laws, now),
                engine=plan.engine,
                lease_until=now + LEASE,
                at_most=at_most,
                languages=plan.languages,
                time_zones=None if len(awake) == len(zones) else awake,
            )
            calls = with_scripts(session, calls, plan.rules.scripts)
            calls = tuple(map(_about_what_is_left, calls))
            self._pass(Point.CLAIMING, calls)
        self._pass(Point.CLAIMED, calls)
        return calls

    def mark_dialing(self, call: ClaimedCall, now: datetime, binding: Binding = UNBOUND) -> None:
        """Note that it may ring from now on, as that SIP call.

        Raises StaleClaimError when it must not; CallUnwantedError says why.
        """
        with self._database.transaction() as session:
            mark_dialing(
                session,
                call.attempt_id,
                now,
                judge=judge_of((*self._laws, as_claimed(call)), now),
                held=(call.claimed_by, call.fence),
                binding=binding,
                lease_until=now + LEASE,
            )
            self._pass(Point.MARKING, (call,))
        self._pass(Point.MARKED, (call,))

    def give_back(
        self, call: ClaimedCall, now: datetime, why: StaleClaimError | None = None
    ) -> None:
        """Give up a claim that became unwanted; its contact waits, or is closed, as `why` says."""
        verdict = why.verdict if isinstance(why, CallUnwantedError) else None
        with self._database.transaction() as session:
            try:
                held = (call.claimed_by, call.fence)
                release(session, call.attempt_id, now, verdict, held=held)
            except StaleClaimError:
                return

    def withdraw(self, call: ClaimedCall) -> None:
        """Take back an attempt that no worker took, unless it was taken over meanwhile."""
        with self._database.transaction() as session:
            try:
                withdraw(session, call.attempt_id, held=(call.claimed_by, call.fence))
            except StaleClaimError:
                return

    def never_call_again(self, call: ClaimedCall, now: datetime) -> None:
        """Heed a wish for no more calls before its call is over, for it may have no report.

        What the store can't take now comes with the end of the call, whatever that is.
        """
        self._opted_out.add(call.attempt_id)
        with self._database.transaction() as session:
            never_call_again(session, call, now)

    def settle(self, call: ClaimedCall, end: CallReport | str, now: datetime) -> SettledCall:
        """Write the end of a call: its report, or why there is none.

        A report of a call that others took over meanwhile tells its fate, unless it is known.
        Raises StaleClaimError.
        """
        try:
            settled = self._settle(call, end, now, late=False)
        except StaleClaimError:
            if not isinstance(end, CallReport):
                raise
            settled = self._settle_late(call, end, now)
        self._pass(Point.SETTLED, (call,))
        self._opted_out.discard(call.attempt_id)
        self._plan.note(call, end, settled, now)
        return settled

    def _settle(
        self, call: ClaimedCall, end: CallReport | str, now: datetime, *, late: bool
    ) -> SettledCall:
        rules, tickets = self._plan.rules, self._plan.tickets
        with self._database.transaction() as session:
            if isinstance(end, CallReport):
                settled = settle_report(session, call, end, now, rules, tickets, late=late)
            else:
                held = (call.claimed_by, call.fence)
                settled = settle_interrupted(session, call.attempt_id, now, end, held=held)
            if call.attempt_id in self._opted_out:
                never_call_again(session, call, now)
            self._pass(Point.SETTLING, (call,))
        return settled

    def _settle_late(self, call: ClaimedCall, report: CallReport, now: datetime) -> SettledCall:
        try:
            return self._settle(call, report, now, late=True)
        except StaleClaimError:
            told = disposition_of(report), outcome_of(report)
            with self._database.transaction() as session:
                keep_late_report(session, call, told, now)
                if told[1] is Outcome.OPTED_OUT or call.attempt_id in self._opted_out:
                    never_call_again(session, call, now)
            raise

    def call_at_once(self, call: ClaimedCall, settled: SettledCall, now: datetime) -> None:
        """Call a contact again now whom a trunk failed, since another trunk may reach them."""
        if settled.decision.retry_at is None:
            return
        with self._database.transaction() as session:
            call_at_once(session, call.contact_id, settled.decision.retry_at, now)

    def pause(self, now: datetime) -> bool:
        """Pause the campaign if it runs; say whether it did."""
        with self._database.transaction() as session:
            if campaign(session, self._plan.campaign_id).status is not CampaignStatus.RUNNING:
                return False
            set_campaign_status(session, self._plan.campaign_id, CampaignStatus.PAUSED, now)
            return True

    def languages(self) -> frozenset[str]:
        """Return the languages of those who are still to be called."""
        with self._database.reading() as session:
            return languages_to_call(session, self._plan.campaign_id)

    def next_moment(self, now: datetime) -> datetime | None:
        """Return when somebody may be called next; None: nobody waits."""
        with self._database.reading() as session:
            zones = waiting_time_zones(session, self._plan.campaign_id)
            due = progress(session, self._plan.campaign_id).next_call_at or now
        openings = (self._plan.rules.window_in(zone).next_opening(max(due, now)) for zone in zones)
        return min((opening.astimezone(UTC) for opening in openings), default=None)

    def _pass(self, point: Point, calls: Iterable[ClaimedCall]) -> None:
        for call in calls:
            self._plan.checkpoint(point, call.attempt_id)

    def _zones(self, now: datetime) -> frozenset[str]:
        """Return the zones in which somebody waits; looked up anew every few seconds."""
        looked_at, zones = self._known_zones
        if not zones or looked_at is None or not looked_at <= now < looked_at + ZONES_HOLD:
            with self._database.reading() as session:
                zones = waiting_time_zones(session, self._plan.campaign_id)
            self._known_zones = (now, zones)
        return zones


def _about_what_is_left(call: ClaimedCall) -> ClaimedCall:
    """Leave out parcels that moved on: the call is about the others."""
    wanted = still_wanted(call.campaign.flow, call.parcels)
    left = tuple(each for each in call.deliveries if each.waybill in wanted)
    return replace(call, deliveries=left or call.deliveries)
