"""`menling forget` and `menling retain`: a person asks to be forgotten, and time passes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli import app
from store.audit_queries import audit_entries
from store.claims import claim_next
from store.database import Database
from store.people_values import AuditFilter
from store.queries import campaign_named, set_campaign_status
from store.traces import people_at
from store.types import CampaignStatus

PHONE = "+8613800138001"
SHEET = """运单号,收件人,电话,地址,预约时段
SD0001,王小安,13800138001,上海市浦东新区幸福路18号,{day} 14:00-16:00
SD0002,张伟,13800138003,上海市浦东新区幸福路20号,{day} 14:00-16:00
"""


@pytest.fixture
def store(menling, at_home: Path, sqlite_template: Path) -> Iterator[Database]:
    """A store into which the parcels of two people were imported."""
    (at_home / "data").mkdir()
    shutil.copy(sqlite_template, at_home / "data" / "menling.db")
    day = (datetime.now(UTC) + timedelta(days=2)).date()
    Path("m.csv").write_text(SHEET.format(day=day), "utf-8")
    assert menling("import", "m.csv", "--campaign", "早班").status == 0
    database = Database(f"sqlite:///{at_home / 'data' / 'menling.db'}")
    yield database
    database.close()


def known(database: Database, phone: str = PHONE) -> int:
    with database.reading() as session:
        return len(people_at(session, phone))


def test_a_person_is_forgotten_by_number_and_nobody_else(menling, store) -> None:
    answer = menling("forget", "138 0013 8001", "--yes")
    assert answer.status == 0
    assert "1 recipient(s), 1 contact(s), 1 parcel(s), 0 call(s)" in answer.said.replace("\n", " ")
    assert (known(store), known(store, "+8613800138003")) == (0, 1)
    with store.reading() as session:
        (entry,) = audit_entries(session, AuditFilter(action="person_forgotten"))
    assert (entry.user_id, entry.kind, entry.subject) == (None, "recipient", "1")
    assert entry.details == {"contacts": "1", "calls": "0", "evidence": "False"}


def test_a_person_is_forgotten_by_contact(menling, store) -> None:
    assert menling("forget", "--contact", "1", "--yes").status == 0
    assert known(store) == 0
    again = menling("forget", "--contact", "1", "--yes")
    assert again.status == 0
    assert "forgotten before" in again.said


def test_it_asks_first_and_a_no_changes_nothing(store) -> None:
    refused = CliRunner().invoke(app, ["forget", PHONE], input="n\n")
    assert refused.exit_code == 1
    assert known(store) == 1
    agreed = CliRunner().invoke(app, ["forget", PHONE], input="y\n")
    assert agreed.exit_code == 0
    assert known(store) == 0


def test_a_dry_run_shows_what_there_is_and_changes_nothing(menling, store) -> None:
    answer = menling("forget", PHONE, "--dry-run")
    assert answer.status == 0
    assert "1 manifest(s)" in answer.said.replace("\n", " ")
    assert known(store) == 1


def test_what_can_not_be_meant_is_told(menling, store) -> None:
    for arguments, told in (
        ((), "Name a number or --contact"),
        ((PHONE, "--contact", "1"), "not both"),
        (("hello",), "no telephone number"),
        (("13900139000",), "nothing to forget"),
        (("--contact", "99"), "no contact 99"),
    ):
        answer = menling("forget", *arguments, "--yes")
        assert answer.status == 1
        assert told in answer.complained.replace("\n", " ")


def test_nobody_is_forgotten_while_being_called(menling, store) -> None:
    now = datetime.now(UTC)
    with store.transaction() as session:
        campaign = campaign_named(session, "早班")
        assert campaign is not None
        set_campaign_status(session, campaign.id, CampaignStatus.RUNNING, now)
        assert claim_next(session, campaign.id, now, claimed_by="engine") is not None
    answer = menling("forget", PHONE, "--yes")
    assert answer.status == 1
    assert "wait until the call is over" in answer.complained.replace("\n", " ")
    assert "being called" in menling("forget", PHONE, "--dry-run").said.replace("\n", " ")
    assert known(store) == 1


def test_what_could_not_be_erased_is_told_and_tried_again(menling, store, at_home) -> None:
    stuck = at_home / "data" / "recordings" / "9.wav"
    stuck.mkdir(parents=True)
    os.utime(stuck, (0, 0))
    answer = menling("retain")
    assert answer.status == 1
    assert "9.wav" in answer.complained.replace("\n", "")
    stuck.rmdir()
    assert menling("retain").status == 0


def test_old_recordings_go_and_a_dry_run_leaves_them(menling, store, at_home) -> None:
    old = at_home / "data" / "recordings" / "9.wav"
    old.parent.mkdir(parents=True, exist_ok=True)
    old.write_bytes(b"RIFF")
    os.utime(old, (0, 0))
    shown = menling("retain", "--dry-run")
    assert "recordings: kept 180 days" in shown.said
    assert "1 sound files" in shown.said
    assert old.exists()
    assert "1 recording(s)" in menling("retain").said
    assert not old.exists()
