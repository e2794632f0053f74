"""What one process writes, others hear of as soon as it is committed, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, Queue

import pytest
import sqlalchemy as sa

from store.database import Database
from store.wake_ups import Listener, Topic, wake

PATIENCE = 60


@pytest.fixture
def heard() -> Queue[Topic]:
    return Queue()


@pytest.fixture
def listener(database: Database, heard: Queue[Topic]) -> Iterator[Listener]:
    listener = Listener(database, heard.put)
    listener.start()
    if database.is_server:
        assert {heard.get(timeout=PATIENCE) for _ in Topic} == set(Topic)
    yield listener
    listener.stop()


@pytest.mark.usefixtures("listener")
def test_what_is_committed_is_heard_once_and_what_is_rolled_back_never(
    database: Database, heard: Queue[Topic]
) -> None:
    def fails() -> None:
        with database.transaction() as session:
            wake(session, Topic.SUPPRESSIONS)
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    with database.transaction() as session:
        wake(session, Topic.CAMPAIGNS)
        wake(session, Topic.CAMPAIGNS)
    with database.transaction() as session:
        wake(session, Topic.CONTACTS)
    if not database.is_server:
        with pytest.raises(Empty):
            heard.get_nowait()
        return
    assert heard.get(timeout=PATIENCE) is Topic.CAMPAIGNS
    assert heard.get(timeout=PATIENCE) is Topic.CONTACTS


def test_a_listener_that_lost_its_connection_says_all_and_listens_again(
    postgresql_url: str, heard: Queue[Topic]
) -> None:
    database = Database(postgresql_url)
    listener = Listener(database, heard.put)
    listener.start()
    assert {heard.get(timeout=PATIENCE) for _ in Topic} == set(Topic)
    with database.transaction() as session:
        ended = session.scalars(
            sa.text(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%'"
            )
        ).all()
    assert ended == [True]
    assert {heard.get(timeout=PATIENCE) for _ in Topic} == set(Topic)
    with database.transaction() as session:
        wake(session, Topic.SUPPRESSIONS)
    assert heard.get(timeout=PATIENCE) is Topic.SUPPRESSIONS
    listener.stop()
    listener.stop()
    database.close()
