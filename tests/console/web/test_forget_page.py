"""The page on which an administrator erases what is kept of a person."""

from __future__ import annotations

import pytest

from campaigns.settings import Settings
from campaigns.settings_sections import PathSettings
from store.audit_queries import audit_entries
from store.people_types import Role
from store.people_values import AuditFilter
from store.types import Disposition, Outcome, TurnSpeaker
from store.values import Settlement, TurnRecord


@pytest.fixture
def settings(tmp_path) -> Settings:
    """Settings with a data folder of the test's own."""
    return Settings(paths=PathSettings(data_dir=tmp_path / "data"))


@pytest.fixture
def called(calls, clock) -> int:
    """A contact that was called; the first call and the first contact."""
    contact = calls.contact("王小安")
    turns = (TurnRecord(TurnSpeaker.CALLEE, "放门口吧", 0, 1),)
    calls.dial(
        settlement=Settlement(
            Disposition.COMPLETED, Outcome.CONFIRMED, clock(), answered=True, turns=turns
        )
    )
    return contact


def test_an_administrator_is_told_what_goes_and_what_stays_before_it_does(admin, called) -> None:
    page = admin.get(f"/contacts/{called}")
    assert f'href="/contacts/{called}/forget"' in page.text
    asked = admin.get(f"/contacts/{called}/forget")
    assert "Contacts 1 · parcels 1 · calls 1" in asked.text
    assert "王小安" not in asked.text
    assert "王小安" in admin.get(f"/contacts/{called}").text


def test_a_person_is_forgotten_on_every_page(admin, called, database) -> None:
    done = admin.post(f"/contacts/{called}/forget")
    assert (done.status_code, done.headers["location"]) == (
        303, f"/contacts/{called}?done=person_forgotten",
    )  # fmt: skip
    after = admin.get(done.headers["location"])
    assert "The person is forgotten" in after.text
    assert f"/contacts/{called}/forget" not in after.text
    for path in (f"/contacts/{called}", "/campaigns/1/contacts", "/calls", "/calls/1", "/"):
        shown = admin.get(path)
        assert shown.status_code == 200
        assert not any(each in shown.text for each in ("王小安", "王**", "13800138", "放门口"))
    with database.reading() as session:
        (entry,) = audit_entries(session, AuditFilter(action="person_forgotten"))
    assert (entry.user_id, entry.kind, entry.subject) == (admin.user_id, "recipient", "1")
    assert "Person forgotten" in admin.get("/audit").text


def test_consent_goes_too_when_the_box_is_ticked(admin, called, database) -> None:
    admin.post(f"/contacts/{called}/forget", {"evidence": "true"})
    with database.reading() as session:
        (entry,) = audit_entries(session, AuditFilter(action="person_forgotten"))
    assert entry.details["evidence"] == "True"


def test_a_call_that_goes_on_is_in_the_way(admin, calls, browser_of) -> None:
    contact = calls.contact("王小安")
    calls.dial()
    asked = admin.get(f"/contacts/{contact}/forget")
    assert "being called at this moment" in asked.text
    assert "Erase for ever" not in asked.text
    refused = admin.post(f"/contacts/{contact}/forget")
    assert refused.status_code == 409
    assert "wait until the call is over" in refused.text.lower()
    chinese = browser_of(Role.ADMIN, "chen", "zh-CN")
    assert "请等通话结束" in chinese.get(f"/contacts/{contact}/forget").text


def test_nobody_but_an_administrator_sees_the_button(browser_of, called) -> None:
    supervisor = browser_of(Role.SUPERVISOR)
    assert "/forget" not in supervisor.get(f"/contacts/{called}").text
    assert supervisor.get(f"/contacts/{called}/forget").status_code == 403
    assert supervisor.post(f"/contacts/{called}/forget").status_code == 403


def test_a_contact_that_is_not_there_is_not_found(admin) -> None:
    assert admin.get("/contacts/99/forget").status_code == 404
    assert admin.post("/contacts/99/forget").status_code == 404


def test_files_that_could_not_be_erased_are_told(admin, called, settings) -> None:
    (settings.recordings_dir / "1.wav").mkdir(parents=True)
    done = admin.post(f"/contacts/{called}/forget")
    assert done.headers["location"] == f"/contacts/{called}?done=files_left"
    assert "tried again at night" in admin.get(done.headers["location"]).text
