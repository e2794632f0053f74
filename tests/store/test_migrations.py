"""What an older Menling wrote is still there, and still pointed to, in the newest schema."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import exc

from store.database import MIGRATIONS, Database
from store.models import OutcomeRecord, WriteBack
from store.types import Outcome

OLD_ROWS = (
    "INSERT INTO campaigns (id, name, flow, language, time_zone, company, callback_number, status,"
    " policy, created_at) VALUES (1, '早班', 'pre-delivery', 'zh-CN', 'Asia/Shanghai', '顺达', '',"
    " 'running', '{}', :at)",
    "INSERT INTO recipients (id, name, phone, extension) VALUES (1, '王', '+8613800138001', '')",
    "INSERT INTO contacts (id, campaign_id, recipient_id, phone, extension, language, time_zone,"
    " status, priority)"
    " VALUES (1, 1, 1, '+8613800138001', '', 'zh-CN', 'Asia/Shanghai', 'done', 0)",
    "INSERT INTO deliveries (id, campaign_id, contact_id, waybill, address, window_start,"
    " window_end, item, merchant, cod_fen, remarks) VALUES (1, 1, 1, 'SD1', '幸福路', :at, :later,"
    " '', '', 0, '')",
    "INSERT INTO outcomes (id, contact_id, disposition, outcome, at, final, new_address, hand_over,"
    " consent_choice, consent_words, needs_person, notes) VALUES (1, 1, 'completed', 'confirmed',"
    " :at, true, '', 'door', '', '', '', :notes)",
    "INSERT INTO write_backs (id, outcome_id, delivery_id, idempotency_key, status, tries,"
    " last_error, created_at) VALUES (1, 1, 1, '1:SD1:1', 'pending', 0, '', :at)",
)

A_TRANSFER = (
    "INSERT INTO attempts (id, contact_id, number, phone, status, claimed_by, claimed_at, cause,"
    " sip_status, answered, ring_seconds, talk_seconds, announcement, machine, flow_version,"
    " recording, error, media) VALUES (1, 1, 1, '+8613800138001', 'dialing', 'engine', :at, '', 0,"
    " false, 0, 0, '', '', '', '', '', '{}')",
    "INSERT INTO transfers (id, attempt_id, engine, rule, label, priority, line, language, brief,"
    " status, requested_at, passed_by, ended_how, form, form_applied) VALUES (1, 1, 'engine',"
    " 'asked', '{}', 5, 'second', 'zh-CN', '{}', 'waiting', :at, '[]', '', '{}', false)",
)
"""Who waits for a person, as the third version of the tables knew it."""


def migrate(connection: sa.Connection, revision: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    (command.downgrade if down else command.upgrade)(config, revision)


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path, now: datetime) -> Iterator[Database]:
    """A database as the first tables left it, with an outcome that waits to be written back."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        administer(server.format(name="postgres"), "CREATE DATABASE old")
        url = server.format(name="old")
    engine = sa.create_engine(driven(url))
    with engine.begin() as connection:
        migrate(connection, "0001")
        times = {"at": now.isoformat(sep=" "), "later": now.replace(year=2027).isoformat(sep=" ")}
        times["notes"] = '{"a": "b"}'
        for statement in OLD_ROWS:
            wanted = {name: value for name, value in times.items() if f":{name}" in statement}
            connection.execute(sa.text(statement), wanted)
    engine.dispose()
    database = Database(url)
    yield database
    database.close()
    if request.param == "postgresql":
        administer(server.format(name="postgres"), "DROP DATABASE old")


def driven(url: str) -> str:
    """Return a URL that names the driver the store uses."""
    return url.replace("postgresql:", "postgresql+psycopg:")


def administer(url: str, statement: str) -> None:
    engine = sa.create_engine(driven(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def test_an_old_outcome_and_what_points_to_it_are_kept(old: Database) -> None:
    old.upgrade()
    with old.transaction() as session:
        entry = session.scalars(sa.select(WriteBack)).one()
        assert entry.outcome.outcome is Outcome.CONFIRMED
        assert dict(entry.outcome.notes) == {"a": "b"}


def test_the_new_words_are_taken_and_others_are_still_refused(old: Database) -> None:
    old.upgrade()
    with old.transaction() as session:
        session.scalars(sa.select(OutcomeRecord)).one().outcome = Outcome.PROBLEM_REPORTED

    def whim() -> None:
        with old.transaction() as session:
            session.execute(sa.text("UPDATE outcomes SET outcome = 'whim'"))

    with pytest.raises(exc.IntegrityError, match="ck_outcomes_outcome"):
        whim()


def test_pointers_are_watched_again_after_the_upgrade(old: Database) -> None:
    old.upgrade()

    def forget_the_outcome() -> None:
        with old.transaction() as session:
            session.execute(sa.text("DELETE FROM outcomes"))

    with pytest.raises(exc.IntegrityError):
        forget_the_outcome()


def test_who_waits_for_a_person_goes_on_waiting_and_may_want_nobody_any_more(
    old: Database, now: datetime
) -> None:
    engine = sa.create_engine(driven(old.url))
    with engine.begin() as connection:
        migrate(connection, "0003")
        for statement in A_TRANSFER:
            connection.execute(sa.text(statement), {"at": now.isoformat(sep=" ")})
    engine.dispose()
    old.upgrade()

    def become(status: str, line: str = "second") -> None:
        with old.transaction() as session:
            changed = sa.text("UPDATE transfers SET status = :status, line = :line WHERE id = 1")
            session.execute(changed, {"status": status, "line": line})

    with old.reading() as session:
        assert session.scalar(sa.text("SELECT status FROM transfers")) == "waiting"
    become("unwanted")
    with pytest.raises(exc.IntegrityError, match="ck_transfers_status"):
        become("whim")
    with pytest.raises(exc.IntegrityError, match="ck_transfers_line"):
        become("waiting", line="third")


def test_the_newest_schema_can_be_taken_back(old: Database) -> None:
    old.upgrade()
    engine = sa.create_engine(driven(old.url))
    with engine.begin() as connection:
        migrate(connection, "0001", down=True)
        assert "tickets" not in sa.inspect(connection).get_table_names()
        assert connection.scalar(sa.text("SELECT count(*) FROM outcomes")) == 1
    engine.dispose()
    old.upgrade()
