"""A person is forgotten on the disk, too: in manifests, recordings, transcripts, spoken words."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook
from sqlalchemy.orm import Session

from campaigns.desk_form import apply_form
from campaigns.erasing import Erased, erase_files
from campaigns.forgetting import forget_people
from campaigns.importer import import_manifest
from campaigns.settings import Settings
from campaigns.settings_sections import PathSettings
from campaigns.tables import read_table
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_planning import NO_CONTACT, plan_call
from campaigns.tickets_rules import shipped_ticket_rules
from campaigns.write_back import write_back
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.desk_models import Transfer
from store.desk_types import DeskLine, TransferStatus
from store.erasures import erasures_wanted
from store.models import Attempt, Contact, Manifest, ManifestRow, OutcomeRecord
from store.ticket_models import Ticket
from store.traces import Traces, people_at, person_of
from store.types import ContactStatus, Disposition, Outcome, TurnSpeaker
from store.values import Settled, Settlement, TurnRecord

PHONE = "+8613800138001"
ANNA = ("王小安", "13800138001", "幸福路18号3单元501")
SHEET = f"""运单号,收件人,电话,地址,预约时段,线路
SD0001,{",".join(ANNA)},明天 14:00-16:00,A3
SD0002,李秀英,138,幸福路18号3单元502,明天 14:00-16:00,A4
SD0003,张伟,13800138003,幸福路18号3单元503,明天 14:00-16:00,A5
,{ANNA[0]},138-0013-8001,{ANNA[2]},明天 14:00-16:00,A6
"""
OLD = timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own."""
    return Settings(paths=PathSettings(data_dir=tmp_path / "data"))


@pytest.fixture
def results(settings: Settings) -> Path:
    """Where completed manifests and transcripts go."""
    return settings.data_dir / "results"


def imported(database: Database, campaign: int, now: datetime, sheet: str = SHEET) -> int:
    return import_manifest(database, campaign, "m.csv", sheet.encode(), now).manifest_id


def called(database: Database, settings: Settings, campaign: int, now: datetime) -> int:
    """Call Anna, who consents to the locker; her words are recorded and handed over."""
    with database.transaction() as session:
        claimed = claim_next(session, campaign, now, claimed_by="engine")
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, now)
        call = claimed.attempt_id
        recording = settings.recordings_dir / f"{call}.wav"
        end = Settlement(
            Disposition.COMPLETED,
            Outcome.HAND_OVER_CHANGED,
            at=now + timedelta(seconds=40),
            answered=True,
            recording=str(recording),
            settled=Settled(hand_over="locker", consent_choice="locker", consent_words="同意"),
            turns=(TurnRecord(TurnSpeaker.CALLEE, "我是王小安, 同意", 3.9, 5.2),),
        )
        settle(session, call, end, then=ContactStatus.DONE)
    recording.parent.mkdir(parents=True, exist_ok=True)
    for file in (recording, recording.with_suffix(".consent.wav")):
        file.write_bytes(b"RIFF her voice")
    write_back(database, settings.data_dir / "results", lambda: now)
    return call


Forgets = Callable[..., tuple[Traces, Erased]]


@pytest.fixture
def forgets(database: Database, settings: Settings, now: datetime) -> Forgets:
    """Forgets whoever has Anna's number."""

    def forgets(**how: object) -> tuple[Traces, Erased]:
        def write_down(_session: Session, _traces: Traces) -> None:
            pass

        with database.reading() as session:
            people = people_at(session, PHONE)
        more: dict[str, object] = {"write_down": write_down} | how
        return forget_people(database, settings, people, now + OLD, **more)  # type: ignore[arg-type]

    return forgets


def test_her_rows_of_a_manifest_are_empty_but_for_the_waybill(
    database: Database, campaign: int, forgets: Forgets, now: datetime
) -> None:
    manifest = imported(database, campaign, now)
    forgets()
    with database.reading() as session:
        row = session.get_one(Manifest, manifest)
        problems = session.scalars(
            sa.select(ManifestRow.problems).order_by(ManifestRow.number)
        ).all()
        lines = row.content.decode("utf-8-sig").splitlines()
    assert lines[1] == "SD0001,,,,,"
    assert lines[4] == ",,,,,"
    assert [lines[each] for each in (0, 2, 3)] == [SHEET.splitlines()[each] for each in (0, 2, 3)]
    assert [bool(each) for each in problems] == [False, True, False, False]


def test_who_stood_in_a_manifest_by_mistake_is_found_by_the_number(
    database: Database, campaign: int, forgets: Forgets, now: datetime
) -> None:
    first = imported(database, campaign, now)
    corrected = SHEET.replace(",".join(ANNA), "李芳,13900139000,和平路1号", 1)
    import_manifest(database, campaign, "m2.csv", corrected.encode(), now)
    forgets()
    with database.reading() as session:
        content = session.get_one(Manifest, first).content.decode("utf-8")
        second = session.scalars(sa.select(Manifest).order_by(Manifest.id.desc())).first()
        assert second is not None
        assert "李芳" in second.content.decode("utf-8")
    assert ANNA[0] not in content


def test_colleagues_who_share_a_number_stay(
    database: Database, campaign: int, settings: Settings, now: datetime
) -> None:
    shared = "".join(
        f"SD010{n},{name},13800138001,幸福路18号,明天 14:00-16:00,A3\n"
        for n, name in enumerate(("王小安", "周杰"))
    )
    manifest = imported(database, campaign, now, SHEET.splitlines()[0] + "\n" + shared)
    with database.reading() as session:
        anna = person_of(session, 1)
    forget_people(database, settings, [anna], now, write_down=lambda _session, _traces: None)
    with database.reading() as session:
        lines = session.get_one(Manifest, manifest).content.decode("utf-8-sig").splitlines()
        assert len(people_at(session, PHONE)) == 1
    assert lines[1:] == ["SD0100,,,,,", "SD0101,周杰,13800138001,幸福路18号,明天 14:00-16:00,A3"]


def test_the_same_file_again_brings_nobody_back(
    database: Database, campaign: int, settings: Settings, forgets: Forgets, now: datetime
) -> None:
    imported(database, campaign, now)
    called(database, settings, campaign, now)
    forgets()
    again = import_manifest(database, campaign, "m.csv", SHEET.encode(), now)
    assert (again.new, again.unchanged) == (0, 4)
    corrected = import_manifest(database, campaign, "m2.csv", (SHEET + "\n").encode(), now)
    assert corrected.new == 0
    assert [each.waybill for each in corrected.left_alone] == ["SD0001"]
    with database.reading() as session:
        assert people_at(session, PHONE) == ()


def test_a_workbook_loses_her_rows_on_all_its_sheets(
    database: Database, campaign: int, forgets: Forgets, now: datetime
) -> None:
    book = Workbook()
    first, second = book.worksheets[0], book.create_sheet()
    for line in SHEET.splitlines():
        first.append(line.split(","))
    second.append(["备注", *ANNA])
    second.append(["备注", "张伟", "13800138003"])
    out = io.BytesIO()
    book.save(out)
    manifest = import_manifest(database, campaign, "m.xlsx", out.getvalue(), now).manifest_id
    forgets()
    with database.reading() as session:
        content = session.get_one(Manifest, manifest).content
    sheets = load_workbook(io.BytesIO(content)).worksheets
    texts = [[cell.value for cell in row] for sheet in sheets for row in sheet.iter_rows()]
    assert not any(each in row for row in texts for each in (ANNA[0], ANNA[1]))
    assert sum("张伟" in row for row in texts) == 2
    assert read_table("m.xlsx", content).rows[0].cells == ("SD0001",)


def test_recording_and_transcript_go_and_the_evidence_stays(
    database: Database,
    campaign: int,
    settings: Settings,
    results: Path,
    forgets: Forgets,
    now: datetime,
) -> None:
    imported(database, campaign, now)
    call = called(database, settings, campaign, now)
    assert ANNA[0] in (results / "m.completed.csv").read_text("utf-8")
    assert list((results / "transcripts").iterdir())
    _traces, erased = forgets()
    assert (erased.files, erased.left) == (3, ())
    assert [each.name for each in settings.recordings_dir.iterdir()] == [f"{call}.consent.wav"]
    assert list((results / "transcripts").iterdir()) == []
    copy = (results / "m.completed.csv").read_text("utf-8")
    assert "王小安" not in copy
    assert "SD0001" in copy
    with database.reading() as session:
        assert erasures_wanted(session) == ()
        assert session.get_one(Attempt, call).recording == ""


def test_the_evidence_goes_when_it_is_told_to(
    database: Database, campaign: int, settings: Settings, forgets: Forgets, now: datetime
) -> None:
    imported(database, campaign, now)
    call = called(database, settings, campaign, now)
    forgets(evidence=True)
    assert list(settings.recordings_dir.iterdir()) == []
    with database.reading() as session:
        assert session.get_one(Attempt, call).recording == ""


def test_who_dies_before_the_files_are_gone_leaves_them_on_a_list(
    database: Database, campaign: int, settings: Settings, forgets: Forgets, now: datetime
) -> None:
    imported(database, campaign, now)
    call = called(database, settings, campaign, now)
    recording = settings.recordings_dir / f"{call}.wav"
    recording.unlink()
    recording.mkdir()  # nobody can erase a folder like a file
    _traces, erased = forgets()
    (left,) = erased.left
    assert str(recording) in left
    recording.rmdir()
    recording.write_bytes(b"RIFF")
    again = erase_files(database, settings)
    assert again == Erased(1, ())
    assert not recording.exists()
    assert erase_files(database, settings) == Erased(0, ())


def test_a_recording_in_another_folder_is_told_and_not_touched(
    database: Database,
    campaign: int,
    settings: Settings,
    forgets: Forgets,
    tmp_path: Path,
    now: datetime,
) -> None:
    imported(database, campaign, now)
    call = called(database, settings, campaign, now)
    elsewhere = tmp_path / "before" / f"{call}.wav"
    elsewhere.parent.mkdir()
    (settings.recordings_dir / f"{call}.wav").rename(elsewhere)
    with database.transaction() as session:
        session.get_one(Attempt, call).recording = str(elsewhere)
    _traces, erased = forgets()
    assert erased.left == (f"{elsewhere}: lies outside the data folder; erase it by hand",)
    assert elsewhere.exists()
    elsewhere.unlink()
    assert erase_files(database, settings).left == ()


def test_the_list_of_problems_loses_her_row(
    database: Database, campaign: int, results: Path, forgets: Forgets, now: datetime
) -> None:
    imported(database, campaign, now)
    results.mkdir(parents=True)
    problems = results / "m.problems.csv"
    kept = "行,列,内容,问题,怎么办\r\n3,电话,138,太短,改正\r\n"
    problems.write_text(f"{kept}5,运单号,王小安,空的,补上\r\n", "utf-8-sig", newline="")
    forgets()
    assert problems.read_bytes().decode("utf-8-sig") == kept


def test_what_was_spoken_in_her_calls_goes_and_what_others_heard_stays(
    database: Database, campaign: int, settings: Settings, forgets: Forgets, now: datetime
) -> None:
    imported(database, campaign, now)
    called(database, settings, campaign, now)
    spoken = {}
    for name, used in (
        ("hers", now + timedelta(seconds=20)),
        ("before", now - timedelta(minutes=9)),
        ("others", now + timedelta(hours=3)),
    ):
        spoken[name] = settings.data_dir / "speech" / "ab" / f"{name}.wav"
        spoken[name].parent.mkdir(parents=True, exist_ok=True)
        spoken[name].write_bytes(b"RIFF")
        os.utime(spoken[name], (used.timestamp(), used.timestamp()))
    forgets()
    assert {name: file.exists() for name, file in spoken.items()} == {
        "hers": False,
        "before": True,
        "others": True,
    }


class Overtaken(Database):
    """A store in which somebody else is quicker: `first` happens before the next transaction."""

    first: Callable[[], object] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Let the other one go first."""
        first, self.first = self.first, None
        if first is not None:
            first()
        with super().transaction() as session:
            yield session


def test_of_two_who_are_forgotten_at_once_none_comes_back(
    sqlite_url: str, campaign: int, settings: Settings, now: datetime
) -> None:
    database = Overtaken(sqlite_url)
    manifest = imported(database, campaign, now)
    with database.reading() as session:
        anna, wei = people_at(session, PHONE), people_at(session, "+8613800138003")

    def forget(people: tuple[int, ...]) -> None:
        forget_people(
            database, settings, people, now + OLD, write_down=lambda _session, _traces: None
        )

    database.first = lambda: forget(wei)
    forget(anna)
    with database.reading() as session:
        text = session.get_one(Manifest, manifest).content.decode()
    database.close()
    assert not any(each in text for each in ("张伟", ANNA[0]))


def test_nothing_is_forgotten_when_it_can_not_be_written_down(
    database: Database, campaign: int, forgets: Forgets, now: datetime
) -> None:
    imported(database, campaign, now)

    def refused(_session: Session, _traces: Traces) -> None:
        raise RuntimeError("the trail is full")

    with pytest.raises(RuntimeError):
        forgets(write_down=refused)
    with database.reading() as session:
        assert len(people_at(session, PHONE)) == 1


def test_a_ticket_makes_nobody_call_a_person_who_was_forgotten(
    database: Database, campaign: int, settings: Settings, forgets: Forgets, now: datetime
) -> None:
    imported(database, campaign, now)
    call = called(database, settings, campaign, now)
    with database.reading() as session:
        contact = session.get_one(Attempt, call).contact_id
    forgets()
    rules = shipped_ticket_rules()
    with database.transaction() as session:
        number = open_ticket(
            session,
            rules,
            Complaint(kind="damage", waybill="SD0001", contact_id=contact),
            "wang",
            now,
        ).number
        row = session.scalars(sa.select(Ticket).where(Ticket.number == number)).one()
        assert plan_call(session, rules.follow_up, row, {}, now) == NO_CONTACT


def test_a_form_that_comes_late_brings_nobody_back(
    database: Database, campaign: int, settings: Settings, forgets: Forgets, now: datetime
) -> None:
    imported(database, campaign, now)
    call = called(database, settings, campaign, now)
    forgets()
    with database.transaction() as session:
        about = Transfer(
            attempt_id=call, engine="e", rule="asked", priority=1, line=DeskLine.FIRST,
            language="zh-CN", status=TransferStatus.DONE, requested_at=now, form_at=now,
            form={"outcome": "address_changed", "new_address": "幸福路18号", "notes": "王小安"},
        )  # fmt: skip
        session.add(about)
        session.flush()
        assert apply_form(session, about.id, now) is Outcome.HAND_OVER_CHANGED
        record = session.scalars(sa.select(OutcomeRecord)).one()
        assert (record.new_address, record.notes) == ("", {})
        assert (about.form, about.form_applied) == ({}, True)
        assert session.get_one(Contact, record.contact_id).status is ContactStatus.DONE
