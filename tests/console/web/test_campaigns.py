"""Campaigns are made, filled, started and stopped in the browser, by those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from campaigns.settings import Settings
from console.web.bringing import plain_name
from console.web.routes.manifests import harmless
from store.audit_queries import audit_entries
from store.database import Database
from store.people_types import Role
from store.people_values import AuditFilter
from store.queries import campaign_named
from store.types import CampaignStatus, Disposition, Outcome
from store.values import Settled, Settlement

NASTY = "<script>alert(1)</script>"
HEADER = "运单号,收件人,电话,地址,时段"
GOOD = "SD0000001,王小明,13800138001,上海市浦东新区幸福路18号,2026-12-01 14:00-16:00"
BAD = f"=1+1,{NASTY},123,,"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of their own."""
    return Settings.model_validate({"paths": {"data_dir": tmp_path / "data"}})


def upload(browser: Any, campaign: int, name: str, *rows: str) -> Any:
    text = "\n".join((HEADER, *rows)).encode()
    return browser.post(
        f"/campaigns/{campaign}/manifests", files={"file": (name, text, "text/csv")}
    )


def test_a_campaign_is_made_filled_and_started(
    admin: Any, database: Database, browser_of: Callable[..., Any]
) -> None:
    made = admin.post(
        "/campaigns",
        {"name": "晚班", "flow": "pre-delivery", "company": "顺达", "max_attempts": "2"},
    )
    assert made.headers["location"] == "/campaigns/1?done=campaign_created"
    report = upload(admin, 1, "晚班.csv", GOOD, BAD).text
    assert "晚班.csv: 2 rows" in report
    assert "1 / 1" in report or "0 of 1 done" in report
    assert NASTY not in report
    started = admin.post("/campaigns/1/steps/start")
    assert started.headers["location"] == "/campaigns/1?done=campaign_started"
    with database.reading() as session:
        campaign = campaign_named(session, "晚班")
        assert campaign is not None
        assert (campaign.status, dict(campaign.policy)) == (
            CampaignStatus.RUNNING,
            {"max_attempts": 2, "record_calls": False, "recording_notice": False},
        )
        trail = [each.action for each in audit_entries(session, AuditFilter(kind="campaign"))]
    assert trail == ["campaign_started", "campaign_created"]
    assert "晚班" in browser_of(Role.VIEWER).get("/campaigns").text


def test_the_same_file_again_changes_nothing(admin: Any, calls: Any) -> None:
    campaign = calls.campaign()
    upload(admin, campaign, "a.csv", GOOD)
    assert "nothing changed" in upload(admin, campaign, "a.csv", GOOD).text


def test_rows_that_stayed_out_are_taken_as_a_file_without_formulas(admin: Any, calls: Any) -> None:
    campaign = calls.campaign()
    page = upload(admin, campaign, "../../etc/a.csv", GOOD, BAD).text
    assert "etc" not in page
    (path,) = set(re.findall(r'href="(/campaigns/\d+/manifests/\d+/problems)"', page))
    answer = admin.get(path)
    assert answer.headers["content-disposition"].startswith("attachment")
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines()[0] == "Row,Problem and what to do"
    assert {line.split(",")[0] for line in text.splitlines()[1:]} == {"3"}
    assert admin.get(path.replace("/campaigns/1/", "/campaigns/2/")).status_code == 404


def test_a_completed_manifest_is_taken_and_written_down(
    admin: Any, calls: Any, database: Database
) -> None:
    campaign = calls.campaign()
    upload(admin, campaign, "a.csv", GOOD)
    answer = admin.get(f"/campaigns/{campaign}/manifests/1/completed")
    assert "SD0000001" in answer.content.decode("utf-8-sig")
    with database.reading() as session:
        assert audit_entries(session, AuditFilter(action="manifest_taken", subject="1"))


def test_a_file_that_is_no_manifest_is_refused_with_what_to_do(admin: Any, calls: Any) -> None:
    campaign = calls.campaign()
    for name, content in (("a.csv", b"\x00\x01"), ("a.xlsx", b"PK nothing"), ("a.exe", b"MZ")):
        answer = admin.post(
            f"/campaigns/{campaign}/manifests", files={"file": (name, content, "text/csv")}
        )
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("fields", "status", "told"),
    [
        ({"name": " "}, 422, "Fill in name"),
        ({"flow": "nonsense"}, 422, "does not exist in this language"),
        ({"flow": "care", "language": "en-US"}, 422, "does not exist in this language"),
        ({"calling_window": "late"}, 422, "rules can"),
        ({"max_attempts": "-1"}, 422, "rules can"),
        ({"max_concurrent_calls": "0"}, 422, "rules can"),
        ({"time_zone": "Mars/Base"}, 422, "rules can"),
        ({"name": "早班"}, 409, "campaign of this name"),
    ],
)
def test_a_campaign_that_could_not_run_is_not_made(
    admin: Any, calls: Any, fields: dict[str, str], status: int, told: str
) -> None:
    calls.campaign("早班")
    answer = admin.post(
        "/campaigns",
        {"name": "新", "flow": "pre-delivery", "company": "顺达", "record_calls": "true"} | fields,
    )
    assert answer.status_code == status
    assert told in answer.text


def test_a_step_that_makes_no_sense_is_refused(admin: Any, calls: Any) -> None:
    campaign = calls.campaign()
    assert admin.post(f"/campaigns/{campaign}/steps/pause").status_code == 303
    assert admin.post(f"/campaigns/{campaign}/steps/pause").status_code == 409
    assert admin.post(f"/campaigns/{campaign}/steps/explode").status_code == 404
    assert admin.post("/campaigns/99/steps/start").status_code == 404


def test_a_viewer_sees_campaigns_and_changes_none(
    calls: Any, database: Database, browser_of: Callable[..., Any]
) -> None:
    campaign, viewer = calls.campaign(NASTY), browser_of(Role.VIEWER)
    page = viewer.get(f"/campaigns/{campaign}").text
    assert NASTY not in page
    assert "/steps/" not in page
    assert upload(viewer, campaign, "a.csv", GOOD).status_code == 403
    for path in ("/steps/pause", "/steps/cancel"):
        assert viewer.post(f"/campaigns/{campaign}{path}").status_code == 403
    assert viewer.post("/campaigns", {"name": "x"}).status_code == 403


def test_progress_and_outcomes_are_drawn(calls: Any, now: datetime, admin: Any) -> None:
    calls.contact()
    calls.contact()
    calls.dial(settlement=confirmed(now))
    page = admin.get("/campaigns/1/progress").text
    assert "50%" in page
    assert "Confirmed 1" in page


def confirmed(now: datetime, **settled: str) -> Settlement:
    return Settlement(
        Disposition.COMPLETED,
        Outcome.CONFIRMED,
        now,
        Settled(**settled),  # type: ignore[arg-type]
        answered=True,
    )


def test_contacts_are_listed_masked_and_found(calls: Any, admin: Any) -> None:
    for name in ("王小明", "李四", NASTY):
        calls.contact(name)
    page = admin.get("/campaigns/1/contacts").text
    assert "王**" in page
    assert "王小明" not in page
    assert NASTY not in page
    for who in ("李四", "SD002", "13800138002"):
        found = admin.post("/campaigns/1/contacts", {"who": who}).text
        assert re.findall(r'href="/contacts/(\d+)"', found) == ["2"], who
    assert "No contacts found" in admin.get("/campaigns/1/contacts?status=done").text
    assert admin.get("/campaigns/9/contacts").status_code == 404


def test_pages_of_contacts_follow_each_other(calls: Any, admin: Any) -> None:
    for _ in range(51):
        calls.contact()
    page = admin.get("/campaigns/1/contacts").text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', page)
    rest = admin.get(following.replace("&amp;", "&")).text
    assert re.findall(r'href="/contacts/(\d+)"', rest) == ["51"]


def test_a_contact_is_explained_in_both_languages(
    calls: Any, now: datetime, database: Database, browser_of: Callable[..., Any]
) -> None:
    waiting, called = calls.contact(), calls.contact("李四")
    for language, told in (
        ("en-US", ("It waits for a free line", "Nobody has dialled it")),
        ("zh-CN", ("在等空闲线路", "还没有拨打过")),
    ):
        page = browser_of(Role.ADMIN, language, language=language).get(f"/contacts/{waiting}").text
        assert all(each in page for each in told)
    calls.dial(settlement=confirmed(now, needs_person="李四要回电"))
    supervisor = browser_of(Role.SUPERVISOR)
    page = supervisor.get(f"/contacts/{waiting}").text
    assert "Its matter is settled: Confirmed." in page
    assert called
    with database.reading() as session:
        seen = audit_entries(
            session, AuditFilter(action="contact_seen", user_id=supervisor.user_id)
        )
        assert [each.subject for each in seen] == [str(waiting)]


def test_a_viewer_reads_why_without_knowing_who(
    calls: Any, now: datetime, browser_of: Callable[..., Any]
) -> None:
    contact = calls.contact()
    calls.dial(settlement=confirmed(now, needs_person="王小明要回电13800138001"))
    page = browser_of(Role.VIEWER).get(f"/contacts/{contact}").text
    assert "A person is needed: ***要回电***" in page
    assert "王小明" not in page
    assert "8613800138001" not in page


def test_what_a_spreadsheet_or_a_file_system_might_take_wrongly_is_harmless() -> None:
    assert [harmless(text) for text in ("=1", "+1", "-1", "@x", "ok")] == [
        "'=1",
        "'+1",
        "'-1",
        "'@x",
        "ok",
    ]
    assert plain_name("..\\..\\a\x00b.csv") == "ab.csv"
