"""Who can't be called in time is told otherwise while there is still time for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.chores import Chore, Chores
from campaigns.rehearsed import invent_campaign
from campaigns.settings import Settings
from campaigns.settings_sections import PathSettings
from campaigns.too_late import close_too_late
from store.database import Database
from store.queries import progress, set_campaign_status
from store.types import CampaignStatus, ContactStatus, Outcome

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""In Shanghai; the parcels of those who are invented come tomorrow from 12 to 14."""
EVENING = NOON + timedelta(hours=9)


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    opened = Database(either_url)
    yield opened
    opened.close()


def closed_at(database: Database, folder: Path, now: datetime, window: str, people: int) -> int:
    """Let the leader look once; return how many of the invented people it closed."""
    with database.transaction() as session:
        campaign = invent_campaign(session, NOON, people, policy={"calling_window": window})
        set_campaign_status(session, campaign, CampaignStatus.RUNNING, NOON)
    closed: list[int] = []

    async def work() -> None:
        settings = Settings(paths=PathSettings(data_dir=folder))
        chore = Chore(
            "late",
            timedelta(minutes=1),
            lambda duty: closed.append(close_too_late(duty, lambda _: None)),
        )
        engine = Chores(database, settings, "a", (chore,), lambda _: None, clock=lambda: now)
        assert await engine.do(chore)
        await engine.leave()

    asyncio.run(work())
    with database.reading() as session:
        told = progress(session, campaign)
    assert told.contacts[ContactStatus.CLOSED] == closed[0]
    assert told.outcomes.get(Outcome.EXPIRED, 0) == closed[0]
    return closed[0]


def test_in_the_evening_those_are_closed_for_whom_tomorrow_is_too_late(
    database: Database, tmp_path: Path
) -> None:
    assert closed_at(database, tmp_path, EVENING, "15:00-18:00", 60) == 60


def test_who_can_still_be_called_in_the_morning_waits(database: Database, tmp_path: Path) -> None:
    assert closed_at(database, tmp_path, EVENING, "09:00-18:00", 3) == 0


def test_nobody_is_closed_while_telephones_may_ring(database: Database, tmp_path: Path) -> None:
    assert closed_at(database, tmp_path, NOON + timedelta(hours=8), "20:00-21:00", 3) == 0
