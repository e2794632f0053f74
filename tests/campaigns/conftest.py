"""What tests of campaigns share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from store.database import Database
from store.queries import create_campaign, set_campaign_status
from store.types import CampaignStatus


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """An empty SQLite database with the newest schema."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def campaign(database: Database, now: datetime) -> int:
    """A running campaign without contacts."""
    with database.transaction() as session:
        facts = create_campaign(
            session, name="早班", flow="pre-delivery", company="顺达快递", now=now
        )
        set_campaign_status(session, facts.id, CampaignStatus.RUNNING, now)
    return facts.id
