"""The do-not-call list is looked up, added to, and taken from only where that is right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from console.web.suppression_source import SourceView, source_view
from store.audit_queries import audit_entries
from store.database import Database
from store.people_types import Role
from store.people_values import AuditFilter
from store.suppression import is_suppressed, suppress
from store.suppression_queries import suppressions
from store.types import SuppressionReason

PHONE = "+8613800138001"


@pytest.fixture
def listed(database: Database, now: datetime) -> int:
    """A number on the list."""
    with database.transaction() as session:
        suppress(session, PHONE, SuppressionReason.LISTED, now, "<b>list</b>")
        return suppressions(session, PHONE).lines[0].id


def test_the_list_is_masked_and_harmless(listed: int, admin: Any) -> None:
    page = admin.get("/suppression").text
    assert "+86138****8001" in page
    assert PHONE not in page
    assert "<b>list" not in page
    assert "Came with a list" in page
    assert "The list is empty" in admin.get("/suppression?reason=complaint").text


def test_a_number_is_looked_up_and_that_is_written_down(
    listed: int, admin: Any, database: Database
) -> None:
    assert (
        f"{PHONE} is on the list"
        in admin.post("/suppression/search", {"phone": "138 0013 8001"}).text
    )
    assert "is not on the list" in admin.post("/suppression/search", {"phone": "13800138002"}).text
    assert admin.post("/suppression/search", {"phone": "12"}).status_code == 422
    with database.reading() as session:
        trail = audit_entries(session, AuditFilter(action="suppression_searched"))
    assert [each.details for each in trail] == [{"found": "False"}, {"found": "True"}]


def test_where_an_entry_comes_from_is_told_in_words(
    admin: Any, database: Database, now: datetime
) -> None:
    sources = ("campaign 1, attempt 13", "attempt 14, agent 7", f"user {admin.user_id}")
    with database.transaction() as session:
        for number, source in enumerate(sources):
            suppress(session, f"+861380013810{number}", SuppressionReason.LISTED, now, source)
    page = admin.get("/suppression").text
    assert 'Asked for in call <a href="/calls/13">13</a>' in page
    assert 'Written down by an agent after call <a href="/calls/14">14</a>' in page
    assert "Added by The admin" in page
    assert "attempt 1" not in page


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("user 7", SourceView("suppression.by_user", name="王芳")),
        ("user 8", SourceView("", name="user 8")),
        ("campaign 1, attempt 2, agent", SourceView("suppression.by_agent", call_id=2)),
        ("a list of 2024", SourceView("", name="a list of 2024")),
    ],
)
def test_a_source_that_nobody_knows_is_shown_as_it_was_written(
    source: str, told: SourceView
) -> None:
    assert source_view(source, {7: "王芳"}) == told


def test_a_number_is_added_once(
    admin: Any, database: Database, browser_of: Callable[..., Any]
) -> None:
    fields = {"phone": "13800138001", "reason": "complaint"}
    done = [
        browser.post("/suppression", fields).headers["location"]
        for browser in (browser_of(Role.SUPERVISOR), admin)
    ]
    assert done == ["/suppression?done=suppression_added", "/suppression?done=suppression_known"]
    with database.reading() as session:
        assert is_suppressed(session, PHONE)
        assert len(audit_entries(session, AuditFilter(action="suppression_added"))) == 1


def test_what_is_no_number_or_no_reason_is_refused(admin: Any) -> None:
    for fields in (
        {"phone": "call me", "reason": "operator"},
        {"phone": "13800138001", "reason": "listed"},
        {"phone": "13800138001", "reason": "nonsense"},
    ):
        assert admin.post("/suppression", fields).status_code == 422


def test_an_administrator_takes_a_number_off_for_a_reason(
    listed: int, admin: Any, database: Database, browser_of: Callable[..., Any]
) -> None:
    path = f"/suppression/{listed}/lift"
    assert browser_of(Role.SUPERVISOR).post(path, {"why": "owner_asked"}).status_code == 403
    assert admin.post(path, {"why": ""}).status_code == 422
    assert admin.post(path, {"why": "owner_asked"}).status_code == 303
    assert admin.post(path, {"why": "owner_asked"}).status_code == 409
    with database.reading() as session:
        assert not is_suppressed(session, PHONE)
        (entry,) = audit_entries(session, AuditFilter(action="suppression_lifted"))
    assert entry.details == {"reason": "listed", "why": "owner_asked"}


def test_who_asked_never_to_be_called_stays_on_the_list(
    admin: Any, database: Database, now: datetime
) -> None:
    with database.transaction() as session:
        suppress(session, PHONE, SuppressionReason.OPTED_OUT, now)
        entry = suppressions(session, PHONE).lines[0].id
    assert "For ever" in admin.get("/suppression").text
    assert admin.post(f"/suppression/{entry}/lift", {"why": "owner_asked"}).status_code == 409
    with database.reading() as session:
        assert is_suppressed(session, PHONE)


def test_the_trail_tells_who_did_what_in_both_languages(
    listed: int, admin: Any, browser_of: Callable[..., Any]
) -> None:
    admin.post(f"/suppression/{listed}/lift", {"why": "entered_wrongly"})
    page = admin.get("/audit").text
    for told in ("Taken off do-not-call", "The admin", "why: entered wrongly"):
        assert told in page
    chinese = browser_of(Role.ADMIN, "second", language="zh-CN")
    assert "移出免打扰" in chinese.get("/audit?kind=suppression").text
    entry = f"Do-not-call entry {listed}"
    assert entry not in admin.get("/audit?action=user_added&since=x").text
    assert entry in admin.get(f"/audit?subject={listed}&since=2026-01-01").text
    assert entry not in admin.get("/audit?until=2026-01-01").text
    assert browser_of(Role.SUPERVISOR).get("/audit").status_code == 403


def test_the_trail_goes_on_on_the_next_page(admin: Any, database: Database, now: datetime) -> None:
    for _ in range(101):
        admin.post("/suppression/search", {"phone": "13800138001"})
    page = admin.get("/audit").text
    (older,) = [part.split('"')[0] for part in page.split('rel="next" href="')[1:]]
    assert page.count("Do-not-call searched") - 1 == 100
    assert admin.get(older).text.count("Do-not-call searched") - 1 == 1


def test_a_list_is_taken_in_with_its_merchants_and_given_out_again_and_both_are_traced(
    admin: Any, database: Database, browser_of: Callable[..., Any]
) -> None:
    rows = "号码,商家,原因\n13800138001,书店,投诉\n13800138002,,\n=1+1,,\n"
    answer = (
        browser_of(Role.SUPERVISOR)
        .post(
            "/suppression/list",
            {"reason": "listed"},
            files={"file": ("../list.csv", rows.encode(), "text/csv")},
        )
        .text
    )
    assert "list.csv: 2 new, 0 known already" in answer
    assert "One line was not taken" in answer
    assert "书店" in answer
    assert PHONE not in answer
    taken = admin.get("/suppression/list?merchant=书店")
    assert taken.headers["content-disposition"].startswith("attachment")
    text = taken.content.decode("utf-8-sig")
    assert PHONE in text
    assert "list.csv" in text
    assert "+8613800138002" not in text
    with database.reading() as session:
        assert len(suppressions(session).lines) == 2
        trail = audit_entries(session, AuditFilter(kind="suppression"))
    assert [(each.action, each.details["rows"]) for each in trail] == [
        ("suppression_exported", "1"),
        ("suppression_imported", "2"),
    ]
    assert browser_of(Role.VIEWER).get("/suppression/list").status_code == 403
    broken = {"file": ("a.xlsx", b"PK nothing", "text/csv")}
    assert admin.post("/suppression/list", files=broken).status_code == 422
