"""A real call of a progressive campaign is put through to an agent's telephone without a click."""

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
from campaigns.settings_people import DeskSettings
from campaigns.settings_sections import StoreSettings
from console.cli import DEMO_MANIFESTS
from console.demo import demo_settings
from console.shipped import example
from console.trial import Trial, manifest_like
from dialer.callee.process import CalleeProcess
from ivr.agent_opening import RULE
from store.database import Database
from store.desk_agents import agent_seen, set_agent_state, sign_in
from store.desk_orders import place_order
from store.desk_queries import live_turns, transfers_of
from store.desk_types import AgentState, DeviceKind, OrderKind, TransferStatus
from store.models import Campaign, OutcomeRecord
from store.queries import call, set_campaign_status
from store.types import CampaignStatus, Disposition, TurnSpeaker

pytestmark = [pytest.mark.sip, pytest.mark.vosk, pytest.mark.tts, pytest.mark.slow]

CUSTOMER, EXTENSION = "+8613800138015", "+8613800139001"
LI, ATTEMPT = 7, 1


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
            "desk": DeskSettings(sip_domain=f"127.0.0.1:{telephones.port}"),
        }
    )


def test_a_person_of_a_progressive_campaign_talks_to_an_agent(settings: Settings) -> None:
    manifest = manifest_like(tuple(map(example, DEMO_MANIFESTS)), {CUSTOMER: CUSTOMER})
    with closing(Trial(settings, manifest)) as trial:
        asyncio.run(_talk(trial))


async def _talk(trial: Trial) -> None:
    settings, database = trial.settings, trial.database
    now = datetime.now(UTC)
    with database.transaction() as session:
        made = session.get_one(Campaign, trial.campaign.id)
        # A busy machine may need long for the first word: the test is of the way, not of time.
        made.policy = {**made.policy, "pacing": {"mode": "progressive", "agent_seconds": 5}}
        sign_in(session, LI, "李", now, device_kind=DeviceKind.SIP, device_address=EXTENSION)
        set_agent_state(session, LI, AgentState.READY, now)
        set_campaign_status(session, trial.campaign.id, CampaignStatus.RUNNING, now)
    async with asyncio.timeout(240), speech_services(settings, ["zh-CN"]) as services:
        callers = supervisor_of(settings, services, people=True)
        service = Service(Site(database, callers, settings))
        running = asyncio.create_task(service.run(["zh-CN"]))
        try:
            await _through_the_call(database)
        finally:
            service.stop()
            service.stop()
            await running


async def _through_the_call(database: Database) -> None:
    def read(question: Callable[..., Any], *about: Any) -> Any:
        with database.reading() as session:
            return question(session, *about)

    async def until(holds: Callable[[], Any]) -> Any:
        while True:
            with database.transaction() as session:
                agent_seen(session, LI, datetime.now(UTC))
            if said := await asyncio.to_thread(holds):
                return said
            await asyncio.sleep(0.1)

    def joined() -> Any:
        found = read(transfers_of, ATTEMPT)
        return found[0] if found and found[0].status is TransferStatus.JOINED else None

    def agent_heard() -> bool:
        return any(turn.speaker == "agent" for turn in read(live_turns, ATTEMPT))

    def settled() -> Any:
        with database.reading() as session:
            return session.scalar(sa.select(OutcomeRecord.disposition))

    talk = await until(joined)
    assert (talk.rule, talk.agent_id) == (RULE, LI)
    await until(agent_heard)
    with database.transaction() as session:
        place_order(
            session,
            OrderKind.LEAVE,
            LI,
            "李",
            datetime.now(UTC),
            attempt_id=ATTEMPT,
            transfer_id=talk.id,
            payload={"then": "hang_up"},
        )
    assert await until(settled) is not Disposition.ABANDONED
    turns = read(call, ATTEMPT).turns
    first = next(turn for turn in turns if turn.speaker is TurnSpeaker.MENLING)
    assert "自动语音助手" in first.text
    assert TurnSpeaker.AGENT in {turn.speaker for turn in turns}
