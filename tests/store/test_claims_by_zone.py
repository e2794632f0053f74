"""Where it is night nobody is looked at, however many wait there; plans need no figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.candidate_queries import campaign_to_call, next_in_turn, waiting_time_zones
from store.candidate_statements import statements
from store.database import Database
from store.models import Contact
from store.queries import create_campaign, set_campaign_status
from store.types import CampaignStatus, ContactStatus

AddContact = Callable[..., None]
EAST, WEST, NOWHERE = "Asia/Shanghai", "Asia/Urumqi", "America/New_York"


@pytest.fixture
def campaign(database: Database, now: datetime, add_contact: AddContact) -> int:
    """Nine people: odd numbers live in the east, even ones in the west."""
    with database.transaction() as session:
        made = create_campaign(session, name="早班", flow="pre-delivery", company="顺达", now=now)
        set_campaign_status(session, made.id, CampaignStatus.RUNNING, now)
        for number in range(1, 10):
            add_contact(session, made.id, number)
        session.flush()
        session.execute(sa.update(Contact).where(Contact.id % 2 == 0).values(time_zone=WEST))
    return made.id


def change(database: Database, contact_id: int, **columns: object) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Contact).where(Contact.id == contact_id).values(**columns))


def turn(session: Session, campaign: int, now: datetime, at_most: int, *zones: str) -> list[int]:
    rows = next_in_turn(session, campaign, now, at_most, time_zones=zones or None)
    return [row.id for row in rows]


def test_people_of_all_zones_come_in_one_order(
    database: Database, campaign: int, now: datetime
) -> None:
    for number, minutes in ((8, 3), (7, 2), (4, 1)):
        change(database, number, next_call_at=now - timedelta(minutes=minutes))
    change(database, 9, priority=1)
    with database.transaction() as session:
        assert turn(session, campaign, now, 20) == [9, 8, 7, 4, 1, 2, 3, 5, 6]
        assert turn(session, campaign, now, 5) == [9, 8, 7, 4, 1]
        assert turn(session, campaign, now, 20, WEST) == [8, 4, 2, 6]
        assert turn(session, campaign, now, 20, NOWHERE) == []


def test_zones_are_those_in_which_somebody_waits(
    database: Database, campaign: int, now: datetime
) -> None:
    for number in (2, 4, 6):
        change(database, number, status=ContactStatus.DONE)
    change(database, 8, next_call_at=now)
    change(database, 1, time_zone=NOWHERE)
    with database.reading() as session:
        assert waiting_time_zones(session, campaign) == {EAST, WEST, NOWHERE}
        assert waiting_time_zones(session, campaign + 1) == frozenset()
    change(database, 8, status=ContactStatus.CLOSED)
    with database.reading() as session:
        assert waiting_time_zones(session, campaign) == {EAST, NOWHERE}


@pytest.mark.parametrize("question", ["levels", "put_off", "fresh", "facts"])
def test_a_store_that_knows_no_figures_of_its_tables_asks_indexes_nevertheless(
    database: Database, campaign: int, now: datetime, question: str
) -> None:
    """Nor does it sort: both take as long as there are rows."""
    plan: list[str] = []
    with database.transaction() as session:
        assert campaign_to_call(session, campaign) is not None
        connection = session.connection()
        dialect = connection.dialect.name
        explain = "EXPLAIN QUERY PLAN" if dialect == "sqlite" else "EXPLAIN"
        several = "[1, 2]" if dialect == "sqlite" else [1, 2]
        asked = {
            "campaign": campaign, "below": 9, "zone": EAST, "taken": several, "at_most": 5,
            "priority": 0, "now": now, "contacts": several, "but": 0, "since": now,
        }  # fmt: skip
        statement = getattr(statements(dialect), question)

        @sa.event.listens_for(connection, "before_cursor_execute", retval=True)
        def explained(
            _connection: object, _cursor: object, text: str, given: object, *_others: object
        ) -> tuple[str, object]:
            return f"{explain} {text}", given

        plan = [str(row) for row in connection.execute(statement, asked).all()]
    told = "\n".join(plan)
    assert "ix_contacts" in told or "pk_contacts" in told or "PRIMARY KEY" in told
    for slow in ("Seq Scan on contacts", "Seq Scan on attempts", "SCAN contacts", "SCAN attempts"):
        assert slow not in told
    assert "Sort" not in told
    assert "TEMP B-TREE" not in told
