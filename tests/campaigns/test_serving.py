"""A service over calls on paper: several campaigns, people at the desk, a store that fails."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.attempt import settle_interrupted
from campaigns.engine import Beat
from campaigns.events import CallSettled, CampaignDone, CampaignPaused, EngineEvent, Trouble
from campaigns.order import CallOrder, CallProgress, CallReport, CallStage
from campaigns.presence import Presence
from campaigns.rehearsed import (
    RehearsedCallers,
    Script,
    confirms,
    invent_campaign,
    keeps_talking,
)
from campaigns.serving import Service, ServiceBeat
from campaigns.serving_runs import Site
from campaigns.settings import Settings
from campaigns.settings_people import DeskSettings
from campaigns.settings_sections import CampaignSettings, PathSettings, TrunkSettings
from dialer.leg import HangupCause
from ivr.exchange import DialogOutcome, DialogResult
from ivr.people import (
    Brief,
    CallFlagged,
    CallTurn,
    ChangeMode,
    DeskStaffed,
    EndCall,
    Flag,
    HowJoinEnded,
    JoinAnswered,
    JoinCall,
    Joined,
    JoinEnded,
    JoinFailed,
    JoinMode,
    LeaveCall,
    Line,
    NobodyComes,
    PersonWanted,
    Refused,
    SipDevice,
    TransferMoved,
    TransferOut,
    TransferStage,
    Visit,
)
from ivr.transcript import Speaker, Turn
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.desk_agents import agent_seen, set_agent_state, sign_in
from store.desk_live import LiveBatch, LiveRow, write_engine, write_live
from store.desk_models import DeskOrder
from store.desk_orders import place_order
from store.desk_queries import (
    agent,
    engines,
    flags_of,
    live_call,
    live_turns,
    order,
    transfers_of,
    visits_of,
)
from store.desk_types import AgentState, DeviceKind, OrderKind, TransferStatus
from store.errors import DeskError
from store.models import Delivery, OutcomeRecord, WriteBack
from store.queries import campaign, contact_lines, progress, set_campaign_status
from store.suppression import is_suppressed
from store.types import CampaignStatus, ContactStatus, Outcome

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=15)
QUICK = ServiceBeat(
    Beat(place=TICK, reconcile=timedelta(milliseconds=60), write_back=timedelta(milliseconds=60)),
    refresh=TICK,
    live=TICK,
    desk=TICK,
)
LI, WANG, CHEN = 7, 8, 9
ASKED = Flag("asked", 50, Line.FIRST, {"zh": "要求人工", "en": "Asks for a person"}, "转人工")
BRIEF = Brief({"zh": "要求人工", "en": "Asks"}, "王小明", "SD1", "zh-CN", (("window", "明天"),))
ORDER_ASKED = Mapping[str, Any]


def on_a_loop(test: Callable[..., Coroutine[None, None, None]]) -> Callable[..., None]:
    """Run an asynchronous test on an event loop of its own."""

    @functools.wraps(test)
    def run(**fixtures: object) -> None:
        async def limited() -> None:
            async with asyncio.timeout(120):
                await test(**fixtures)

        asyncio.run(limited())

    return run


class Clock:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class House:
    """A service at work, with its callers, its store and its clock."""

    database: Database
    callers: RehearsedCallers
    clock: Clock
    service: Service

    async def until(self, holds: Callable[[], object]) -> Any:
        """Wait until something holds; what it says then."""
        while True:
            if said := holds():
                return said
            await asyncio.sleep(0.005)

    def told(self, kind: type) -> list[Any]:
        """Return what workers were told, of one kind."""
        return [message for message in self.callers.told if isinstance(message, kind)]

    async def one(self, kind: type, count: int = 1) -> Any:
        """Wait until workers were told so many of one kind; return the last."""
        await self.until(lambda: len(self.told(kind)) >= count)
        return self.told(kind)[count - 1]

    async def talking(self) -> int:
        """Wait for the next call and let it be answered; return its attempt."""
        known = len(self.callers.orders)
        await self.until(lambda: len(self.callers.orders) > 0)
        attempt = self.callers.orders[known - 1 if known else 0].attempt
        self.callers.say(CallProgress(attempt, CallStage.TALKING))
        await self.until(lambda: self.live(attempt) and self.live(attempt).stage == "talking")
        return attempt

    def live(self, attempt: int) -> Any:
        with self.database.reading() as session:
            return live_call(session, attempt)

    def transfer(self, attempt: int) -> Any:
        with self.database.reading() as session:
            return next(iter(transfers_of(session, attempt)), None)

    def is_(self, attempt: int, status: TransferStatus) -> bool:
        found = self.transfer(attempt)
        return found is not None and found.status is status

    def state_of(self, user_id: int) -> AgentState:
        with self.database.reading() as session:
            return agent(session, user_id).state

    def comes(self, user_id: int, device: str = "sip:6001@127.0.0.1:5070") -> None:
        """Sign an agent in and let them be ready."""
        with self.database.transaction() as session:
            kind = DeviceKind.SIP if device else DeviceKind.BROWSER
            sign_in(
                session,
                user_id,
                f"坐席{user_id}",
                self.clock.now,
                device_kind=kind,
                device_address=device,
            )
            set_agent_state(session, user_id, AgentState.READY, self.clock.now)

    def asks(self, kind: OrderKind, user_id: int, attempt: int, **payload: Any) -> int:
        """Place an order about a call, or about its transfer."""
        mine = self.transfer(attempt)
        about = mine.id if mine is not None else None
        with self.database.transaction() as session:
            return place_order(
                session,
                kind,
                user_id,
                f"坐席{user_id}",
                self.clock.now,
                attempt_id=attempt,
                transfer_id=about,
                payload=payload,
            )

    async def answered(self, number: int) -> Any:
        """Wait until an order is answered; return what came of it."""

        def found() -> Any:
            with self.database.reading() as session:
                said = order(session, number)
            return said if said.answered else None

        return await self.until(found)

    async def wants_person(self, attempt: int) -> None:
        self.callers.say(PersonWanted(attempt, ASKED, BRIEF))
        await self.until(lambda: self.transfer(attempt))

    async def joins(self, user_id: int, attempt: int) -> int:
        """Let an agent take the call that is offered; return the number of the join."""
        await self.until(lambda: self.is_(attempt, TransferStatus.OFFERED))
        told = len(self.told(JoinCall))
        number = self.asks(OrderKind.ACCEPT, user_id, attempt)
        join = await self.one(JoinCall, told + 1)
        assert join.join == number
        self.callers.say(Joined(attempt, number))
        await self.until(lambda: self.is_(attempt, TransferStatus.JOINED))
        return number

    async def settled(self, attempt: int) -> OutcomeRecord:
        """Wait until an attempt is settled; return a copy of its outcome."""

        def found() -> OutcomeRecord | None:
            with self.database.reading() as session:
                record = session.scalar(
                    sa.select(OutcomeRecord).where(OutcomeRecord.attempt_id == attempt)
                )
                if record is not None:
                    session.expunge(record)
                return record

        return await self.until(found)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        trunk=TrunkSettings(host="127.0.0.1", calls_per_second=25),
        campaign=CampaignSettings(max_attempts=3),
        desk=DeskSettings(wrap_up_seconds=60),
        paths=PathSettings(data_dir=tmp_path),
    )


Serve = Callable[..., Any]


@pytest.fixture
def serve(database: Database, settings: Settings) -> Serve:
    """A service while a block lasts; at its end it is stopped and all calls are hung up."""

    @asynccontextmanager
    async def served(
        script: Script = keeps_talking, *, people: int = 1, slots: int = 8, **changes: object
    ) -> Any:
        clock = Clock()
        callers = RehearsedCallers(script, slots)
        chosen = settings.model_copy(update=changes)
        service = Service(Site(database, callers, chosen), clock=clock, beat=QUICK)
        if people:
            started(database, people)
        running = asyncio.create_task(service.run())
        try:
            yield House(database, callers, clock, service)
        finally:
            service.stop()
            service.stop()
            await running

    return served


def started(database: Database, people: int, name: str = "早班", **changes: Any) -> int:
    with database.transaction() as session:
        made = invent_campaign(session, NOON, people, name=name, **changes)
        set_campaign_status(session, made, CampaignStatus.RUNNING, NOON)
    return made


def with_agent(order: CallOrder, *joins: int) -> CallReport:
    """The report of a call in which an agent talked and the customer then hung up."""
    return replace(
        confirms(order),
        cause=HangupCause.THEY_HUNG_UP,
        result=DialogResult(DialogOutcome.UNFINISHED, finished=False, needs_person="要求人工"),
        turns=(
            Turn(Speaker.CALLEE, "转人工", 1.0, 2.0),
            Turn(Speaker.AGENT, "您好", 6.0, 7.0),
        ),
        people=tuple(Visit(join, "agent", 5.0, 15.0, spoke=True) for join in joins),
        flags=(ASKED,),
    )


@on_a_loop
async def test_all_running_campaigns_are_called_over_the_same_workers(
    database: Database, serve: Serve
) -> None:
    many = started(database, 12, "多")
    few = started(database, 3, "少", first=50, time_zone="Asia/Urumqi")
    async with serve(confirms, people=0, slots=2) as house:

        def all_called() -> bool:
            with database.reading() as session:
                return all(
                    campaign(session, each).status is CampaignStatus.FINISHED
                    for each in (many, few)
                )

        await house.until(all_called)
    assert len({order.uri for order in house.callers.orders}) == 15
    with database.reading() as session:
        assert progress(session, many).outcomes == {Outcome.CONFIRMED: 12}
        assert progress(session, few).outcomes == {Outcome.CONFIRMED: 3}


@on_a_loop
async def test_a_small_campaign_does_not_wait_for_a_large_one(
    database: Database, serve: Serve
) -> None:
    started(database, 20, "多")
    started(database, 2, "少", first=50)
    async with serve(keeps_talking, people=0, slots=4) as house:
        await house.until(lambda: len(house.callers.orders) == 4)
    assert sum(order.facts.waybill.startswith("SD0002") for order in house.callers.orders) == 2


@on_a_loop
async def test_a_campaign_that_is_started_later_is_found_and_a_paused_one_is_left(
    database: Database, serve: Serve
) -> None:
    async with serve(people=0) as house:
        later = started(database, 2)
        await house.until(lambda: len(house.callers.orders) == 2)
        with database.transaction() as session:
            set_campaign_status(session, later, CampaignStatus.PAUSED, NOON)
        for each in list(house.callers.orders):
            house.callers.end(
                replace(confirms(each), result=None, cause=HangupCause.BUSY, answered=False)
            )
        await house.until(lambda: house.callers.free_slots() == 8)
        house.clock.passes(3600)
        for _ in range(10):
            await asyncio.sleep(0.015)
        assert len(house.callers.orders) == 2


@on_a_loop
async def test_a_campaign_whose_own_rules_are_wrong_is_paused_and_the_others_go_on(
    database: Database, serve: Serve
) -> None:
    wrong = started(database, 1, "错", policy={"max_concurrent_calls": 0})
    told: list[EngineEvent] = []
    async with serve(confirms, people=0) as house:

        async def listen() -> None:
            async for event in house.service.events:
                keep(event)

        keep = told.append
        listening = asyncio.create_task(listen())
        started(database, 1, "对", first=50)
        await house.until(lambda: any(isinstance(each, CampaignDone) for each in told))
    await listening
    (paused,) = [each for each in told if isinstance(each, CampaignPaused)]
    assert "max_concurrent_calls" in paused.reason
    assert sum(isinstance(each, CallSettled) for each in told) == 1
    with database.reading() as session:
        assert campaign(session, wrong).status is CampaignStatus.PAUSED


@on_a_loop
async def test_a_call_is_seen_while_it_goes_on_and_gone_from_the_board_when_it_is_settled(
    serve: Serve,
) -> None:
    async with serve() as house:
        attempt = await house.talking()
        house.callers.say(CallTurn(attempt, Turn(Speaker.CALLEE, "转", 1.0, 1.5), "announce"))
        house.callers.say(CallTurn(attempt, Turn(Speaker.CALLEE, "转人工", 1.0, 1.9), "announce"))
        house.callers.say(CallFlagged(attempt, ASKED))
        seen = await house.until(
            lambda: (now := house.live(attempt)) and now.flags and now.words == "转人工" and now
        )
        assert (seen.campaign, seen.recipient, seen.state) == ("早班", "收件人1", "announce")
        with house.database.reading() as session:
            (turn,) = live_turns(session, attempt)
            (sign,) = engines(session)
        assert (turn.text, turn.ended_seconds) == ("转人工", 1.9)
        assert (sign.in_use, sign.workers) == (1, 1)
        house.callers.end(replace(confirms(house.callers.orders[0]), flags=(ASKED,)))
        await house.settled(attempt)
        await house.until(lambda: house.live(attempt) is None)
        with house.database.reading() as session:
            assert [flag.words for flag in flags_of(session, attempt)] == ["转人工"]
    with house.database.reading() as session:
        assert engines(session) == ()


@on_a_loop
async def test_an_agent_takes_a_call_over_and_writes_down_what_came_of_it(serve: Serve) -> None:
    async with serve() as house:
        house.comes(LI)
        await house.until(lambda: DeskStaffed(frozenset({"zh-CN"})) in house.callers.told)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(LI, attempt)
        asked = house.told(JoinCall)[0]
        at_home = SipDevice("sip:6001@127.0.0.1:5070;transport=udp")
        assert (asked.attempt, asked.device) == (attempt, at_home)
        assert house.transfer(attempt).brief["settled"] == [["window", "明天"]]
        assert house.state_of(LI) is AgentState.TALKING
        seen = await house.until(lambda: (now := house.live(attempt)) and now.people and now)
        assert (seen.people[0].user_id, seen.people[0].mode) == (LI, "talk")

        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.CALL_ENDED))
        house.callers.end(with_agent(house.callers.orders[0], join))
        before = await house.settled(attempt)
        assert (before.outcome, before.needs_person, before.final) == (
            Outcome.UNFINISHED,
            "坐席处理中",
            True,
        )
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        start = NOON + timedelta(days=2)
        filed = house.asks(
            OrderKind.FORM,
            LI,
            attempt,
            outcome="rescheduled",
            new_window_start=start.isoformat(),
            new_window_end=(start + timedelta(hours=2)).isoformat(),
            notes="改到后天中午",
        )
        assert (await house.answered(filed)).refused == {}
        assert house.state_of(LI) is AgentState.READY
        assert house.transfer(attempt).status is TransferStatus.DONE
        after = await house.settled(attempt)
        assert (after.outcome, after.needs_person, after.new_window_start) == (
            Outcome.RESCHEDULED,
            "",
            start,
        )
        assert after.notes["agent"] == "改到后天中午"
        with house.database.reading() as session:
            keys = session.scalars(sa.select(WriteBack.idempotency_key)).all()
            (visit,) = visits_of(session, attempt)
            (line,) = contact_lines(session, 1)
        assert [key.endswith(":r2") for key in keys] == [False, True]
        assert (visit.user_id, visit.name, visit.spoke) == (LI, "坐席7", True)
        assert line.status is ContactStatus.DONE
        house.clock.passes(3600)
    assert len(house.callers.orders) == 1


@on_a_loop
async def test_a_form_may_ask_for_another_call_and_only_then_there_is_one(serve: Serve) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(LI, attempt)
        later = house.clock.now + timedelta(minutes=30)
        # The form comes while the robot goes on with the call.
        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.LEFT))
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        filed = house.asks(
            OrderKind.FORM,
            LI,
            attempt,
            outcome="callback_promised",
            call_again_at=later.isoformat(),
            then="break",
        )
        await house.answered(filed)
        assert house.state_of(LI) is AgentState.BREAK
        house.callers.end(with_agent(house.callers.orders[0], join))
        await house.until(lambda: house.transfer(attempt).form_applied)
        assert (await house.settled(attempt)).outcome is Outcome.CALLBACK_PROMISED
        house.clock.passes(1800)
        await house.until(lambda: len(house.callers.orders) == 2)


@on_a_loop
async def test_a_form_that_makes_no_sense_is_refused_with_what_is_wrong(serve: Serve) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(LI, attempt)
        house.callers.end(with_agent(house.callers.orders[0], join))
        await house.until(lambda: house.is_(attempt, TransferStatus.WRAP_UP))
        for payload, wrong in (
            ({"outcome": "unknown"}, "outcome"),
            ({"outcome": "confirmed", "hand_over": "roof"}, "hand_over"),
            ({"outcome": "confirmed", "call_again_at": "2026-11-23T10:00:00"}, "call_again_at"),
            ({"outcome": "opted_out", "call_again_at": "2026-11-23T10:00:00Z"}, "call_again_at"),
            ({"outcome": "confirmed", "call_again_at": "0001-01-01T00:00:00+08:00"}, "year 1"),
            ({"outcome": "rescheduled", "new_window_start": "9999-12-31T23:59-08:00"}, "9999"),
            ({"outcome": "confirmed", "price": 3}, "price"),
            ({}, "outcome"),
        ):
            refused = await house.answered(house.asks(OrderKind.FORM, LI, attempt, **payload))
            assert wrong in refused.refused["zh"]
        stranger = await house.answered(
            house.asks(OrderKind.FORM, WANG, attempt, outcome="confirmed")
        )
        assert stranger.refused
        assert house.is_(attempt, TransferStatus.WRAP_UP)


@on_a_loop
async def test_a_parcel_that_came_later_is_told_of_with_the_corrected_form(serve: Serve) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(LI, attempt)
        house.callers.end(with_agent(house.callers.orders[0], join))
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        for parcels in (2, 3):
            with house.database.transaction() as session:
                first = session.scalars(sa.select(Delivery)).first()
                session.add(
                    Delivery(
                        **{
                            column.key: getattr(first, column.key)
                            for column in Delivery.__table__.columns
                            if column.key not in ("id", "waybill")
                        },
                        waybill=f"SD-LATER-{parcels}",
                    )
                )
            await house.answered(house.asks(OrderKind.FORM, LI, attempt, outcome="confirmed"))
            await house.until(lambda: house.transfer(attempt).form_applied)
        with house.database.reading() as session:
            keys = session.scalars(sa.select(WriteBack.idempotency_key)).all()
        assert sorted(key[-2:] for key in keys if ":r" in key) == ["r1", "r1", "r2", "r2", "r3"]


@on_a_loop
async def test_a_form_that_can_not_be_taken_in_holds_up_nobody_else(serve: Serve) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(LI, attempt)
        house.callers.end(with_agent(house.callers.orders[0], join))
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        with house.database.transaction() as session:
            # Somebody has told dispatch under the key that the form is about to use.
            told = session.scalars(sa.select(WriteBack)).one()
            told.idempotency_key += ":r2"
        await house.answered(house.asks(OrderKind.FORM, LI, attempt, outcome="confirmed"))
        await house.until(lambda: house.transfer(attempt).form_applied)
        stranger = house.asks(OrderKind.FORM, WANG, attempt, outcome="confirmed")
        assert (await house.answered(stranger)).refused


@on_a_loop
async def test_who_tells_an_agent_that_they_want_no_calls_gets_none_for_ever(serve: Serve) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(LI, attempt)
        house.callers.end(with_agent(house.callers.orders[0], join))
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        await house.answered(house.asks(OrderKind.FORM, LI, attempt, outcome="opted_out"))
        with house.database.reading() as session:
            assert is_suppressed(session, "+8613800138001")


@on_a_loop
async def test_a_call_nobody_takes_goes_to_the_next_and_then_back_to_the_robot(
    serve: Serve,
) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        await house.until(lambda: house.state_of(LI) is AgentState.OFFERED)
        house.clock.passes(1)
        house.comes(WANG)
        house.clock.passes(14)
        for user in (LI, WANG):
            seen(house, user)
        await house.until(lambda: house.state_of(WANG) is AgentState.OFFERED)
        assert house.state_of(LI) is AgentState.READY
        declined = house.asks(OrderKind.DECLINE, WANG, attempt)
        assert (await house.answered(declined)).refused == {}
        await house.until(lambda: house.is_(attempt, TransferStatus.WAITING))
        assert house.told(NobodyComes) == []
        house.clock.passes(15)
        assert (await house.one(NobodyComes)).attempt == attempt
        assert house.is_(attempt, TransferStatus.NOBODY)


def seen(house: House, user_id: int) -> None:
    with house.database.transaction() as session:
        agent_seen(session, user_id, house.clock.now)


@on_a_loop
async def test_a_customer_who_hangs_up_while_waiting_frees_the_agent(serve: Serve) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        await house.until(lambda: house.state_of(LI) is AgentState.OFFERED)
        house.callers.end(
            replace(confirms(house.callers.orders[0]), cause=HangupCause.THEY_HUNG_UP)
        )
        await house.until(lambda: house.state_of(LI) is AgentState.READY)
        assert house.is_(attempt, TransferStatus.LOST)
        await house.until(lambda: house.live(attempt) is None)
        with pytest.raises(DeskError, match="over"):
            house.asks(OrderKind.ACCEPT, LI, attempt)


@on_a_loop
async def test_a_device_that_can_not_be_reached_costs_the_agent_a_break_and_not_the_customer(
    serve: Serve,
) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        accepted = house.asks(OrderKind.ACCEPT, LI, attempt)
        await house.one(JoinCall)
        house.comes(WANG)
        house.callers.say(JoinFailed(attempt, accepted, HangupCause.NO_ANSWER))
        assert (await house.answered(accepted)).refused["zh"] == "您的话机没有接听。"
        await house.until(lambda: house.state_of(WANG) is AgentState.OFFERED)
        assert house.state_of(LI) is AgentState.BREAK
        assert house.transfer(attempt).passed_by == {LI}


@on_a_loop
async def test_an_agent_whom_the_call_does_not_let_in_is_ready_for_the_next(serve: Serve) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        accepted = house.asks(OrderKind.ACCEPT, LI, attempt)
        await house.one(JoinCall)
        house.callers.say(JoinFailed(attempt, accepted, Refused.TAKEN))
        assert "同事" in (await house.answered(accepted)).refused["zh"]
        await house.until(lambda: house.state_of(LI) is AgentState.READY)


@on_a_loop
async def test_an_agent_who_is_lost_in_the_call_is_replaced_by_the_next(serve: Serve) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(LI, attempt)
        house.comes(WANG)
        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.LOST))
        house.callers.say(PersonWanted(attempt, replace(ASKED, priority=90), BRIEF))
        await house.until(lambda: house.state_of(WANG) is AgentState.OFFERED)
        assert house.state_of(LI) is AgentState.BREAK
        assert house.transfer(attempt).priority == 90
        again = await house.joins(WANG, attempt)
        assert again != join


@on_a_loop
async def test_a_browser_is_answered_with_what_the_worker_offers_back(serve: Serve) -> None:
    async with serve() as house:
        house.comes(LI, device="")
        attempt = await house.talking()
        await house.wants_person(attempt)
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        bare = await house.answered(house.asks(OrderKind.ACCEPT, LI, attempt))
        assert "microphone" in bare.refused["en"]
        accepted = house.asks(OrderKind.ACCEPT, LI, attempt, offer_sdp="v=0 offer")
        await house.one(JoinCall)
        house.callers.say(JoinAnswered(attempt, accepted, "v=0 answer"))
        answer = (await house.answered(accepted)).answer
        assert answer == {"join": accepted, "sdp": "v=0 answer"}


@on_a_loop
async def test_a_supervisor_listens_whispers_takes_over_and_hands_back(serve: Serve) -> None:
    async with serve() as house:
        attempt = await house.talking()
        alone = house.asks(OrderKind.WHISPER, CHEN, attempt, uri="sip:9@127.0.0.1")
        assert "whisper" in (await house.answered(alone)).refused["en"]
        listens = house.asks(OrderKind.LISTEN, CHEN, attempt, uri="sip:9@127.0.0.1")
        join = await house.one(JoinCall)
        assert (join.role.value, join.mode) == ("supervisor", JoinMode.LISTEN)
        house.callers.say(Joined(attempt, listens))
        await house.answered(listens)
        await house.until(lambda: house.live(attempt).people)
        takes = house.asks(OrderKind.TAKE_OVER, CHEN, attempt)
        change = await house.one(ChangeMode)
        assert (change.join, change.mode) == (listens, JoinMode.TAKE_OVER)
        assert (await house.answered(takes)).answer == {"join": listens}
        await house.until(lambda: house.live(attempt).people[0].mode == "take_over")
        assert house.transfer(attempt).status is TransferStatus.JOINED
        house.asks(OrderKind.LISTEN, CHEN, attempt)
        assert (await house.one(ChangeMode, 2)).mode is JoinMode.LISTEN
        await house.until(lambda: house.is_(attempt, TransferStatus.WRAP_UP))
        house.asks(OrderKind.LEAVE, CHEN, attempt)
        assert (await house.one(LeaveCall)).then.value == "robot"
        house.callers.say(JoinEnded(attempt, listens, HowJoinEnded.LEFT))
        await house.until(lambda: not house.live(attempt).people)
        house.asks(OrderKind.END_CALL, CHEN, attempt)
        assert (await house.one(EndCall)).attempt == attempt


@on_a_loop
async def test_an_agent_passes_the_customer_on_and_hears_when_the_third_can_not_be_reached(
    serve: Serve,
) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        await house.joins(LI, attempt)
        await house.until(lambda: house.live(attempt).people)
        for stage, expected in (
            (TransferStage.FAILED, "没人接"),
            (TransferStage.CONSULTING, "consulting"),
        ):
            told = len(house.told(TransferOut))
            out = house.asks(
                OrderKind.TRANSFER_OUT, LI, attempt, uri="sip:depot@127.0.0.1", attended=True
            )
            message = await house.one(TransferOut, told + 1)
            assert (message.uri, message.attended) == ("sip:depot@127.0.0.1", True)
            house.callers.say(TransferMoved(attempt, message.join, stage, "没人接"))
            came = await house.answered(out)
            assert expected in (came.refused.get("zh"), came.answer.get("stage"))
        wrong = await house.answered(house.asks(OrderKind.TRANSFER_OUT, LI, attempt, uri="???"))
        assert "extension" in wrong.refused["en"]
        outsider = await house.answered(house.asks(OrderKind.COMPLETE, WANG, attempt))
        assert outsider.refused["zh"] == "您不在这通电话里。"


@on_a_loop
async def test_agents_whose_page_says_nothing_are_put_off_and_writers_are_ready_in_the_end(
    serve: Serve,
) -> None:
    async with serve() as house:
        house.comes(LI)
        house.comes(WANG)
        attempt = await house.talking()
        await house.wants_person(attempt)
        join = await house.joins(LI, attempt)
        house.clock.passes(16)
        await house.until(lambda: house.state_of(WANG) is AgentState.OFF)
        assert house.state_of(LI) is AgentState.TALKING
        seen(house, LI)
        house.callers.say(JoinEnded(attempt, join, HowJoinEnded.LEFT))
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)
        for _ in range(6):
            house.clock.passes(10)
            seen(house, LI)
        await house.until(lambda: house.state_of(LI) is AgentState.READY)
        assert house.is_(attempt, TransferStatus.WRAP_UP)


@on_a_loop
async def test_a_worker_that_dies_frees_agents_and_leaves_nobody_waiting(serve: Serve) -> None:
    async with serve(people=2) as house:
        house.comes(LI)
        await house.until(lambda: len(house.callers.orders) == 2)
        first, second = (each.attempt for each in house.callers.orders)
        await house.wants_person(first)
        await house.joins(LI, first)
        await house.wants_person(second)
        house.callers.kill_worker()
        await house.until(lambda: house.is_(second, TransferStatus.FAILED))
        await house.until(lambda: house.is_(first, TransferStatus.WRAP_UP))
        assert house.state_of(LI) is AgentState.WRAP_UP
        assert (await house.settled(first)).outcome is Outcome.UNKNOWN
        # Another worker took its place and learns who is there.
        await house.until(lambda: house.told(DeskStaffed)[-1].languages == {"zh-CN"})


@on_a_loop
async def test_with_the_desk_switched_off_nobody_is_said_to_come(serve: Serve) -> None:
    async with serve(desk=DeskSettings(enabled=False)) as house:
        house.comes(LI)
        await house.talking()
        assert {message.languages for message in house.told(DeskStaffed)} == {frozenset()}


@on_a_loop
async def test_what_a_dead_engine_left_at_the_desk_is_cleared_by_the_next(
    database: Database, settings: Settings, serve: Serve
) -> None:
    made = started(database, 1)
    dead = Presence(settings.data_dir / "engines")
    with database.transaction() as session:
        claimed = claim_next(session, made, NOON, claimed_by=dead.name)
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, NOON)
        attempt = claimed.attempt_id
        row = LiveRow(attempt, made, "talking", NOON, NOON, "", "", "", (), ())
        write_live(session, dead.name, LiveBatch([row]), NOON)
        write_engine(session, dead.name, NOON, slots=4, in_use=1, workers=1, trunk={})
        asked = place_order(session, OrderKind.LISTEN, CHEN, "陈", NOON, attempt_id=attempt)
    dead.leave()
    async with serve(people=0) as house:
        await house.until(lambda: house.live(attempt) is None)
        assert "引擎" in (await house.answered(asked)).refused["zh"]
        assert (await house.settled(attempt)).outcome is Outcome.UNKNOWN


@on_a_loop
async def test_a_call_that_somebody_else_settled_leaves_the_board_and_frees_its_agent(
    serve: Serve,
) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        await house.wants_person(attempt)
        await house.joins(LI, attempt)
        with house.database.transaction() as session:
            settle_interrupted(session, attempt, NOON, "settled elsewhere")
        house.callers.end(confirms(house.callers.orders[0]))
        await house.until(lambda: house.live(attempt) is None)
        await house.until(lambda: house.state_of(LI) is AgentState.WRAP_UP)


@on_a_loop
async def test_what_was_asked_and_answered_long_ago_is_thrown_away(serve: Serve) -> None:
    async with serve() as house:
        attempt = await house.talking()
        old = house.asks(OrderKind.END_CALL, CHEN, attempt)
        await house.answered(old)
        house.clock.passes(25 * 3600)
        new = house.asks(OrderKind.END_CALL, CHEN, attempt)

        def gone() -> bool:
            with house.database.reading() as session:
                return session.get(DeskOrder, old) is None

        await house.until(gone)
        assert (await house.answered(new)).refused == {}


@on_a_loop
async def test_a_store_that_is_locked_holds_up_what_is_seen_and_no_call(
    database: Database, serve: Serve
) -> None:
    async with serve() as house:
        house.comes(LI)
        attempt = await house.talking()
        other = Database(database.url)
        with other.transaction() as locking:
            locking.execute(sa.text("UPDATE campaigns SET name = name"))
            house.callers.say(CallTurn(attempt, Turn(Speaker.CALLEE, "喂", 1.0, 1.2), "announce"))
            house.callers.say(PersonWanted(attempt, ASKED, BRIEF))
            # The loop of the engine goes round freely meanwhile.
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert house.transfer(attempt) is None
        other.close()
        await house.until(lambda: house.is_(attempt, TransferStatus.OFFERED))
        await house.until(lambda: house.live(attempt).words == "喂")


@on_a_loop
async def test_told_to_stop_it_places_no_call_and_ends_after_those_in_progress(
    database: Database, serve: Serve
) -> None:
    async with serve(people=3, slots=1) as house:
        attempt = await house.talking()
        house.service.stop()
        house.callers.end(confirms(house.callers.orders[0]))
        assert (await house.settled(attempt)).outcome is Outcome.CONFIRMED
    assert len(house.callers.orders) == 1
    with database.reading() as session:
        assert progress(session, 1).contacts[ContactStatus.WAITING] == 2


@on_a_loop
async def test_told_to_stop_while_the_store_is_gone_it_writes_the_last_end_and_ends(
    database: Database, settings: Settings
) -> None:
    started(database, 1)
    callers = RehearsedCallers(keeps_talking, 8)
    service = Service(Site(database, callers, settings), clock=Clock(), beat=QUICK)
    house = House(database, callers, Clock(), service)
    running = asyncio.create_task(service.run())
    await house.talking()
    with database.transaction() as session:
        session.execute(sa.text("ALTER TABLE outcomes RENAME TO away"))
    callers.end(confirms(callers.orders[0]))
    async for event in service.events:
        if isinstance(event, Trouble) and "not saved yet" in event.text:
            break
    service.stop()
    with database.transaction() as session:
        session.execute(sa.text("ALTER TABLE away RENAME TO outcomes"))
    await running
    assert (await house.settled(callers.orders[0].attempt)).outcome is Outcome.CONFIRMED
