"""What tests of campaigns share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from store.database import Database
from store.queries import create_campaign, set_campaign_status
from store.types import CampaignStatus

ON_BOTH = frozenset(
    {
        "test_attempt", "test_books", "test_consequences", "test_explaining", "test_importer",
        "test_messages_go_out", "test_write_back",
    }
)  # fmt: skip
"""Tests of what claims, counts or writes much: they run on both kinds of store."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let tests that lean on the store run on each kind of it."""
    if "store_kind" in metafunc.fixturenames and metafunc.module.__name__.split(".")[-1] in ON_BOTH:
        metafunc.parametrize("store_kind", ["sqlite", "postgresql"])


@pytest.fixture
def store_kind() -> str:
    """On which kind of store a test runs."""
    return "sqlite"


@pytest.fixture
def database(request: pytest.FixtureRequest, store_kind: str) -> Iterator[Database]:
    """An empty database with the newest schema."""
    database = Database(request.getfixturevalue(f"{store_kind}_url"))
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
