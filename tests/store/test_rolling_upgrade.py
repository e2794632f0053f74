"""The tables are brought up to date while the program of the version before is at work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.orm import Session

from store.claims import claim_next
from store.database import MIGRATIONS, Database
from store.models import Contact, OutcomeRecord
from store.queries import campaign
from store.suppression import is_suppressed
from store.types import ContactStatus

PEOPLE = 400
AT = "2026-11-21 04:00:00+00:00"

CAMPAIGN = (
    "INSERT INTO campaigns (id, name, flow, language, time_zone, company, callback_number, status,"
    f" policy, created_at) VALUES (1, '早班', 'pre-delivery', 'zh-CN', 'Asia/Shanghai', '顺达', '',"
    f" 'running', '{{}}', '{AT}')",
)
PERSON = (
    "INSERT INTO recipients (id, name, phone, extension) VALUES (:n, '王', :phone, '')",
    "INSERT INTO contacts (id, campaign_id, recipient_id, phone, extension, language, time_zone,"
    " status, priority) VALUES (:n, 1, :n, :phone, '', 'zh-CN', 'Asia/Shanghai', 'waiting', 0)",
    "INSERT INTO deliveries (id, campaign_id, contact_id, waybill, address, item, merchant,"
    " cod_fen, remarks, facts) VALUES (:n, 1, :n, :waybill, '幸福路', '', '', 0, '', '{}')",
)
CLAIM = (
    "INSERT INTO attempts (contact_id, number, phone, status, claimed_by, claimed_at, cause,"
    " sip_status, answered, ring_seconds, talk_seconds, announcement, machine, flow_version,"
    " recording, error, media) VALUES (:n, 1, :phone, 'claimed', 'engine', :at, '', 0, false, 0, 0,"
    " '', '', '', '', '', '{}')",
    "UPDATE contacts SET status = 'in_call' WHERE id = :n",
)
DIAL = ("UPDATE attempts SET status = 'dialing', dialed_at = :at WHERE contact_id = :n",)
SETTLE = (
    "UPDATE attempts SET status = 'settled', settled_at = :at WHERE contact_id = :n",
    "UPDATE contacts SET status = 'done' WHERE id = :n",
    "INSERT INTO outcomes (contact_id, attempt_id, disposition, outcome, at, final, new_address,"
    " hand_over, consent_choice, consent_words, needs_person, notes, answers) SELECT :n, id,"
    " 'completed', 'confirmed', :at, true, '', '', '', '', '', '{}', '{}' FROM attempts"
    " WHERE contact_id = :n",
    "INSERT INTO write_backs (outcome_id, delivery_id, idempotency_key, status, tries, last_error,"
    " created_at) SELECT id, :n, :waybill, 'pending', 0, '', :at FROM outcomes"
    " WHERE contact_id = :n",
)
UNWANTED = (
    "INSERT INTO suppressions (phone, reason, at, source) VALUES (:phone, 'opted_out', :at, '')",
)
IMPORT = (
    "INSERT INTO manifests (campaign_id, file_name, content_hash, format, imported_at, import_day,"
    " content) VALUES (1, 'm.csv', :waybill, 'csv', :at, '2026-11-21', :content)",
)
STEPS = (CLAIM, DIAL, SETTLE, UNWANTED, IMPORT)
"""What the program of the version before writes, a transaction each."""


@pytest.fixture
def old(request: pytest.FixtureRequest, either: str, tmp_path: Path) -> Iterator[Database]:
    """A database of the version before, with people to call."""
    if either == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        server = request.getfixturevalue("postgresql")
        administer(server.format(name="postgres"), "CREATE DATABASE rolling")
        url = server.format(name="rolling")
    database = Database(url)
    engine = sa.create_engine(driven(url))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
    engine.dispose()
    with database.transaction() as session:
        for statement in CAMPAIGN:
            session.execute(sa.text(statement))
        for number in range(1, PEOPLE + 1):
            write(session, PERSON, number)
    yield database
    database.close()
    if either != "sqlite":
        administer(server.format(name="postgres"), "DROP DATABASE rolling WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return str(request.param)


class OldProgram(threading.Thread):
    """Calls one person after the other with the statements of the version before."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._over = threading.Event()
        self.at_work = threading.Event()
        self.called = 0
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            while not self._over.is_set() and self.called < PEOPLE - 20:
                self.call(self.called + 1)
                self.at_work.set()
        except Exception as error:  # whatever it is, the test tells
            self.fault = error
            self.at_work.set()

    def call(self, number: int) -> None:
        for step in STEPS:
            with self._database.transaction() as session:
                write(session, step, number)
        self.called = number

    def stop(self) -> None:
        self._over.set()
        self.join()


def test_the_version_before_goes_on_before_during_and_after_an_upgrade(
    old: Database, now: datetime
) -> None:
    program = OldProgram(old)
    program.call(1)
    program.start()
    program.at_work.wait()
    old.upgrade()
    before = program.called
    program.stop()
    assert program.fault is None
    assert 1 < before < PEOPLE - 20, "it was at work when the tables changed"
    program.call(program.called + 1)
    with old.reading() as session:
        assert session.scalar(sa.select(sa.func.count(OutcomeRecord.id))) == program.called
        assert is_suppressed(session, phone(program.called))
        assert campaign(session, 1).name == "早班"
    with old.transaction() as session:
        call = claim_next(session, 1, now, claimed_by="new")
        assert call is not None
        assert call.contact_id == program.called + 1


@pytest.mark.parametrize("either", ["postgresql"], indirect=True)
def test_a_migration_steps_back_from_a_table_that_somebody_holds(old: Database) -> None:
    program = OldProgram(old)
    upgrading = threading.Thread(target=old.upgrade)
    with old.transaction() as held:
        write(held, CLAIM, 1)
        upgrading.start()
        # Whoever asks after the migration waits until it steps back, and no longer.
        for number in range(2, 4):
            program.call(number)
        assert upgrading.is_alive()
    upgrading.join()
    old.check_schema()
    with old.reading() as session:
        assert session.get_one(Contact, 1).status is ContactStatus.IN_CALL


def write(session: Session, statements: tuple[str, ...], number: int) -> None:
    known = {
        "n": number,
        "phone": phone(number),
        "waybill": f"SD{number}",
        "at": AT,
        "content": b"x",
    }
    for statement in statements:
        wanted = {name: value for name, value in known.items() if f":{name}" in statement}
        session.execute(sa.text(statement), wanted)


def phone(number: int) -> str:
    return f"+86138{number:08}"


def driven(url: str) -> str:
    return url.replace("postgresql:", "postgresql+psycopg:")


def administer(url: str, statement: str) -> None:
    engine = sa.create_engine(driven(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()
