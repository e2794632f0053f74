"""A watched folder: files at rest are imported once and come to rest beside a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.incoming.folder import FolderWatch
from campaigns.settings import Settings
from campaigns.settings_incoming import FolderManifest, IncomingSettings
from store.database import Database
from store.models import Delivery
from store.queries import campaign_named
from store.types import CampaignStatus

HEADER = "运单号,收件人,电话,地址,预约时段\n"
GOOD = "SD0001,王小明,13800138001,幸福路1号,2026-11-22 14:00-16:00\n"
BAD = "SD0002,李秀英,12,平安街22号,2026-11-22 14:00-16:00\n"
Duties = Callable[..., Any]


@pytest.fixture
def either_url(sqlite_url: str) -> str:
    """What is asked of the store here is asked of both kinds by the tests of the importer."""
    return sqlite_url


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(settings: Settings, inbox: Path) -> Settings:
    rules = (FolderManifest(pattern="*.csv", campaign="明天", start=True),)
    return settings.model_copy(update={"incoming": IncomingSettings(folder=inbox, manifests=rules)})


def lying(folder: Path) -> list[str]:
    return sorted(each.name.partition("-")[2] for each in folder.iterdir())


def parcels(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Delivery)) or 0


def test_a_file_is_imported_once_it_looks_the_same_twice(
    database: Database, duty: Duties, inbox: Path, now: datetime, told: list[str]
) -> None:
    watch, file = FolderWatch(), inbox / "a.csv"
    file.write_text(HEADER + GOOD, encoding="utf-8")
    assert watch.look(duty(now)) == 0
    file.write_text(HEADER + GOOD + BAD, encoding="utf-8")
    assert watch.look(duty(now)) == 0
    assert watch.look(duty(now)) == 1
    assert parcels(database) == 1
    assert lying(inbox / "done") == ["a.csv", "a.csv.report.csv"]
    (report,) = (inbox / "done").glob("*.report.csv")
    text = report.read_text(encoding="utf-8-sig")
    assert "2 rows: 1 new" in text
    assert "没有这样的电话号码" in text or "不是电话号码" in text
    with database.reading() as session:
        campaign = campaign_named(session, "明天")
    assert campaign is not None
    assert campaign.status is CampaignStatus.RUNNING
    assert "1 new" in told[-1]


def test_what_others_still_write_and_what_no_pattern_names_stays_where_it_is(
    duty: Duties, inbox: Path, now: datetime
) -> None:
    watch = FolderWatch()
    for name in ("a.csv.part", ".a.csv", "notes.txt"):
        (inbox / name).write_text(HEADER + GOOD, encoding="utf-8")
    assert [watch.look(duty(now)) for _ in range(3)] == [0, 0, 0]
    assert (inbox / "notes.txt").exists()


def test_a_file_that_cannot_be_used_comes_to_rest_with_the_reason(
    duty: Duties, inbox: Path, now: datetime
) -> None:
    watch = FolderWatch()
    (inbox / "b.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert [watch.look(duty(now)) for _ in range(2)] == [0, 1]
    assert lying(inbox / "failed") == ["b.csv", "b.csv.report.csv"]
    (report,) = (inbox / "failed").glob("*.report.csv")
    assert "缺少这些列" in report.read_text(encoding="utf-8-sig")


def test_a_file_that_a_dead_engine_had_taken_is_gone_on_with(
    database: Database, duty: Duties, inbox: Path, now: datetime
) -> None:
    (inbox / "work").mkdir()
    (inbox / "work" / "20261121T035900-a.csv").write_text(HEADER + GOOD, encoding="utf-8")
    assert FolderWatch().look(duty(now)) == 1
    (inbox / "work" / "20261121T035900-a.csv").write_text(HEADER + GOOD, encoding="utf-8")
    assert FolderWatch().look(duty(now)) == 1
    assert parcels(database) == 1
    (report,) = (inbox / "done").glob("*.report.csv")
    assert "1 new" in report.read_text(encoding="utf-8-sig")


def test_the_same_file_again_changes_nothing(
    database: Database, duty: Duties, inbox: Path, now: datetime
) -> None:
    watch = FolderWatch()
    for n in range(2):
        (inbox / "a.csv").write_text(HEADER + GOOD, encoding="utf-8")
        at = now + timedelta(minutes=n)
        assert [watch.look(duty(at)) for _ in range(2)] == [0, 1]
    assert parcels(database) == 1
    assert len(lying(inbox / "done")) == 4


def test_an_engine_that_ends_leaves_the_file_to_the_next_one(
    database: Database, duty: Duties, inbox: Path, now: datetime
) -> None:
    watch = FolderWatch()
    (inbox / "a.csv").write_text(HEADER + GOOD, encoding="utf-8")
    watch.look(duty(now))
    ending = replace(duty(now), go_on=lambda: False)
    assert watch.look(ending) == 0
    assert lying(inbox / "work") == ["a.csv"]
    assert FolderWatch().look(duty(now)) == 1


def test_a_campaign_that_talks_about_something_else_takes_no_file(
    duty: Duties, inbox: Path, settings: Settings, now: datetime
) -> None:
    watch = FolderWatch()
    (inbox / "a.csv").write_text(HEADER + GOOD, encoding="utf-8")
    assert [watch.look(duty(now)) for _ in range(2)] == [0, 1]
    rules = (FolderManifest(pattern="*.csv", campaign="明天", flow="survey"),)
    other = settings.model_copy(
        update={"incoming": IncomingSettings(folder=inbox, manifests=rules)}
    )
    (inbox / "b.csv").write_text(HEADER + GOOD, encoding="utf-8")
    assert [watch.look(duty(now, other)) for _ in range(2)] == [0, 1]
    assert lying(inbox / "failed") == ["b.csv", "b.csv.report.csv"]
