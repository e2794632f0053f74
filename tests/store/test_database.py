"""The database itself: schema, laws, errors that say what to do."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import exc

from store.database import Database
from store.errors import StoreError
from store.models import Base, Campaign, Contact, Suppression
from store.types import SuppressionReason

PHONE = "+8613800138001"
OURS = f"phone {PHONE}"


def a_suppression(phone: str, at: datetime) -> Suppression:
    return Suppression(phone=phone, reason=SuppressionReason.OPERATOR, at=at)


def test_the_migrations_build_exactly_the_models(database: Database) -> None:
    with database.reading() as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_again_keeps_what_is_there(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        session.add(a_suppression("+8613800138001", now))
    database.upgrade()
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Suppression.id))) == 1


def test_what_happens_before_an_error_is_undone(database: Database, now: datetime) -> None:
    def fails_midway() -> None:
        with database.transaction() as session:
            session.add(a_suppression("+8613800138001", now))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        fails_midway()
    with database.reading() as session:
        assert session.scalars(sa.select(Suppression)).all() == []


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001 - the very thing that must be refused

    def write() -> None:
        with database.transaction() as session:
            session.add(a_suppression("+8613800138001", naive))

    with pytest.raises(exc.StatementError, match="aware datetime"):
        write()


def test_a_time_comes_back_as_the_same_instant_in_utc(database: Database) -> None:
    china = timezone(timedelta(hours=8))
    with database.transaction() as session:
        session.add(a_suppression("+8613800138001", datetime(2026, 11, 21, 12, 0, tzinfo=china)))
    with database.reading() as session:
        at = session.scalars(sa.select(Suppression.at)).one()
    assert at == datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
    assert at.utcoffset() == timedelta(0)


def test_an_unknown_word_is_refused_by_the_schema(database: Database, now: datetime) -> None:
    statement = sa.text(
        "INSERT INTO suppressions (phone, reason, at, source) VALUES ('+861', 'whim', :at, '')"
    )

    def write() -> None:
        with database.transaction() as session:
            session.execute(statement, {"at": now.isoformat()})

    with pytest.raises(exc.IntegrityError, match="ck_suppressions_reason"):
        write()


def test_a_contact_needs_its_campaign_and_the_error_does_not_quote_it(database: Database) -> None:
    def write() -> None:
        with database.transaction() as session:
            session.add(
                Contact(
                    campaign_id=7,
                    recipient_id=7,
                    phone="+8613800138001",
                    language="zh-CN",
                    time_zone="Asia/Shanghai",
                )
            )

    with pytest.raises(exc.IntegrityError) as caught:
        write()
    assert "13800138001" not in str(caught.value)


@pytest.mark.parametrize("into_a_number", [False, True])
def test_no_error_quotes_what_was_to_be_stored(
    database: Database, now: datetime, into_a_number: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def write() -> None:
        with database.transaction() as session:
            session.add(a_suppression(PHONE, now))
            session.flush()
            if into_a_number:
                # SQLite takes it; PostgreSQL says which words are no number.
                number = sa.text("SELECT CAST(CAST(:said AS TEXT) AS INTEGER)")
                session.execute(number, {"said": OURS})
            session.add(a_suppression(PHONE, now))

    with pytest.raises((exc.IntegrityError, StoreError)) as caught:
        write()
    logging.getLogger("tests").error("it failed", exc_info=caught.value)
    assert "00138001" not in caplog.text  # with the lines of this test, which name no number
    assert "00138001" not in f"{caught.value} {caught.value.__cause__}"


def test_nothing_can_be_written_while_reading(database: Database, now: datetime) -> None:
    def write() -> None:
        with database.reading() as session:
            session.add(a_suppression("+8613800138001", now))
            session.flush()

    with pytest.raises(StoreError, match="read-only"):
        write()
    with database.transaction() as session:
        session.add(a_suppression("+8613800138001", now))


def test_a_reader_does_not_wait_for_a_writer(database: Database, now: datetime) -> None:
    with database.transaction() as writer:
        writer.add(a_suppression("+8613800138001", now))
        writer.flush()
        with database.reading() as reader:
            assert reader.scalars(sa.select(Suppression)).all() == []


def test_a_full_disk_says_so_and_keeps_what_was_saved(tmp_path: Path, now: datetime) -> None:
    database = Database(f"sqlite:///{tmp_path / 'menling.db'}")
    database.upgrade()
    with database.transaction() as session:
        session.add(a_suppression("+8613800138001", now))

    def fill() -> None:
        with database.transaction() as session:
            # SQLite's own limit on pages behaves as a disk without room does.
            session.execute(sa.text("PRAGMA max_page_count = 1"))
            for number in range(3000):
                session.add(a_suppression(f"+86{number:011}", now))

    with pytest.raises(StoreError, match=r"full; free some space"):
        fill()
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Suppression.id))) == 1
    database.close()


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'nowhere' / 'menling.db'}")
    with pytest.raises(StoreError, match="create its folder"):
        database.upgrade()


def test_an_empty_database_asks_for_init(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'menling.db'}")

    def read() -> None:
        with database.reading() as session:
            session.scalars(sa.select(Campaign)).all()

    with pytest.raises(StoreError, match="menling init"):
        read()
    database.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "menling.db"
    path.write_bytes(b"this is a letter, not a database\n" * 100)
    database = Database(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="damaged or no database"):
        database.upgrade()
    database.close()


def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'menling.db'}")
    database.upgrade()
    with database.transaction() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer Menling"):
        database.upgrade()
    database.close()


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    database = Database(f"postgresql://menling:secret@/menling?host={tmp_path}")
    with pytest.raises(StoreError, match="No PostgreSQL answers") as caught:
        database.upgrade()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["menling.db", "oracle9://menling"])
def test_a_url_that_names_no_database_says_how_to_write_one(url: str) -> None:
    with pytest.raises(StoreError, match=r"sqlite:///menling\.db"):
        Database(url)
