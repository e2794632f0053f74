"""Calls by the API: listed, read, heard, erased."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from campaigns.settings import Settings
from store.audit_queries import audit_entries
from store.database import Database
from store.models import Attempt
from store.people_types import Role
from store.people_values import AuditFilter

Ask = Callable[..., httpx2.Response]


def actions(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(each.action, each.subject) for each in audit_entries(session, AuditFilter())]


def test_calls_are_listed_the_newest_first_without_names(ask: Ask, seeded: Any) -> None:
    page = ask("GET", "/api/calls").json()
    assert [each["id"] for each in page["items"]] == [seeded.unheard, seeded.call]
    assert {each["recipient"] for each in page["items"]} == {"王**", "李**"}
    first = ask("GET", "/api/calls?limit=1").json()
    second = ask("GET", f"/api/calls?limit=1&cursor={first['next']}").json()
    assert [each["id"] for each in second["items"]] == [seeded.call]


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        ("disposition=busy", ["unheard"]),
        ("outcome=address_changed", ["call"]),
        ("waybill=SD1000001", ["unheard"]),
        ("dialed_from=2026-11-21T05:00:00Z", []),
        ("dialed_before=2026-11-21T12:30:00%2B08:00", ["unheard", "call"]),
    ],
)
def test_calls_are_narrowed(ask: Ask, seeded: Any, narrowed: str, found: list[str]) -> None:
    items = ask("GET", f"/api/calls?{narrowed}", Role.VIEWER).json()["items"]
    assert [each["id"] for each in items] == [getattr(seeded, each) for each in found]


def test_a_call_is_whole_for_supervisors_which_is_noted(
    ask: Ask, seeded: Any, database: Database
) -> None:
    told = ask("GET", f"/api/calls/{seeded.call}", Role.SUPERVISOR).json()
    assert told["recipient"] == "王小明"
    assert [each["speaker"] for each in told["turns"]] == ["menling", "callee", "menling"]
    assert told["turns"][2]["latency_seconds"] == 0.42
    assert told["settled"]["new_address"] == "上海市浦东新区世纪大道100号"
    assert told["tickets"] == [seeded.ticket]
    assert actions(database) == [("call_seen", str(seeded.call))]


def test_a_call_is_masked_for_viewers_down_to_what_was_said(
    ask: Ask, seeded: Any, database: Database
) -> None:
    told = ask("GET", f"/api/calls/{seeded.call}", Role.VIEWER)
    for personal in ("王小明", "8613800138001", "幸福路", "世纪大道"):
        assert personal not in told.text
    assert "您好" in told.json()["turns"][0]["text"]
    assert actions(database) == []


def test_a_recording_is_heard_whole_or_in_part_and_every_time_noted(
    ask: Ask, seeded: Any, database: Database
) -> None:
    path = f"/api/calls/{seeded.call}/recording"
    whole = ask("GET", path, Role.SUPERVISOR)
    assert whole.headers["Content-Type"] == "audio/wav"
    assert whole.content.startswith(b"RIFF")
    part = ask("GET", path, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    beyond = ask("GET", path, headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    assert actions(database) == [("recording_heard", str(seeded.call))] * 3
    assert ask("GET", path, Role.VIEWER).status_code == 403


def test_a_recording_outside_the_data_folder_is_not_handed_out(
    ask: Ask, seeded: Any, database: Database, settings: Settings
) -> None:
    outside = settings.data_dir.parent / "secret.wav"
    outside.write_bytes(b"RIFF")
    for path in (outside, settings.recordings_dir / ".." / ".." / "secret.wav"):
        with database.transaction() as session:
            session.get_one(Attempt, seeded.call).recording = str(path)
        assert ask("GET", f"/api/calls/{seeded.call}/recording").status_code == 404
    assert ask("DELETE", f"/api/calls/{seeded.call}/recording").status_code == 204
    assert outside.exists()


def test_an_administrator_erases_a_recording_and_the_transcript_stays(
    ask: Ask, seeded: Any, settings: Settings
) -> None:
    path = f"/api/calls/{seeded.call}/recording"
    (settings.recordings_dir / "1.consent.wav").write_bytes(b"RIFF")
    (settings.recordings_dir / "12.consent.wav").write_bytes(b"RIFF")
    assert ask("DELETE", path, Role.SUPERVISOR).status_code == 403
    assert ask("DELETE", path).status_code == 204
    assert [each.name for each in settings.recordings_dir.iterdir()] == ["12.consent.wav"]
    assert ask("GET", path).status_code == 404
    told = ask("GET", f"/api/calls/{seeded.call}").json()
    assert (told["has_recording"], len(told["turns"])) == (False, 3)
    assert ask("DELETE", path).status_code == 204


def test_calls_that_there_are_not_are_told_so(ask: Ask, seeded: Any) -> None:
    for path in ("/api/calls/999", "/api/calls/999/recording", "/api/calls/abc", "/api/nothing"):
        answer = ask("GET", path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["title"] == "Not Found"
