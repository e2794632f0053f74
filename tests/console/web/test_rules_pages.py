"""The rules of a campaign are typed, checked, shown in words and changed by those who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from console.web.policy_form import policy_in, usual, with_rules
from store.api_queries import change_campaign
from store.audit_queries import audit_entries
from store.closing import close
from store.contact_queries import status_counts
from store.database import Database
from store.desk_live import write_engine
from store.people_types import Role
from store.people_values import AuditFilter
from store.queries import campaign
from store.types import ContactStatus, Disposition, Outcome

SETTINGS = CampaignSettings()
NEW = {"name": "试点", "flow": "pre-delivery", "company": "顺达"}


def test_what_a_form_shows_at_first_changes_nothing_when_it_is_sent() -> None:
    assert policy_in(usual(SETTINGS), SETTINGS) == {}


def test_what_is_typed_becomes_the_policy_and_is_shown_again() -> None:
    typed = usual(SETTINGS) | {
        "pacing_mode": "predictive",
        "pacing_abandon_ceiling": "2.5",
        "when_rest": "12:00-14:00",
        "trunks_caller_ids": "4008001234，01065432100",
        "scope_share": "20%",
        "scripts": "a 3 1\nb - 2",
    }
    policy = policy_in(typed, SETTINGS)
    assert policy == {
        "pacing": {"mode": "predictive", "abandon_ceiling": 0.025},
        "when": {"rest": "12:00-14:00"},
        "trunks": {"caller_ids": ["4008001234", "01065432100"]},
        "scope": {"share": 0.2},
        "scripts": [{"name": "a", "version": "3", "weight": 1.0}, {"name": "b", "weight": 2.0}],
    }
    assert policy_in(usual(SETTINGS, policy), SETTINGS) == policy


def test_rules_that_the_form_does_not_show_stay_as_they_were() -> None:
    policy = {"retry": {"table": "urgent", "rules": {"busy": "never"}}, "max_unfinished": 1}
    kept = with_rules(policy, usual(SETTINGS) | {"retry_table": "care"}, SETTINGS)
    assert kept == {"retry": {"table": "care", "rules": {"busy": "never"}}, "max_unfinished": 1}


def test_a_campaign_with_rules_of_its_own_shows_them_in_words(
    admin: Any, browser_of: Callable[..., Any]
) -> None:
    fields = {"pacing_mode": "predictive", "when_holiday": "closed", "retry_table": "urgent"}
    made = admin.post("/campaigns", NEW | fields | {"scope_regions": "华东", "scope_share": "20"})
    assert made.headers["location"] == "/campaigns/1?done=campaign_created"
    page = admin.get("/campaigns/1").text
    for told in ("Predictive", "at most 3% abandoned", "华东, 20% of these people", "At most 5"):
        assert told in page
    chinese = browser_of(Role.VIEWER, language="zh-CN").get("/campaigns/1").text
    assert "预测外呼" in chinese
    assert "修改规则" not in chinese


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"pacing_abandon_ceiling": "much"}, "People abandoned at most (%) can"),
        ({"pacing_abandon_ceiling": "20"}, "rules can"),
        ({"retry_table": "nonsense"}, "rules can"),
        ({"scripts": "a 9 1"}, "never published"),
    ],
)
def test_rules_that_could_not_be_run_by_are_refused_and_kept_in_the_form(
    admin: Any, fields: dict[str, str], told: str
) -> None:
    answer = admin.post("/campaigns", NEW | fields)
    assert answer.status_code == 422
    assert told in answer.text
    assert next(iter(fields.values())) in answer.text


def test_a_narrower_pilot_closes_whoever_waits_and_a_wider_one_opens_them_again(
    admin: Any, calls: Any, database: Database, browser_of: Callable[..., Any]
) -> None:
    owner = calls.campaign()
    calls.contact()
    path = f"/campaigns/{owner}/rules"
    assert 'name="scope_regions"' in admin.get(path).text
    done = f"/campaigns/{owner}?done=campaign_changed"

    def waiting() -> int:
        with database.reading() as session:
            return status_counts(session)[owner].get(ContactStatus.WAITING, 0)

    narrow = usual(SETTINGS) | {"scope_regions": "华东"}
    assert admin.post(path, narrow).headers["location"] == done
    assert waiting() == 0
    assert admin.post(path, usual(SETTINGS)).headers["location"] == done
    assert waiting() == 1
    with database.reading() as session:
        assert rules_of(SETTINGS, campaign(session, owner).policy).scope.is_everybody
        assert len(audit_entries(session, AuditFilter(action="campaign_changed"))) == 2
    assert browser_of(Role.VIEWER).post(path, usual(SETTINGS)).status_code == 403
    admin.post(f"/campaigns/{owner}/steps/cancel")
    assert waiting() == 0
    assert admin.post(path, usual(SETTINGS)).status_code == 409


def test_a_page_says_at_what_pace_a_campaign_is_called_and_what_holds_it(
    admin: Any, calls: Any, database: Database, clock: Any
) -> None:
    owner, left_out = calls.campaign(), calls.contact()
    with database.transaction() as session:
        close(session, left_out, Disposition.OUT_OF_SCOPE, Outcome.NOT_CALLED, clock())
    page = admin.get(f"/campaigns/{owner}/progress").text
    assert "No engine calls for this campaign" in page
    assert "Left out of the pilot, to compare with: 1" in page
    pace = {"mode": "predictive", "reason": "budget", "abandoned": 0.021}
    with database.transaction() as session:
        trunk = {"paces": {str(owner): pace}}
        write_engine(session, "engine", clock(), slots=8, in_use=0, workers=1, trunk=trunk)
    page = admin.get(f"/campaigns/{owner}/progress").text
    assert "engine: calls for free agents only" in page
    assert "2.1% abandoned" in page


def test_a_contact_is_explained_by_the_laws_and_a_viewer_learns_no_number(
    calls: Any, database: Database, browser_of: Callable[..., Any]
) -> None:
    contact = calls.contact()
    admin = browser_of(Role.ADMIN).get(f"/contacts/{contact}").text
    assert "By all laws it is called now" in admin
    assert "SD001" in admin
    chinese = browser_of(Role.VIEWER, language="zh-CN").get(f"/contacts/{contact}").text
    assert "详细说明" in chinese
    assert "王小明" not in chinese
    assert "8613800138" not in chinese
    with database.transaction() as session:
        change_campaign(session, 1, {"policy": {"retry": {"table": "gone"}}})
    broken = browser_of(Role.SUPERVISOR).get(f"/contacts/{contact}")
    assert broken.status_code == 200
    assert "The rules of this campaign can" in broken.text
