"""Call review in the browser: the list of a week, the sheet, comments and the case library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from campaigns.attempt import settle_report
from campaigns.order import CallReport
from campaigns.rehearsed import invent_campaign
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from dialer.leg import HangupCause
from ivr.exchange import DialogOutcome, DialogResult
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.people_types import Role
from store.queries import set_campaign_status
from store.review_queries import comments_on, reviews_of_call
from store.types import CampaignStatus

MARKS = {"greeting": 18, "adherence": 25, "attitude": 20, "resolution": 30}


@pytest.fixture
def call(database: Database, now: datetime) -> int:
    """A settled call that a person has to look at."""
    with database.transaction() as session:
        campaign_id = invent_campaign(session, now, people=1)
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, now)
        claimed = claim_next(session, campaign_id, now, claimed_by="test")
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, now)
        asked = DialogResult(
            DialogOutcome.CALLBACK_PROMISED, finished=True, needs_person="客户要求人工"
        )
        report = CallReport(
            claimed.attempt_id, HangupCause.WE_HUNG_UP, 200, True, 2.0, 30.0, result=asked
        )
        settle_report(session, claimed, report, now, rules_of(CampaignSettings(), {}))
    return claimed.attempt_id


@pytest.fixture
def supervisor(browser_of: Callable[..., Any]) -> Any:
    """A browser in which a supervisor is signed in."""
    return browser_of(Role.SUPERVISOR)


def test_a_week_is_drawn_scored_and_shown_with_its_points(
    supervisor: Any, call: int, now: datetime
) -> None:
    week = now.date().isoformat()
    drawn = supervisor.post("/reviews/draw", {"week": week})
    listed = supervisor.get(f"/reviews?week={week}").text
    sheet = supervisor.get("/reviews/1").text
    scored = supervisor.post("/reviews/1", MARKS | {"remark": "开场太快"})
    after = supervisor.get(f"/reviews?week={week}").text
    assert drawn.status_code == scored.status_code == 303
    assert "Flagged" in listed
    assert "客户要求人工" in listed
    assert all(f'name="{name}"' in sheet for name in MARKS)
    assert f">{sum(MARKS.values())}<" in after.replace(" ", "")


@pytest.mark.parametrize(
    "marks",
    [{}, MARKS | {"greeting": 21}, MARKS | {"attitude": -1}, MARKS | {"resolution": "viel"}],
)
def test_a_sheet_that_is_not_filled_in_is_refused(
    supervisor: Any, call: int, database: Database, marks: dict[str, Any]
) -> None:
    supervisor.post(f"/calls/{call}/list")
    assert supervisor.post("/reviews/1", marks).status_code == 422
    with database.reading() as session:
        [line] = reviews_of_call(session, call)
    assert line.done_at is None


def test_a_comment_is_shown_where_it_belongs_and_runs_nothing(
    supervisor: Any, call: int, database: Database
) -> None:
    text = "<img src=x onerror=alert(1)>"
    shown = supervisor.post(f"/calls/{call}/comments", {"text": text, "at_seconds": "12.5"}).text
    with database.reading() as session:
        [comment] = comments_on(session, call)
    assert (comment.at_seconds, comment.text, comment.written_by) == (12.5, text, "The supervisor")
    assert 'data-seek="12.5"' in shown
    assert text not in shown


def test_a_call_becomes_a_case_that_the_library_finds(supervisor: Any, call: int) -> None:
    case = {"title": "安抚得好", "lesson": "先道歉", "tags": "投诉，安抚 投诉"}
    supervisor.post(f"/calls/{call}/case", case)
    everything = supervisor.get("/cases").text
    found = supervisor.get("/cases?tag=安抚&words=安抚").text
    nothing = supervisor.get("/cases?words=别的").text
    assert "安抚得好" in everything
    assert "先道歉" in found
    assert found.count("?tag=%E6%8A%95%E8%AF%89") == 1
    assert "安抚得好" not in nothing


def test_there_is_nothing_to_say_about_a_call_that_never_was(supervisor: Any) -> None:
    for path, fields in (
        ("/calls/999/comments", {"text": "?"}),
        ("/calls/999/case", {"title": "?"}),
        ("/calls/999/list", {}),
    ):
        assert supervisor.post(path, fields).status_code == 404
    assert supervisor.get("/reviews/999").status_code == 404


def test_agents_and_viewers_review_nothing(browser_of: Callable[..., Any], call: int) -> None:
    for role in (Role.AGENT, Role.VIEWER):
        browser = browser_of(role)
        assert browser.get("/reviews").status_code == 403
        assert browser.get(f"/calls/{call}/notes").status_code == 403
        assert browser.post(f"/calls/{call}/comments", {"text": "?"}).status_code == 403
