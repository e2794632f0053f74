"""An agent takes a real call over while the console is killed and the store is locked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bench.desk_telephones import write_telephones
from campaigns.host import speech_services, supervisor_of
from campaigns.serving import Service
from campaigns.serving_runs import Site
from campaigns.settings import Settings
from campaigns.settings_people import ConsoleSettings, DeskSettings
from campaigns.settings_sections import StoreSettings
from console.cli import DEMO_MANIFESTS
from console.demo import demo_settings
from console.free_ports import free_port_range
from console.pages import start_console
from console.shipped import example
from console.trial import Trial, manifest_like
from dialer.callee.process import CalleeProcess
from processes.child import Child
from store.database import Database
from store.desk_agents import agent_seen, set_agent_state, sign_in
from store.desk_orders import place_order
from store.desk_queries import agent, live_call, live_turns, order, transfers_of, visits_of
from store.desk_types import AgentState, DeviceKind, OrderKind, TransferStatus
from store.models import OutcomeRecord, WriteBack
from store.queries import call, set_campaign_status
from store.types import CampaignStatus, Outcome, TurnSpeaker

pytestmark = [pytest.mark.sip, pytest.mark.vosk, pytest.mark.tts, pytest.mark.slow]

CUSTOMER, EXTENSION = "+8613800138015", "+8613800139001"
LI = 7


@pytest.fixture
def telephones(tmp_path: Path) -> Iterator[CalleeProcess]:
    """The telephones of a customer and of an agent."""
    folder = tmp_path / "scenarios"
    write_telephones(folder, [CUSTOMER], [EXTENSION])
    with CalleeProcess(tmp_path / "observations.jsonl", scenarios=folder) as process:
        yield process


@pytest.fixture
def settings(tmp_path: Path, calls_folder: Path, telephones: CalleeProcess) -> Settings:
    demo = demo_settings(calls_folder, telephones.port, 4)
    return demo.model_copy(
        update={
            "store": StoreSettings(url=f"sqlite:///{tmp_path / 'menling.db'}"),
            "recognition": demo.recognition.model_copy(update={"processes": 1}),
            "desk": DeskSettings(
                sip_domain=f"127.0.0.1:{telephones.port}",
                offer_seconds=40,
                patience_seconds=40,
            ),
            "console": ConsoleSettings(port=free_port_range(1)),
        }
    )


class House:
    """What the test asks of the store and does at the desk."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Wait until something holds; what it says then. The agent's page lives meanwhile."""
        while True:
            with self.database.transaction() as session:
                agent_seen(session, LI, datetime.now(UTC))
            if said := await asyncio.to_thread(holds):
                return said
            await asyncio.sleep(0.1)

    def read(self, question: Callable[..., Any], *about: Any) -> Any:
        with self.database.reading() as session:
            return question(session, *about)

    def transfer(self, attempt: int, status: TransferStatus) -> Any:
        found = self.read(transfers_of, attempt)
        return found[0] if found and found[0].status is status else None

    def asks(self, kind: OrderKind, attempt: int, transfer: int, **payload: Any) -> int:
        with self.database.transaction() as session:
            return place_order(
                session,
                kind,
                LI,
                "李",
                datetime.now(UTC),
                attempt_id=attempt,
                transfer_id=transfer,
                payload=payload,
            )

    async def answered(self, number: int) -> Any:
        def found() -> Any:
            said = self.read(order, number)
            return said if said.answered else None

        return await self.until(found)

    def outcome(self, attempt: int) -> Any:
        with self.database.reading() as session:
            record = session.scalar(
                sa.select(OutcomeRecord).where(OutcomeRecord.attempt_id == attempt)
            )
            return None if record is None else (record.outcome, record.needs_person)


def test_an_agent_takes_a_call_over_whatever_happens_to_console_and_store(
    settings: Settings,
) -> None:
    manifest = manifest_like(tuple(map(example, DEMO_MANIFESTS)), {CUSTOMER: CUSTOMER})
    with closing(Trial(settings, manifest)) as trial:
        console = start_console(settings)
        try:
            asyncio.run(take_over(trial, console))
        finally:
            console.kill()


async def take_over(trial: Trial, console: Child) -> None:
    settings, database = trial.settings, trial.database
    house = House(database)
    now = datetime.now(UTC)
    with database.transaction() as session:
        sign_in(session, LI, "李", now, device_kind=DeviceKind.SIP, device_address=EXTENSION)
        set_agent_state(session, LI, AgentState.READY, now)
        set_campaign_status(session, trial.campaign.id, CampaignStatus.RUNNING, now)
    async with asyncio.timeout(240), speech_services(settings, ["zh-CN"]) as services:
        callers = supervisor_of(settings, services, people=True)
        service = Service(Site(database, callers, settings))
        running = asyncio.create_task(service.run(["zh-CN"]))
        try:
            await through_the_call(house, console)
        finally:
            service.stop()
            service.stop()
            await running


async def through_the_call(house: House, console: Child) -> None:
    attempt = 1
    offered = await house.until(lambda: house.transfer(attempt, TransferStatus.OFFERED))
    assert (offered.rule, offered.agent_id) == ("asked", LI)
    accepted = house.asks(OrderKind.ACCEPT, attempt, offered.id)
    assert (await house.answered(accepted)).answer["join"] == accepted
    await house.until(lambda: house.transfer(attempt, TransferStatus.JOINED))
    assert await asyncio.to_thread(console.first_word, 120) == ""
    console.process.kill()
    locked = Database(house.database.url)
    with locked.transaction() as session:
        session.execute(sa.text("UPDATE campaigns SET name = name"))
        # Longer than any beat of the engine: the call goes on over all of it.
        await asyncio.sleep(3)
    locked.close()

    def agent_heard() -> Any:
        said = house.read(live_turns, attempt)
        return [turn for turn in said if turn.speaker == "agent"]

    await house.until(agent_heard)
    assert [each.user_id for each in house.read(live_call, attempt).people] == [LI]
    house.asks(OrderKind.LEAVE, attempt, offered.id, then="hang_up")
    await house.until(lambda: house.outcome(attempt))
    assert house.outcome(attempt)[1] == "坐席处理中"
    await house.until(lambda: house.transfer(attempt, TransferStatus.WRAP_UP))
    assert house.read(agent, LI).state is AgentState.WRAP_UP
    filed = house.asks(OrderKind.FORM, attempt, offered.id, outcome="confirmed", notes="已确认")
    assert (await house.answered(filed)).refused == {}
    await house.until(lambda: house.outcome(attempt) == (Outcome.CONFIRMED, ""))
    (visit,) = house.read(visits_of, attempt)
    assert (visit.user_id, visit.role) == (LI, "agent")
    settled = house.read(call, attempt)
    assert TurnSpeaker.AGENT in {turn.speaker for turn in settled.turns}
    with house.database.reading() as session:
        keys = session.scalars(sa.select(WriteBack.idempotency_key)).all()
    assert [key.endswith(":r2") for key in keys] == [False, True]
