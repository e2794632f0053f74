"""Outcomes on their way back to dispatch."""

from __future__ import annotations

import resource
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from campaigns.importer import import_manifest
from campaigns.labels import Shelf, label, labels
from campaigns.tables import Table, read_table
from campaigns.write_back import WriteBackError, WriteBackReport, write_back, write_manifests
from ivr.exchange import DialogOutcome
from ivr.meaning import HandOver
from store.callbacks import promise_callback
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.outbox import pending_write_backs
from store.suppression import suppress
from store.types import (
    ContactStatus,
    Disposition,
    Outcome,
    SuppressionReason,
    TurnSpeaker,
)
from store.values import Settled, Settlement, TurnRecord

EXAMPLES = Path(__file__).parents[2] / "examples"

SHEET = """运单号,收件人,电话,地址,预约时段,线路
SD0001,王小明,13800138001,幸福路18号3单元501,明天 14:00-16:00,A3
SD0002,李秀英,138,幸福路18号3单元502,明天 14:00-16:00,A4
SD0003,张伟,13800138003,幸福路18号3单元503,明天 14:00-16:00,A5
"""


@pytest.fixture
def imported(database: Database, campaign: int, now: datetime) -> int:
    import_manifest(database, campaign, "m.csv", SHEET.encode(), now)
    return campaign


def call_the_next(database: Database, campaign: int, now: datetime, settlement: Settlement) -> int:
    with database.transaction() as session:
        order = claim_next(session, campaign, now, claimed_by="engine")
        assert order is not None
        mark_dialing(session, order.attempt_id, now)
        settle(session, order.attempt_id, settlement, then=ContactStatus.DONE)
    return order.attempt_id


def to_the_locker(now: datetime, recording: Path) -> Settlement:
    return Settlement(
        Disposition.COMPLETED,
        Outcome.HAND_OVER_CHANGED,
        at=now + timedelta(seconds=40),
        answered=True,
        talk_seconds=31.2,
        recording=str(recording),
        settled=Settled(
            hand_over="locker",
            consent_choice="locker",
            consent_words="同意",
            consent_at_seconds=23.4,
            new_window_start=now + timedelta(hours=27),
        ),
        turns=(
            TurnRecord(TurnSpeaker.MENLING, "您好，这里是顺达快递。", 0.4, 3.1),
            TurnRecord(TurnSpeaker.CALLEE, "放快递柜吧", 3.9, 5.2),
            TurnRecord(TurnSpeaker.CALLEE, "", 8.0, 8.0, key="1"),
        ),
    )


def go(database: Database, output: Path, now: datetime) -> WriteBackReport:
    return write_back(database, output, lambda: now)


def cells(table: Table, row: int) -> dict[str, str]:
    return {title: table.rows[row].cell(at) for at, title in enumerate(table.header.cells)}


def test_nothing_is_written_before_there_is_an_outcome(
    database: Database, imported: int, tmp_path: Path, now: datetime
) -> None:
    assert go(database, tmp_path / "out", now) == WriteBackReport(outcomes=0)
    assert not (tmp_path / "out").exists()


def test_the_copy_says_until_when_a_person_calls_back(
    database: Database, imported: int, tmp_path: Path, now: datetime
) -> None:
    promised = Settlement(Disposition.COMPLETED, Outcome.CALLBACK_PROMISED, now, answered=True)
    attempt = call_the_next(database, imported, now, promised)
    with database.transaction() as session:
        promise_callback(session, attempt, now + timedelta(hours=2))
    report = go(database, tmp_path / "out", now)
    table = read_table("m.csv", report.manifests[0].read_bytes())
    assert cells(table, 0)["最晚回电时间"] == "2026-11-21 14:00"


def test_the_copy_says_what_came_of_every_row(
    database: Database, imported: int, tmp_path: Path, now: datetime
) -> None:
    output = tmp_path / "out"
    call_the_next(database, imported, now, to_the_locker(now, output / "recordings" / "1.wav"))
    report = go(database, output, now)
    assert (report.outcomes, report.manifests) == (1, (output / "m.completed.csv",))
    table = read_table("m.csv", report.manifests[0].read_bytes())
    assert table.header.cells[:6] == ("运单号", "收件人", "电话", "地址", "预约时段", "线路")
    called = cells(table, 0)
    assert called["线路"] == "A3"
    assert {title: called[title] for title in table.header.cells[6:]} == {
        "处置": "已通话",
        "结果": "已改交付方式",
        "新时段": "2026-11-22 15:00 以后",
        "新地址": "",
        "交付方式": "快递柜",
        "收件人同意": "快递柜：“同意”（通话第 23 秒）",
        "回答": "",
        "拨打次数": "1",
        "最后拨打时间": "2026-11-21 12:00",
        "通话记录文件": "transcripts/call-000001.txt",
        "录音文件": "recordings/1.wav",
        "需人工处理": "",
        "最晚回电时间": "",
        "处置代码": "completed",
        "结果代码": "hand_over_changed",
    }
    bad = cells(table, 1)
    assert (bad["处置"], bad["处置代码"]) == ("未导入", "not_imported")
    assert "没有这样的电话号码" in bad["结果"]
    assert cells(table, 2)["处置"] == "待拨打"


def test_the_transcript_tells_who_said_what_and_when(
    database: Database, imported: int, tmp_path: Path, now: datetime
) -> None:
    call_the_next(database, imported, now, to_the_locker(now, tmp_path / "1.wav"))
    (transcript,) = go(database, tmp_path, now).transcripts
    text = transcript.read_text(encoding="utf-8")
    assert "运单号: SD0001" in text
    assert "[   3.9] 对方: 放快递柜吧" in text
    assert "[   8.0] 对方: [按键 1]" in text
    assert "王小明" not in transcript.name


def test_writing_back_again_changes_nothing(
    database: Database, imported: int, tmp_path: Path, now: datetime
) -> None:
    call_the_next(database, imported, now, to_the_locker(now, tmp_path / "1.wav"))
    (copy,) = go(database, tmp_path, now).manifests
    before = copy.read_bytes()
    assert go(database, tmp_path, now).outcomes == 0
    assert write_manifests(database, tmp_path, imported) == (copy,)
    assert copy.read_bytes() == before


def test_a_suppressed_recipient_is_reported_without_a_call(
    database: Database, imported: int, tmp_path: Path, now: datetime
) -> None:
    with database.transaction() as session:
        suppress(session, "+8613800138001", SuppressionReason.OPTED_OUT, now)
    (copy,) = go(database, tmp_path, now).manifests
    row = cells(read_table("m.csv", copy.read_bytes()), 0)
    assert (row["处置"], row["结果"], row["拨打次数"]) == ("免打扰名单", "未拨打", "0")
    assert row["通话记录文件"] == ""


def test_a_corrected_file_gets_a_copy_of_its_own(
    database: Database, imported: int, tmp_path: Path, now: datetime
) -> None:
    corrected = SHEET.replace(",138,", ",13800138002,")
    import_manifest(database, imported, "m.csv", corrected.encode(), now)
    call_the_next(database, imported, now, to_the_locker(now, tmp_path / "1.wav"))
    copies = go(database, tmp_path, now).manifests
    assert [copy.name for copy in copies] == ["m.completed.csv", "m.completed-2.csv"]
    tables = [read_table("m.csv", copy.read_bytes()) for copy in copies]
    assert [cells(table, 0)["结果代码"] for table in tables] == ["hand_over_changed"] * 2
    assert [cells(table, 1)["处置"] for table in tables] == ["未导入", "待拨打"]


def test_an_english_workbook_comes_back_in_english(
    database: Database, campaign: int, tmp_path: Path, now: datetime
) -> None:
    content = (EXAMPLES / "manifest-late.xlsx").read_bytes()
    import_manifest(database, campaign, "manifest-late.xlsx", content, now)
    call_the_next(database, campaign, now, to_the_locker(now, tmp_path / "1.wav"))
    (copy,) = go(database, tmp_path, now).manifests
    table = read_table(copy.name, copy.read_bytes())
    row = cells(table, 0)
    assert (copy.name, len(table.rows)) == ("manifest-late.completed.xlsx", 6)
    assert (row["Waybill"], row["Outcome"]) == ("SD202611210025", "Hand-over changed")
    assert row["New window"] == "from 2026-11-22 15:00"


def written_once(database: Database, campaign: int, folder: Path, now: datetime) -> Path:
    """Write one outcome back, let a second one wait, and return the copy of the manifest."""
    call_the_next(database, campaign, now, to_the_locker(now, folder / "1.wav"))
    (copy,) = go(database, folder, now).manifests
    call_the_next(database, campaign, now, to_the_locker(now, folder / "2.wav"))
    return copy


def test_a_folder_that_cant_be_written_keeps_the_outcomes_and_the_old_copy(
    database: Database, imported: int, tmp_path: Path, now: datetime
) -> None:
    copy = written_once(database, imported, tmp_path, now)
    before = copy.read_bytes()
    (tmp_path / "taken").write_text("a file stands where the folder should be")
    with pytest.raises(WriteBackError, match="结果仍然保存在数据库里"):
        go(database, tmp_path / "taken", now)
    assert copy.read_bytes() == before
    with database.reading() as session:
        (entry,) = pending_write_backs(session)
    assert (entry.tries, "请清理磁盘" in entry.last_error) == (1, True)
    assert go(database, tmp_path, now).outcomes == 1
    assert list(tmp_path.glob(".*")) == []


def test_a_disk_that_fills_up_midway_leaves_no_half_file(
    database: Database, imported: int, tmp_path: Path, now: datetime
) -> None:
    copy = written_once(database, imported, tmp_path, now)
    before = copy.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # No file may grow beyond this: writing stops in the middle, as it does on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(WriteBackError, match="清理磁盘"):
            go(database, tmp_path, now)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert copy.read_bytes() == before
    assert list(tmp_path.rglob(".*")) == []
    assert go(database, tmp_path, now).outcomes == 1


def test_every_word_of_a_dialog_has_its_place_in_the_store_and_a_label() -> None:
    assert {word.value for word in DialogOutcome} <= {word.value for word in Outcome}
    for shelf, words in (
        (Shelf.OUTCOME, Outcome),
        (Shelf.DISPOSITION, Disposition),
        (Shelf.HAND_OVER, HandOver),
        (Shelf.CONTACT, ContactStatus),
    ):
        assert set(labels(shelf, "zh")) == {word.value for word in words}


def test_an_id_without_a_label_stands_for_itself() -> None:
    assert label(Shelf.HAND_OVER, "balcony", "zh") == "balcony"
