"""A service over calls on paper, with its store, its clock, and people at the desk."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from campaigns.engine import Beat
from campaigns.order import CallProgress, CallReport, CallStage
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
from ivr.people import Brief, Flag, JoinCall, Joined, Line, PersonWanted, Visit
from ivr.transcript import Speaker, Turn
from store.database import Database
from store.desk_agents import agent_seen, set_agent_state, sign_in
from store.desk_orders import place_order
from store.desk_queries import agent, live_call, order, transfers_of
from store.desk_types import AgentState, DeviceKind, OrderKind, TransferStatus
from store.models import OutcomeRecord
from store.queries import set_campaign_status
from store.types import CampaignStatus

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=15)
QUICK = ServiceBeat(
    Beat(
        place=TICK,
        reconcile=timedelta(milliseconds=60),
        write_back=timedelta(milliseconds=60),
        chores=timedelta(milliseconds=60),
    ),
    refresh=TICK,
    live=TICK,
    desk=TICK,
)
TOO_LONG_SECONDS = 120


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run an asynchronous test on an event loop of its own."""
    test = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test):
        return None
    asked = {name: pyfuncitem.funcargs[name] for name in inspect.signature(test).parameters}

    async def limited() -> None:
        async with asyncio.timeout(TOO_LONG_SECONDS):
            await test(**asked)

    asyncio.run(limited())
    return True


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

    asked: ClassVar = Flag(
        "asked", 50, Line.FIRST, {"zh": "要求人工", "en": "Asks for a person"}, "转人工"
    )
    brief: ClassVar = Brief(
        {"zh": "要求人工", "en": "Asks"}, "王小明", "SD1", "zh-CN", (("window", "明天"),)
    )

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
            return next(reversed(transfers_of(session, attempt)), None)

    def talk_of(self, user_id: int, attempt: int) -> Any:
        """Return the talk that an agent has, or had, in a call."""
        with self.database.reading() as session:
            return next(t for t in transfers_of(session, attempt) if t.agent_id == user_id)

    def news_of(self, user_id: int) -> str:
        """Return what an agent is told of what was in front of them."""
        with self.database.reading() as session:
            return agent(session, user_id).news

    def files(self, user_id: int, attempt: int, **form: Any) -> int:
        """Send the form of an agent's own talk."""
        with self.database.transaction() as session:
            return place_order(
                session,
                OrderKind.FORM,
                user_id,
                f"坐席{user_id}",
                self.clock.now,
                transfer_id=self.talk_of(user_id, attempt).id,
                payload=form,
            )

    def is_(self, attempt: int, status: TransferStatus) -> bool:
        found = self.transfer(attempt)
        return found is not None and found.status is status

    def state_of(self, user_id: int) -> AgentState:
        with self.database.reading() as session:
            return agent(session, user_id).state

    def comes(
        self, user_id: int, device: str = "sip:6001@127.0.0.1:5070", *, auto_answer: bool = False
    ) -> None:
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
                auto_answer=auto_answer,
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
        self.callers.say(PersonWanted(attempt, self.asked, self.brief))
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

    async def wanted_from(self, user_id: int) -> int:
        """Let an agent sit down and a customer want a person; return the attempt."""
        self.comes(user_id)
        attempt = await self.talking()
        await self.wants_person(attempt)
        return attempt

    async def written_up_by(self, user_id: int) -> int:
        """Let an agent talk to a customer until he hangs up; return the attempt."""
        attempt = await self.wanted_from(user_id)
        join = await self.joins(user_id, attempt)
        self.callers.end(self.talked(join))
        await self.until(lambda: self.state_of(user_id) is AgentState.WRAP_UP)
        return attempt

    def seen(self, user_id: int) -> None:
        """Let the page of an agent say that it is there."""
        with self.database.transaction() as session:
            agent_seen(session, user_id, self.clock.now)

    def talked(self, *joins: int) -> CallReport:
        """Return the report of a call in which an agent talked and the customer then hung up."""
        return replace(
            confirms(self.callers.orders[0]),
            cause=HangupCause.THEY_HUNG_UP,
            result=DialogResult(DialogOutcome.UNFINISHED, finished=False, needs_person="要求人工"),
            turns=(
                Turn(Speaker.CALLEE, "转人工", 1.0, 2.0),
                Turn(Speaker.AGENT, "您好", 6.0, 7.0),
            ),
            people=tuple(Visit(join, "agent", 5.0, 15.0, spoke=True) for join in joins),
            flags=(self.asked,),
        )

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
    """Settings of a desk whose agents have a minute to write."""
    return Settings(
        trunk=TrunkSettings(host="127.0.0.1", calls_per_second=25, options_ping_seconds=0),
        campaign=CampaignSettings(max_attempts=3),
        desk=DeskSettings(wrap_up_seconds=60),
        paths=PathSettings(data_dir=tmp_path),
    )


@pytest.fixture
def start(database: Database) -> Callable[..., int]:
    """Start a campaign with so many invented people; returns its id."""

    def started(people: int, name: str = "早班", **changes: Any) -> int:
        with database.transaction() as session:
            made = invent_campaign(session, NOON, people, name=name, **changes)
            set_campaign_status(session, made, CampaignStatus.RUNNING, NOON)
        return made

    return started


@pytest.fixture
def house(database: Database, settings: Settings) -> Callable[[RehearsedCallers], House]:
    """A service that is ready to run over these callers."""

    def built(callers: RehearsedCallers, **changes: object) -> House:
        clock = Clock()
        site = Site(database, callers, settings.model_copy(update=changes))
        return House(database, callers, clock, Service(site, clock=clock, beat=QUICK))

    return built


@pytest.fixture
def serve(house: Callable[..., House], start: Callable[..., int]) -> Callable[..., Any]:
    """A service while a block lasts; at its end it is stopped and all calls are hung up."""

    @asynccontextmanager
    async def served(
        script: Script = keeps_talking, *, people: int = 1, slots: int = 8, **changes: object
    ) -> Any:
        built = house(RehearsedCallers(script, slots), **changes)
        if people:
            start(people)
        running = asyncio.create_task(built.service.run())
        try:
            yield built
        finally:
            built.service.stop()
            built.service.stop()
            await running

    return served
