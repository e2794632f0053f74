"""One of all engines leads, and nobody writes as a leader who was put off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from store.database import Database
from store.leadership import LEASE, Leadership, NotLeadingError, leader

OFFICE = "chores"

Put = Callable[[Leadership, datetime], datetime]


@pytest.fixture
def seeks(database: Database) -> Iterator[Callable[[str], Leadership]]:
    """Makes engines that seek the office, each with a store of its own."""
    stores: list[Database] = []
    offices: list[Leadership] = []

    def made(engine: str) -> Leadership:
        store, *_ = database.__reduce__()[1]
        stores.append(Database(store))
        offices.append(Leadership(stores[-1], OFFICE, engine))
        return offices[-1]

    yield made
    for office in offices:
        office.leave(datetime.now().astimezone())
    for each in stores:
        each.close()


@pytest.fixture
def put_off(database: Database) -> Put:
    """Lets the system believe that whoever leads is gone; returns when that is noticed."""

    def ended(office: Leadership, now: datetime) -> datetime:
        if not database.is_server:
            return now + LEASE
        with database.transaction() as session:
            session.execute(
                sa.text(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks"
                    " WHERE locktype = 'advisory' AND objsubid = 2 AND granted"
                )
            )
        return now

    return ended


Seeks = Callable[[str], Leadership]


def holder_of(database: Database) -> str:
    with database.reading() as session:
        return leader(session, OFFICE)


def test_whoever_comes_first_leads_and_stays(
    database: Database, seeks: Seeks, now: datetime
) -> None:
    first, second = seeks("a"), seeks("b")
    assert first.seek(now)
    assert not second.seek(now)
    assert first.seek(now + LEASE * 0.75)
    assert not second.seek(now + LEASE * 1.5)
    assert (first.leads, second.leads) == (True, False)
    assert holder_of(database) == "a"


def test_two_offices_may_be_held_by_two(database: Database, seeks: Seeks, now: datetime) -> None:
    assert seeks("a").seek(now)
    other = Leadership(database, "write-back", "b")
    assert other.seek(now)
    other.leave(now)


def test_an_office_that_is_given_back_is_taken_at_once(
    database: Database, seeks: Seeks, now: datetime
) -> None:
    first, second = seeks("a"), seeks("b")
    assert first.seek(now)
    first.leave(now)
    assert not first.leads
    assert holder_of(database) == ""
    assert second.seek(now)
    assert holder_of(database) == "b"


def test_what_is_no_more_the_leaders_is_not_written(
    database: Database, seeks: Seeks, put_off: Put, now: datetime
) -> None:
    first, second = seeks("a"), seeks("b")
    assert first.seek(now)
    later = put_off(first, now)
    assert second.seek(later)
    with pytest.raises(NotLeadingError), first.acting(later):
        pytest.fail("two act as leaders")
    assert not first.leads
    assert not first.seek(later)
    with second.acting(later) as session:
        assert leader(session, OFFICE) == "b"


def test_a_leader_who_was_put_off_while_nobody_else_sought_the_office_leads_again(
    seeks: Seeks, put_off: Put, now: datetime
) -> None:
    first = seeks("a")
    assert first.seek(now)
    later = put_off(first, now)
    assert first.seek(later)
    with first.acting(later) as session:
        assert leader(session, OFFICE) == "a"


def test_nobody_takes_over_from_whoever_is_at_work(
    database: Database, seeks: Seeks, now: datetime
) -> None:
    first, second = seeks("a"), seeks("b")
    assert first.seek(now)
    with first.acting(now + LEASE * 0.9):
        pass
    assert not second.seek(now + LEASE * 1.1)


def test_who_never_sought_the_office_can_not_act(seeks: Seeks, now: datetime) -> None:
    with pytest.raises(NotLeadingError), seeks("a").acting(now):
        pytest.fail("nobody leads")


def test_an_office_from_the_future_is_free_once_the_clock_was_set_back(
    database: Database, seeks: Seeks, now: datetime
) -> None:
    first, second = seeks("a"), seeks("b")
    assert first.seek(now + timedelta(days=1))
    if database.is_server:
        assert not second.seek(now), "the connection counts there, not the clock"
    else:
        assert second.seek(now)
