"""A console alone lets agents go whose engine is gone, though no engine comes after it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from console.desk_upkeep import desk_kept
from store.database import Database
from store.desk_agents import set_agent_state, sign_in, step_agent
from store.desk_queries import agent
from store.desk_states import AgentStep
from store.desk_types import AgentState, DeviceKind

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LI = 7
NO_SUCH_TRANSFER = 12


@pytest.fixture
def database(sqlite_url: str) -> Database:
    """A desk at which somebody talks about what is there no more."""
    database = Database(sqlite_url)
    with database.transaction() as session:
        sign_in(session, LI, "李", NOON, device_kind=DeviceKind.BROWSER)
        set_agent_state(session, LI, AgentState.READY, NOON)
        step_agent(session, LI, AgentStep.OFFER, NOON, NO_SUCH_TRANSFER)
        step_agent(session, LI, AgentStep.ACCEPT, NOON)
    return database


def test_a_store_that_is_away_for_a_while_is_cleared_once_it_is_back(
    database: Database, tmp_path: Path
) -> None:
    looked = threading.Semaphore(0)

    def clock() -> datetime:
        looked.release()
        return NOON

    def state() -> AgentState:
        with database.reading() as session:
            found = agent(session, LI)
        assert found is not None
        return found.state

    def rename(one: str, other: str) -> None:
        with database.transaction() as session:
            session.execute(sa.text(f"ALTER TABLE {one} RENAME TO {other}"))

    rename("transfers", "away")
    with desk_kept(database, tmp_path, timedelta(milliseconds=5), clock):
        for _ in range(2):
            assert looked.acquire(timeout=60)
        assert state() is AgentState.TALKING
        rename("away", "transfers")
        while looked.acquire(blocking=False):
            pass  # looks that began before
        # The one that has begun may have failed; the one after it is over when a third begins.
        for _ in range(3):
            assert looked.acquire(timeout=60)
        assert state() is AgentState.READY
    database.close()
