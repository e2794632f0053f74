"""A machine dials along where others serve, and leaves when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from dialer.callee.process import CalleeProcess
from store.database import Database
from store.models import Attempt, OutcomeRecord, WriteBack
from store.queries import campaign_named, set_campaign_status
from store.types import CampaignStatus, Outcome, WriteBackStatus

MANIFEST = (
    "运单号,收件人,电话,地址,预约时段\nSD000001,王小明,+8613800138001,幸福路18号,明天 14:00-16:00\n"
)


def test_there_must_be_an_installation(menling, at_home: Path) -> None:
    answer = menling("dial", "--store", f"sqlite:///{at_home / 'nothing.db'}")
    assert answer.status == 1
    assert "There is no Menling in sqlite:///" in answer.complained
    assert "start `menling serve` with it first" in answer.complained


@pytest.mark.parametrize(
    ("version", "told"),
    [("0004", "has the tables of an older Menling; run `menling init` of this version"),
     ("9999", "was written by a newer Menling; upgrade the program on this machine")],
)  # fmt: skip
def test_tables_of_another_version_are_left_alone(
    menling, either_url: str, version: str, told: str
) -> None:
    database = Database(either_url)
    try:
        write_version(database, version)
        answer = menling("dial", "--store", either_url)
        with database.reading() as session:
            assert session.scalar(sa.text("SELECT version_num FROM alembic_version")) == version
    finally:
        write_version(database, database.newest_schema())
        database.close()
    assert answer.status == 1
    assert told in answer.complained


def test_a_server_that_is_not_there_is_named_without_its_password(menling) -> None:
    answer = menling("dial", "--store", "postgresql://menling:geheim@127.0.0.1:1/menling")
    assert answer.status == 1
    assert "No PostgreSQL answers at postgresql+psycopg://menling:***@127.0.0.1:1" in (
        answer.complained
    )
    assert "geheim" not in answer.complained


@pytest.mark.sip
@pytest.mark.vosk
@pytest.mark.tts
@pytest.mark.slow
def test_who_dials_along_calls_people_and_leaves_results_to_those_who_serve(
    menling,
    at_home: Path,
    trunk: CalleeProcess,
    postgresql_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (at_home / "m.csv").write_text(MANIFEST, "utf-8")
    with monkeypatch.context() as served:
        served.setenv("MENLING_STORE__URL", postgresql_url)
        assert menling("import", at_home / "m.csv", "--campaign", "tomorrow").status == 0
    database = Database(postgresql_url)
    with database.transaction() as session:
        facts = campaign_named(session, "tomorrow")
        assert facts is not None
        set_campaign_status(session, facts.id, CampaignStatus.RUNNING, datetime.now(UTC))
    # A session of its own, so that the signal reaches all its processes, as a terminal's does.
    dialling = subprocess.Popen(
        [sys.executable, "-m", "console.cli", "dial", "--store", postgresql_url],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ,
        start_new_session=True,
    )  # fmt: skip
    assert dialling.stdout is not None
    try:
        said = [next(line for line in dialling.stdout if line.startswith("Dialling."))]
        until(lambda: calls(database))
        os.killpg(dialling.pid, signal.SIGINT)
        said += dialling.stdout.readlines()
        assert dialling.wait() == 0
    finally:
        dialling.kill()
        dialling.wait()
        dialling.stdout.close()
    assert not any("Traceback" in line for line in said)
    with database.reading() as session:
        assert session.scalars(sa.select(OutcomeRecord.outcome)).all() == [Outcome.CONFIRMED]
        assert set(session.scalars(sa.select(WriteBack.status))) == {WriteBackStatus.PENDING}
    database.close()
    assert not (at_home / "data" / "results").exists()


def calls(database: Database) -> bool:
    """Say whether anybody was called."""
    with database.reading() as session:
        return (
            session.scalar(sa.select(Attempt.id).where(Attempt.dialed_at.is_not(None))) is not None
        )


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; the time limit of the whole run is the only one."""
    while not holds():
        time.sleep(0.05)


def write_version(database: Database, version: str) -> None:
    """Let the tables be those of a version."""
    with database.transaction() as session:
        session.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version})
