"""One campaign on SQLite and on PostgreSQL, with calls on paper."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from campaigns.events import (
    CallPlaced,
    CallSettled,
    CampaignPaused,
    EngineEvent,
    Trouble,
    WorkerDied,
)
from campaigns.line import OutgoingLine
from campaigns.manager import CampaignManager, CampaignPlan
from campaigns.order import CallOrder, CallReport, NoMoreCalls
from campaigns.rehearsed import (
    RehearsedCallers,
    Script,
    confirms,
    ends_with,
    invent_campaign,
    keeps_talking,
)
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from dialer.leg import HangupCause
from dialer.supervisor import WorkerLost, WorkerMessage
from ivr.exchange import DialogOutcome, DialogResult
from store.campaign_queries import attempt_lines, contact_history
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.errors import StoreError
from store.outbox import pending_write_backs
from store.queries import (
    campaign,
    contact_lines,
    progress,
    set_campaign_status,
)
from store.suppression import is_suppressed, suppress
from store.types import (
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
    SuppressionReason,
)

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LINE = OutgoingLine("127.0.0.1", 5060, "udp", timedelta(seconds=12), Path("calls"), 30, 25.0)


def on_a_loop(test: Callable[..., Coroutine[None, None, None]]) -> Callable[..., None]:
    """Run an asynchronous test on an event loop of its own."""

    @functools.wraps(test)
    def run(**fixtures: object) -> None:
        asyncio.run(test(**fixtures))

    return run


def nobody_is_gone(name: str, claimed_at: datetime, now: datetime) -> bool:
    return False


def everybody_is_gone(name: str, claimed_at: datetime, now: datetime) -> bool:
    return True


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    opened = Database(either_url)
    yield opened
    opened.close()


@dataclass
class Desk:
    """A manager with its callers and everything it told."""

    database: Database
    callers: RehearsedCallers
    manager: CampaignManager
    campaign_id: int
    events: list[EngineEvent] = field(default_factory=list)

    async def settle(self, calls: int, now: datetime = NOON) -> None:
        """Take news until that many calls are settled."""
        async with asyncio.timeout(60):
            settled = self.told(CallSettled) + calls
            while self.told(CallSettled) < settled:
                await self.manager.take(await self.callers.receive(), now)

    def told(self, kind: type[EngineEvent]) -> int:
        return sum(isinstance(event, kind) for event in self.events)

    def statuses(self) -> dict[ContactStatus, int]:
        with self.database.reading() as session:
            contacts = progress(session, self.campaign_id).contacts
        return {status: count for status, count in contacts.items() if count}

    def outcomes(self) -> dict[Outcome, int]:
        with self.database.reading() as session:
            return dict(progress(session, self.campaign_id).outcomes)


OpenDesk = Callable[..., Desk]


@pytest.fixture
def open_desk(database: Database) -> OpenDesk:
    def opened(
        script: Script = confirms,
        *,
        people: int = 0,
        slots: int = 8,
        engine: str = "engine-1",
        line: OutgoingLine = LINE,
        campaign_id: int = 1,
        policy: Mapping[str, object] | None = None,
        store: Database = database,
    ) -> Desk:
        if people:
            with database.transaction() as session:
                campaign_id = invent_campaign(session, NOON, people, policy=policy)
                set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, NOON)
        with database.reading() as session:
            rules = rules_of(CampaignSettings(), campaign(session, campaign_id).policy)
        callers = RehearsedCallers(script, slots)
        events: list[EngineEvent] = []
        plan = CampaignPlan(campaign_id, engine, line, rules)
        manager = CampaignManager(store, callers, plan, events.append)
        return Desk(database, callers, manager, campaign_id, events)

    return opened


@on_a_loop
async def test_everybody_is_called_exactly_once(open_desk: OpenDesk) -> None:
    desk = open_desk(people=20)
    for _ in range(10):
        await desk.settle(await desk.manager.place_calls(NOON), NOON)
        if not desk.manager.calls_in_progress and desk.told(CallSettled) == 20:
            break
    assert [order.attempt for order in desk.callers.orders] == list(range(1, 21))
    assert len({order.uri for order in desk.callers.orders}) == 20
    assert desk.statuses() == {ContactStatus.DONE: 20}
    assert desk.outcomes() == {Outcome.CONFIRMED: 20}


@on_a_loop
async def test_the_order_tells_the_worker_what_it_needs(open_desk: OpenDesk) -> None:
    desk = open_desk(people=1)
    await desk.manager.place_calls(NOON)
    order = desk.callers.orders[0]
    assert order.uri == "sip:+8613800138001@127.0.0.1:5060;transport=udp"
    assert order.facts.now.isoformat() == "2026-11-22T12:00:00+08:00"
    assert order.facts.window_start.isoformat() == "2026-11-23T12:00:00+08:00"
    assert order.recording == Path("calls/1.wav")


@on_a_loop
async def test_a_telephone_rings_as_long_as_its_law_asks(open_desk: OpenDesk) -> None:
    desk = open_desk(people=1, line=replace(LINE, ring_timeout=timedelta(seconds=5)))
    await desk.manager.place_calls(NOON)
    assert desk.callers.orders[0].ring_timeout == timedelta(seconds=15)


@on_a_loop
async def test_never_more_calls_than_slots_lines_and_campaign_allow(open_desk: OpenDesk) -> None:
    desk = open_desk(keeps_talking, people=20, slots=6)
    assert await desk.manager.place_calls(NOON) == 6
    assert await desk.manager.place_calls(NOON) == 0
    narrow = replace(LINE, max_channels=2)
    assert await open_desk(keeps_talking, line=narrow).manager.place_calls(NOON) == 2


@on_a_loop
async def test_the_trunk_gets_no_more_calls_per_second_than_it_takes(open_desk: OpenDesk) -> None:
    desk = open_desk(keeps_talking, people=20, line=replace(LINE, calls_per_second=2.0))
    assert await desk.manager.place_calls(NOON) == 2
    assert await desk.manager.place_calls(NOON + timedelta(milliseconds=500)) == 1


@on_a_loop
async def test_nobody_is_called_outside_the_calling_window(open_desk: OpenDesk) -> None:
    desk = open_desk(people=2)
    evening = NOON + timedelta(hours=9)
    assert await desk.manager.place_calls(evening) == 0
    next_moment = await desk.manager.next_moment(evening)
    assert next_moment == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@on_a_loop
async def test_a_busy_recipient_is_called_again_later(open_desk: OpenDesk) -> None:
    desk = open_desk(ends_with(HangupCause.BUSY, 486), people=1)
    await desk.settle(await desk.manager.place_calls(NOON))
    assert desk.statuses() == {ContactStatus.WAITING: 1}
    assert await desk.manager.place_calls(NOON + timedelta(minutes=9)) == 0
    later = NOON + timedelta(minutes=10)
    assert await desk.manager.place_calls(later) == 1
    await desk.settle(1, later)
    last = later + timedelta(minutes=30)
    await desk.settle(await desk.manager.place_calls(last), last)
    assert desk.statuses() == {ContactStatus.DONE: 1}
    assert desk.outcomes() == {Outcome.NOT_REACHED: 1}


@on_a_loop
async def test_each_settlement_waits_in_the_outbox(open_desk: OpenDesk) -> None:
    desk = open_desk(people=3)
    await desk.settle(await desk.manager.place_calls(NOON))
    with desk.database.reading() as session:
        pending = pending_write_backs(session)
    assert [row.latest.outcome for row in pending] == [Outcome.CONFIRMED] * 3


@on_a_loop
async def test_a_killed_worker_leaves_its_calls_interrupted_and_nobody_redialled(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk(keeps_talking, people=4)
    await desk.manager.place_calls(NOON)
    assert desk.callers.kill_worker() == (1, 2, 3, 4)
    await desk.settle(4)
    while not desk.told(WorkerDied):
        await desk.manager.take(await desk.callers.receive(), NOON)
    assert desk.statuses() == {ContactStatus.NEEDS_RECONCILIATION: 4}
    assert desk.outcomes() == {Outcome.UNKNOWN: 4}
    assert await desk.manager.place_calls(NOON + timedelta(hours=1)) == 0
    with desk.database.reading() as session:
        assert contact_history(session, 1).needs_person


@on_a_loop
async def test_a_report_that_comes_twice_is_settled_once(open_desk: OpenDesk) -> None:
    desk = open_desk(keeps_talking, people=1)
    await desk.manager.place_calls(NOON)
    report = confirms(desk.callers.orders[0])
    for again in (report, replace(report, cause=HangupCause.THEY_HUNG_UP, result=None)):
        await desk.manager.take(WorkerMessage(0, again), NOON)
    assert desk.told(CallSettled) == 1
    assert desk.outcomes() == {Outcome.CONFIRMED: 1}


@on_a_loop
async def test_after_a_crash_claims_are_given_back_and_dialled_ones_are_not_redialled(
    database: Database, open_desk: OpenDesk
) -> None:
    dead = open_desk(people=3, engine="dead")
    with database.transaction() as session:
        claim_next(session, dead.campaign_id, NOON, claimed_by="dead")
        claimed = claim_next(session, dead.campaign_id, NOON, claimed_by="dead")
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, NOON)
    desk = open_desk(engine="alive")
    assert await desk.manager.recover(NOON, everybody_is_gone) == (claimed.attempt_id,)
    await desk.settle(await desk.manager.place_calls(NOON))
    assert desk.statuses() == {ContactStatus.DONE: 2, ContactStatus.NEEDS_RECONCILIATION: 1}
    assert claimed.phone not in {order.uri[4:18] for order in desk.callers.orders}


@on_a_loop
async def test_the_calls_of_a_living_engine_are_left_alone(open_desk: OpenDesk) -> None:
    first = open_desk(keeps_talking, people=2, slots=1)
    await first.manager.place_calls(NOON)
    second = open_desk(engine="engine-2")
    assert await second.manager.recover(NOON, nobody_is_gone) == ()
    assert first.statuses() == {ContactStatus.IN_CALL: 1, ContactStatus.WAITING: 1}


@on_a_loop
async def test_an_engine_does_not_orphan_its_own_calls(open_desk: OpenDesk) -> None:
    desk = open_desk(keeps_talking, people=2)
    await desk.manager.place_calls(NOON)
    assert await desk.manager.recover(NOON, everybody_is_gone) == ()
    assert desk.statuses() == {ContactStatus.IN_CALL: 2}


@on_a_loop
async def test_two_engines_on_one_database_never_call_the_same_contact(
    database: Database, open_desk: OpenDesk, either_url: str
) -> None:
    first = open_desk(people=40, engine="engine-1")
    other_connection = Database(either_url)
    second = open_desk(engine="engine-2", store=other_connection)

    async def work(desk: Desk, placed: int) -> None:
        now = NOON
        while placed:
            await desk.settle(placed, now)
            now += timedelta(seconds=1)
            placed = await desk.manager.place_calls(now)

    async with asyncio.timeout(120):
        # Neither settles before both have begun: one alone might be done before the other is.
        begun = await asyncio.gather(*(each.manager.place_calls(NOON) for each in (first, second)))
        await asyncio.gather(work(first, begun[0]), work(second, begun[1]))
    other_connection.close()
    uris = [order.uri for desk in (first, second) for order in desk.callers.orders]
    assert len(uris) == len(set(uris)) == 40
    assert first.callers.orders
    assert second.callers.orders


class MeddlingStore(Database):
    """A store in which something else happens between the claim and the dial."""

    transactions = 0

    def meddle(self, session: Session) -> None:
        """What happens in between."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self.transactions += 1
        if self.transactions == 2:
            with super().transaction() as session:
                self.meddle(session)
        with super().transaction() as session:
            yield session


class SuppressingStore(MeddlingStore):
    """The number of the first contact is suppressed between its claim and its dial."""

    def meddle(self, session: Session) -> None:
        suppress(session, "+8613800138001", SuppressionReason.OPERATOR, NOON)


class PausingStore(MeddlingStore):
    """The operator pauses the campaign between a claim and its dial."""

    def meddle(self, session: Session) -> None:
        set_campaign_status(session, 1, CampaignStatus.PAUSED, NOON)


@on_a_loop
async def test_a_number_suppressed_between_claim_and_dial_is_not_dialled(
    open_desk: OpenDesk, either_url: str
) -> None:
    store = SuppressingStore(either_url)
    desk = open_desk(people=2, store=store)
    await desk.settle(await desk.manager.place_calls(NOON))
    store.close()
    assert [order.uri[4:18] for order in desk.callers.orders] == ["+8613800138002"]
    assert desk.outcomes() == {Outcome.SUPPRESSED: 1, Outcome.CONFIRMED: 1}


@on_a_loop
async def test_a_campaign_paused_between_claim_and_dial_dials_nobody(
    open_desk: OpenDesk, either_url: str
) -> None:
    store = PausingStore(either_url)
    desk = open_desk(people=2, store=store)
    assert await desk.manager.place_calls(NOON) == 0
    store.close()
    assert desk.statuses() == {ContactStatus.WAITING: 2}


@on_a_loop
async def test_a_number_suppressed_before_the_dial_is_not_dialled(
    database: Database, open_desk: OpenDesk
) -> None:
    with database.transaction() as session:
        suppress(session, "+8613800138001", SuppressionReason.OPERATOR, NOON)
    desk = open_desk(people=2)
    await desk.settle(await desk.manager.place_calls(NOON))
    assert [order.uri[4:18] for order in desk.callers.orders] == ["+8613800138002"]
    assert desk.outcomes() == {Outcome.SUPPRESSED: 1, Outcome.CONFIRMED: 1}


@on_a_loop
async def test_an_opt_out_suppresses_the_number_with_the_settlement(
    database: Database, open_desk: OpenDesk
) -> None:
    def opts_out(order: CallOrder) -> CallReport:
        return replace(confirms(order), result=DialogResult(DialogOutcome.OPTED_OUT, finished=True))

    desk = open_desk(opts_out, people=1)
    await desk.settle(await desk.manager.place_calls(NOON))
    with database.reading() as session:
        assert is_suppressed(session, "+8613800138001")
        [line] = contact_lines(session, desk.campaign_id)
    assert line.latest is not None
    assert (line.latest.disposition, line.latest.outcome) == (
        Disposition.COMPLETED,
        Outcome.OPTED_OUT,
    )


@on_a_loop
async def test_a_dead_trunk_pauses_the_campaign_and_burns_no_contact(open_desk: OpenDesk) -> None:
    desk = open_desk(ends_with(HangupCause.TRUNK_UNREACHABLE, 408), people=20, slots=2)
    now = NOON
    for _ in range(10):
        placed = await desk.manager.place_calls(now)
        await desk.settle(placed, now)
        now += timedelta(seconds=1)
    assert len(desk.callers.orders) <= 6
    [paused] = [event for event in desk.events if isinstance(event, CampaignPaused)]
    assert "5 calls in a row: trunk_unreachable (SIP 408)" in paused.reason
    assert desk.statuses() == {ContactStatus.WAITING: 20}
    with desk.database.reading() as session:
        assert campaign(session, desk.campaign_id).status is CampaignStatus.PAUSED


@on_a_loop
async def test_trunk_failures_do_not_use_up_the_attempts_of_a_contact(open_desk: OpenDesk) -> None:
    ends = iter([ends_with(HangupCause.CONGESTION, 503)] * 4 + [confirms])
    desk = open_desk(lambda order: next(ends)(order), people=1, policy={"max_attempts": 1})
    now = NOON
    for _ in range(5):
        await desk.settle(await desk.manager.place_calls(now), now)
        now += timedelta(minutes=20)
    assert desk.outcomes() == {Outcome.CONFIRMED: 1}


class FailingStore(Database):
    """A store whose disk is full while it is told to be."""

    is_full = False

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        if self.is_full:
            raise StoreError("The disk is full; free some space.")
        with super().transaction() as session:
            yield session


@on_a_loop
async def test_a_full_disk_loses_no_report_and_places_no_call(
    open_desk: OpenDesk, either_url: str
) -> None:
    store = FailingStore(either_url)
    desk = open_desk(keeps_talking, people=4, slots=2, store=store)
    await desk.manager.place_calls(NOON)
    store.is_full = True
    await desk.manager.take(WorkerMessage(0, confirms(desk.callers.orders[0])), NOON)
    assert await desk.manager.place_calls(NOON) == 0
    assert desk.told(Trouble) == 2
    assert desk.told(CallPlaced) == 2
    store.is_full = False
    desk.callers.kill_worker()
    await desk.manager.place_calls(NOON)
    store.close()
    assert desk.outcomes() == {Outcome.CONFIRMED: 1}
    assert desk.told(CallPlaced) == 4


@on_a_loop
async def test_an_opt_out_survives_the_worker_that_heard_it(open_desk: OpenDesk) -> None:
    desk = open_desk(keeps_talking, people=1)
    await desk.manager.place_calls(NOON)
    await desk.manager.take(WorkerMessage(0, NoMoreCalls(1)), NOON)
    with desk.database.reading() as session:
        assert is_suppressed(session, "+8613800138001")
    await desk.manager.take(WorkerLost(0, (1,), -9), NOON)
    assert desk.outcomes() == {Outcome.UNKNOWN: 1}
    with desk.database.reading() as session:
        assert is_suppressed(session, "+8613800138001")


@on_a_loop
async def test_an_opt_out_that_the_store_could_not_take_comes_with_the_end_of_the_call(
    open_desk: OpenDesk, either_url: str
) -> None:
    store = FailingStore(either_url)
    desk = open_desk(keeps_talking, people=1, store=store)
    await desk.manager.place_calls(NOON)
    store.is_full = True
    await desk.manager.take(WorkerMessage(0, NoMoreCalls(1)), NOON)
    await desk.manager.take(WorkerLost(0, (1,), -9), NOON)
    store.is_full = False
    await desk.manager.save_late(NOON)
    store.close()
    assert desk.outcomes() == {Outcome.UNKNOWN: 1}
    with desk.database.reading() as session:
        assert is_suppressed(session, "+8613800138001")


@on_a_loop
async def test_an_opt_out_of_a_call_that_is_over_harms_nothing(open_desk: OpenDesk) -> None:
    desk = open_desk(people=1)
    await desk.settle(await desk.manager.place_calls(NOON))
    await desk.manager.take(WorkerMessage(0, NoMoreCalls(1)), NOON)
    assert desk.outcomes() == {Outcome.CONFIRMED: 1}


@on_a_loop
async def test_a_call_that_ended_with_a_fault_is_settled_by_what_was_said_in_it(
    open_desk: OpenDesk,
) -> None:
    desk = open_desk(keeps_talking, people=2)
    await desk.manager.place_calls(NOON)
    for order, outcome in zip(
        desk.callers.orders, (DialogOutcome.OPTED_OUT, DialogOutcome.UNFINISHED), strict=True
    ):
        report = replace(
            confirms(order),
            cause=HangupCause.CANCELLED,
            error="RuntimeError: a mistake of ours",
            result=DialogResult(outcome, finished=outcome is DialogOutcome.OPTED_OUT),
        )
        await desk.manager.take(WorkerMessage(0, report), NOON)
    assert desk.outcomes() == {Outcome.OPTED_OUT: 1, Outcome.UNKNOWN: 1}
    assert desk.statuses() == {ContactStatus.DONE: 1, ContactStatus.NEEDS_RECONCILIATION: 1}
    with desk.database.reading() as session:
        assert is_suppressed(session, "+8613800138001")


@on_a_loop
async def test_a_paused_campaign_places_no_call(open_desk: OpenDesk, database: Database) -> None:
    desk = open_desk(people=2)
    with database.transaction() as session:
        set_campaign_status(session, desk.campaign_id, CampaignStatus.PAUSED, NOON)
    assert await desk.manager.place_calls(NOON) == 0


@on_a_loop
async def test_a_contact_that_is_of_no_use_any_more_expires(open_desk: OpenDesk) -> None:
    desk = open_desk(people=2)
    late = NOON + timedelta(days=1, hours=2)
    assert await desk.manager.place_calls(late) == 0
    assert desk.outcomes() == {Outcome.EXPIRED: 2}


@on_a_loop
async def test_every_dialling_is_on_record(open_desk: OpenDesk, database: Database) -> None:
    desk = open_desk(people=1)
    await desk.settle(await desk.manager.place_calls(NOON))
    with database.reading() as session:
        [line] = attempt_lines(session, desk.campaign_id)
    assert line.dialed_at == NOON
    assert line.answered
    assert line.talk_seconds == 15.0
