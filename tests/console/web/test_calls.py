"""Calls are found, read and heard by those who may, and no further."""

from __future__ import annotations

import wave
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from campaigns.settings import Settings
from console.web.searching import Sought, day_begins, day_ends, id_in, sought_in
from store.audit_queries import audit_entries
from store.claims import settle
from store.database import Database
from store.desk_models import CallFlag, CallVisit, LiveTurn
from store.desk_types import DeskLine
from store.people_types import Role
from store.people_values import AuditFilter
from store.types import ContactStatus, Disposition, Outcome, TurnSpeaker
from store.values import Settled, Settlement, TurnRecord

SHANGHAI = ZoneInfo("Asia/Shanghai")
ADDRESS = "上海市浦东新区幸福路18号"
NASTY = "<script>alert(1)</script>"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of their own."""
    return Settings.model_validate({"paths": {"data_dir": tmp_path / "data"}})


@pytest.fixture
def recording(settings: Settings) -> Path:
    """A recording of ten seconds, with a clip that was kept as evidence, beside secrets."""
    folder = settings.recordings_dir
    folder.mkdir(parents=True)
    for name, channels in (("1.wav", 2), ("1.consent.wav", 1), ("11.consent.wav", 1)):
        with wave.open(str(folder / name), "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(10 * 8000 * 2 * channels))
    (settings.data_dir / "secret.wav").write_bytes(b"secret")
    return folder / "1.wav"


@pytest.fixture
def talk(calls: Any, recording: Path, now: datetime, database: Database) -> int:
    """A call that was held, recorded and flagged, with somebody whose name is a script."""
    calls.contact(recipient=NASTY)
    attempt: int = calls.dial(settlement=ended(now, recording))
    with database.transaction() as session:
        session.add(
            CallFlag(
                attempt_id=attempt,
                rule="complaint",
                priority=5,
                line=DeskLine.SECOND,
                label={"zh": "投诉", "en": "Complaint"},
            )
        )
        session.add(
            CallVisit(
                attempt_id=attempt, name="小李", role="agent", began_seconds=5.0, ended_seconds=9.0
            )
        )
    return attempt


def ended(now: datetime, recording: Path | str = "") -> Settlement:
    return Settlement(
        disposition=Disposition.COMPLETED,
        outcome=Outcome.ADDRESS_CHANGED,
        at=now,
        settled=Settled(new_address="上海市徐汇区新路2号", answers={"lift": "yes"}),
        answered=True,
        talk_seconds=65.0,
        recording=str(recording),
        turns=(
            TurnRecord(
                TurnSpeaker.MENLING,
                "送到上海市浦东新区幸福路18号,方便吗?",
                0.5,
                3.0,
                prompt="opening",
            ),
            TurnRecord(
                TurnSpeaker.CALLEE,
                f"{NASTY}我的电话是13800138001",
                3.5,
                5.0,
                prompt="opening",
                intent="change_address",
                confidence=0.93,
            ),
            TurnRecord(TurnSpeaker.MENLING, "好的", 6.8, 7.5, latency_seconds=1.8),
            TurnRecord(TurnSpeaker.CALLEE, "", 8.0, 8.0, key="1"),
        ),
    )


def test_the_list_shows_calls_with_masked_names_and_their_outcome(
    talk: int, browser_of: Callable[..., Any]
) -> None:
    for role in (Role.ADMIN, Role.VIEWER):
        page = browser_of(role).get("/calls").text
        assert f'href="/calls/{talk}"' in page
        assert "Address changed" in page
        assert "+86138****8001" in page
        assert "+8613800138001" not in page
        assert "1:05" in page


def test_calls_are_found_by_waybill_number_and_name(
    talk: int, calls: Any, now: datetime, admin: Any
) -> None:
    calls.contact(recipient="李四")
    other = calls.dial(settlement=ended(now))
    for who, found in (
        ("SD001", talk),
        ("138 0013 8001", talk),
        (NASTY, talk),
        ("李四", other),
        ("+8613800138002", other),
    ):
        page = admin.post("/calls", {"who": who}).text
        assert [each for each in (talk, other) if f'href="/calls/{each}"' in page] == [found], who
    assert "No calls found" in admin.post("/calls", {"who": "没有这个人"}).text


def test_filters_narrow_the_list_and_nonsense_does_not(talk: int, admin: Any) -> None:
    listed = f'href="/calls/{talk}"'
    for query in (
        "outcome=address_changed",
        "disposition=completed&shortest=60&longest=70",
        "flag=complaint",
        "campaign=1&since=2026-01-01&until=2027-01-01",
        "outcome=nonsense&campaign=x&since=never&shortest=-&before=then&id=0",
    ):
        assert listed in admin.get(f"/calls?{query}").text, query
    for query in ("outcome=refused", "shortest=66", "flag=angry", "campaign=2", "since=2027-01-01"):
        assert listed not in admin.get(f"/calls?{query}").text, query


def test_the_list_goes_on_on_the_next_page(calls: Any, now: datetime, admin: Any) -> None:
    made = []
    for _ in range(52):
        calls.contact()
        made.append(calls.dial(settlement=ended(now)))
        calls.clock.forward(seconds=1)
    first = admin.get("/calls?outcome=address_changed").text
    (following,) = [part.split('"')[0] for part in first.split('rel="next" href="')[1:]]
    second = admin.get(following.replace("&amp;", "&")).text
    assert f'href="/calls/{made[1]}"' in second
    assert f'href="/calls/{made[2]}"' not in second
    assert 'rel="next"' not in second


def test_a_call_is_shown_in_full_to_a_supervisor_who_is_written_down(
    talk: int, database: Database, browser_of: Callable[..., Any]
) -> None:
    page = browser_of(Role.SUPERVISOR).get(f"/calls/{talk}").text
    for told in (
        "+8613800138001",
        "幸福路18号",
        "新路2号",
        "Understood: another address",
        "93% sure",
        "answered after 1.8 s",
        "Complaint",
        "小李",
        "Key 1",
        f"/calls/{talk}/recording",
        f"/calls/{talk}/clips/consent",
    ):
        assert told in page
    with database.reading() as session:
        assert audit_entries(session, AuditFilter(action="call_seen", subject=str(talk)))


def test_a_viewer_reads_a_call_without_knowing_whose_it_is(
    talk: int, database: Database, browser_of: Callable[..., Any]
) -> None:
    page = browser_of(Role.VIEWER).get(f"/calls/{talk}").text
    for secret in ("13800138001", "幸福路", "新路2号", "/recording", "/clips/", "Key 1"):
        assert secret not in page
    assert "Key ***" in page
    with database.reading() as session:
        assert not audit_entries(session, AuditFilter(action="call_seen"))


def test_script_in_names_and_words_is_only_text(talk: int, admin: Any) -> None:
    for path in ("/calls", f"/calls/{talk}"):
        page = admin.get(path).text
        assert NASTY not in page
    assert "&lt;script&gt;" in admin.get(f"/calls/{talk}").text


def test_a_call_reads_in_chinese(talk: int, browser_of: Callable[..., Any]) -> None:
    page = browser_of(Role.ADMIN, language="zh-CN").get(f"/calls/{talk}").text
    for told in ("已改地址", "理解为：改地址", "1 分 05 秒", "投诉", "坐席"):
        assert told in page


def test_a_call_that_goes_on_is_followed_and_loaded_again_when_it_is_over(
    calls: Any, now: datetime, database: Database, browser_of: Callable[..., Any]
) -> None:
    calls.contact()
    attempt = calls.dial()
    with database.transaction() as session:
        session.add(
            LiveTurn(
                attempt_id=attempt,
                position=0,
                speaker="callee",
                text=f"我是王小明{NASTY}",
                began_seconds=1.0,
                ended_seconds=2.0,
                intent="yes",
            )
        )
        key = LiveTurn(
            attempt_id=attempt,
            position=1,
            speaker="callee",
            text="[7]",
            began_seconds=3.0,
            ended_seconds=3.0,
        )
        session.add(key)
    viewer = browser_of(Role.VIEWER)
    page = viewer.get(f"/calls/{attempt}").text
    assert f'hx-get="/calls/{attempt}/live"' in page
    live = viewer.get(f"/calls/{attempt}/live")
    assert "我是***&lt;script&gt;" in live.text
    assert "Understood: yes" in live.text
    assert "[7]" not in live.text
    with database.transaction() as session:
        settle(session, attempt, ended(now), then=ContactStatus.DONE)
    assert viewer.get(f"/calls/{attempt}/live").headers["hx-refresh"] == "true"
    assert "/live" not in viewer.get(f"/calls/{attempt}").text


def test_who_follows_a_call_by_its_words_alone_is_written_down_once(
    calls: Any, database: Database, browser_of: Callable[..., Any]
) -> None:
    calls.contact()
    attempt = calls.dial()
    supervisor, viewer = browser_of(Role.SUPERVISOR), browser_of(Role.VIEWER)
    for browser in (supervisor, viewer, supervisor, supervisor):
        assert browser.get(f"/calls/{attempt}/live").status_code == 200
    with database.reading() as session:
        looks = audit_entries(session, AuditFilter(action="call_seen", subject=str(attempt)))
    assert [each.user_id for each in looks] == [supervisor.user_id]


def test_a_recording_is_heard_in_ranges_and_written_down_once(
    talk: int, recording: Path, database: Database, admin: Any, clock: Any
) -> None:
    whole = recording.read_bytes()
    path = f"/calls/{talk}/recording"
    assert admin.get(path).content == whole
    part = admin.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole[100:200])
    heard = AuditFilter(action="recording_heard", subject=str(talk))
    with database.reading() as session:
        assert len(audit_entries(session, heard)) == 1
    clock.forward(minutes=11)
    admin.get(path, headers={"Range": "bytes=100-"})
    with database.reading() as session:
        assert len(audit_entries(session, heard)) == 2


def test_a_clip_of_this_call_is_heard_and_no_other_file(
    talk: int, recording: Path, admin: Any
) -> None:
    heard = admin.get(f"/calls/{talk}/clips/consent")
    assert heard.content == recording.with_suffix(".consent.wav").read_bytes()
    for name in ("missing", "..%2f..%2fsecret", "1.consent", "%2e%2e%2fsecret", "*"):
        assert admin.get(f"/calls/{talk}/clips/{name}").status_code in (404, 405), name


def test_evidence_is_heard_when_the_recording_is_erased_already(
    talk: int, recording: Path, admin: Any
) -> None:
    recording.unlink()
    page = admin.get(f"/calls/{talk}").text
    assert "No recording" in page
    assert f'src="/calls/{talk}/clips/consent"' in page
    assert admin.get(f"/calls/{talk}/clips/consent").status_code == 200


def test_a_recording_outside_its_folder_is_not_handed_out(
    calls: Any, now: datetime, settings: Settings, recording: Path, admin: Any
) -> None:
    outside = settings.data_dir / "secret.wav"
    (settings.recordings_dir / "link.wav").symlink_to(outside)
    for path in (
        outside,
        settings.recordings_dir / ".." / "secret.wav",
        settings.recordings_dir / "link.wav",
        settings.recordings_dir / "gone.wav",
        "",
    ):
        calls.contact()
        attempt = calls.dial(settlement=ended(now, path))
        for part in ("recording", "waveform"):
            assert admin.get(f"/calls/{attempt}/{part}").status_code == 404
        assert "No recording" in admin.get(f"/calls/{attempt}").text


def test_a_recording_is_drawn(talk: int, admin: Any) -> None:
    drawn = admin.get(f"/calls/{talk}/waveform").text
    assert 'data-seconds="10.000"' in drawn


def test_who_may_not_hear_gets_neither_sound_nor_picture(
    talk: int, browser_of: Callable[..., Any]
) -> None:
    browser = browser_of(Role.VIEWER)
    for part in ("recording", "waveform", "clips/consent"):
        assert browser.get(f"/calls/{talk}/{part}").status_code == 403


def test_there_is_no_call_with_a_number_that_was_never_given(admin: Any) -> None:
    for number in ("7", "2147483647"):
        assert admin.get(f"/calls/{number}").status_code == 404
        assert admin.get(f"/calls/{number}/recording").status_code == 404
    for number in ("0", "-1", "99999999999999999999", "x"):
        assert admin.get(f"/calls/{number}").status_code == 422


def test_what_is_typed_is_a_number_a_waybill_or_a_name() -> None:
    assert sought_in("138-0013 8001", SHANGHAI) == Sought(phone="+8613800138001")
    assert sought_in(" SD0000123 ", SHANGHAI) == Sought(waybill="SD0000123")
    assert sought_in("7700001234567", SHANGHAI) == Sought(waybill="7700001234567")
    assert sought_in("王小明", SHANGHAI) == Sought(name="王小明")
    assert sought_in("Anna Smith", SHANGHAI) == Sought(name="Anna Smith")


def test_days_and_ids_are_read_as_they_are_written() -> None:
    assert day_begins("2026-11-22", SHANGHAI) == datetime(2026, 11, 22, tzinfo=SHANGHAI)
    assert day_ends("2026-11-22", SHANGHAI) == datetime(2026, 11, 23, tzinfo=SHANGHAI)
    assert (day_begins("0001-01-01", SHANGHAI), day_ends("today", SHANGHAI)) == (None, None)
    assert (id_in("12"), id_in("0"), id_in("x"), id_in("99999999999")) == (12, None, None, None)
