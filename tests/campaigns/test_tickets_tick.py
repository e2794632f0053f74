"""While a campaign runs, tickets climb by themselves, and the operator hears of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.engine import Beat, Engine
from campaigns.events import Trouble
from campaigns.rehearsed import RehearsedCallers, invent_campaign
from campaigns.settings import Settings
from campaigns.settings_calling import CallingSettings
from campaigns.settings_sections import CampaignSettings, PathSettings, TrunkSettings
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_rules import ticket_rules_of
from store.database import Database
from store.ticket_queries import ticket

BEAT = Beat(
    place=timedelta(milliseconds=20),
    reconcile=timedelta(milliseconds=50),
    write_back=timedelta(milliseconds=50),
    chores=timedelta(milliseconds=20),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        trunk=TrunkSettings(host="127.0.0.1", calls_per_second=25, options_ping_seconds=0),
        calling=CallingSettings(jurisdiction="none"),
        campaign=CampaignSettings(calling_window="00:00-24:00"),
        paths=PathSettings(data_dir=tmp_path / "data"),
    )


def test_a_late_ticket_goes_to_the_next_line_and_is_said_once(
    database: Database, settings: Settings
) -> None:
    rules = ticket_rules_of(settings)
    long_ago = datetime.now(UTC) - timedelta(days=2)
    with database.transaction() as session:
        campaign = invent_campaign(session, datetime.now(UTC), people=1)
        number = open_ticket(session, rules, Complaint("late"), "call 1", long_ago).number
    engine = Engine(database, RehearsedCallers(), settings, beat=BEAT)
    heard: list[str] = []

    async def work() -> None:
        async def listen() -> None:
            async for event in engine.events:
                if isinstance(event, Trouble) and number in event.text:
                    heard.append(event.text)
                    engine.stop()

        listening = asyncio.create_task(listen())
        await engine.run(campaign, until_idle=False)
        await listening

    asyncio.run(asyncio.wait_for(work(), 60))
    assert heard == [f"Ticket {number} is late and went to the next line."]
    with database.reading() as session:
        assert ticket(session, number).level == 1
