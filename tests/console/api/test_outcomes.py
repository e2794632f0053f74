"""What dispatch pulls: outcomes, and beside them the desk, tickets and numbers not to be called."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2
import sqlalchemy as sa

from store.audit_queries import audit_entries
from store.callbacks import finish_callback, promise_callback
from store.database import Database
from store.models import Contact, OutcomeRecord
from store.outcomes import record_outcome
from store.people_types import Role
from store.people_values import AuditFilter
from store.types import Disposition, Outcome
from store.values import Settled

Ask = Callable[..., httpx2.Response]


def test_outcomes_are_pulled_each_once_and_none_is_left_out(
    ask: Ask, seeded: Any, database: Database, now: datetime
) -> None:
    first = ask("GET", "/api/outcomes?limit=1", Role.SUPERVISOR).json()
    assert first["more"]
    second = ask("GET", f"/api/outcomes?cursor={first['next']}", Role.SUPERVISOR).json()
    assert not second["more"]
    told = first["items"] + second["items"]
    assert [each["waybill"] for each in told] == ["SD1000000", "SD1000001"]
    assert told[0]["settled"]["new_address"] == "上海市浦东新区世纪大道100号"
    assert len({each["idempotency_key"] for each in told}) == 2
    nothing = ask("GET", f"/api/outcomes?cursor={second['next']}").json()
    assert (nothing["items"], nothing["next"]) == ([], second["next"])
    with database.transaction() as session:
        contact = session.get_one(Contact, seeded.waiting)
        words = (Disposition.EXPIRED, Outcome.EXPIRED)
        record_outcome(session, contact, None, words, now, True, Settled())
    later = ask("GET", f"/api/outcomes?cursor={second['next']}").json()["items"]
    assert [(each["waybill"], each["call_id"]) for each in later] == [("SD1000002", None)]


def test_dispatch_learns_until_when_a_person_calls_back_and_that_they_have(
    ask: Ask, seeded: Any, database: Database, now: datetime
) -> None:
    def told() -> list[str | None]:
        items = ask("GET", "/api/outcomes").json()["items"]
        return [each["settled"]["callback_by"] for each in items]

    assert told() == [None, None]
    with database.transaction() as session:
        promise_callback(session, seeded.unheard, now + timedelta(hours=2))
        for kept in session.scalars(sa.select(OutcomeRecord)):
            kept.needs_person = "客户要求人工"
    assert told() == [None, "2026-11-21T06:00:00.000Z"]
    with database.transaction() as session:
        finish_callback(session, seeded.unheard, seeded.agent, now)
    assert told() == [None, None]


def test_no_callback_is_told_once_the_ticket_of_the_call_has_had_it(
    ask: Ask, seeded: Any, database: Database, now: datetime
) -> None:
    with database.transaction() as session:
        promise_callback(session, seeded.call, now + timedelta(hours=2))
    told = ask("GET", f"/api/calls/{seeded.call}").json()
    assert told["tickets"] == [seeded.ticket]
    assert told["settled"]["callback_by"] is None


def test_an_outcome_that_may_still_be_overtaken_waits(
    ask: Ask, seeded: Any, database: Database, later: datetime
) -> None:
    end = ask("GET", "/api/outcomes").json()["next"]
    with database.transaction() as session:
        contact = session.get_one(Contact, seeded.waiting)
        words = (Disposition.EXPIRED, Outcome.EXPIRED)
        a_second_ago = later - timedelta(seconds=1)
        record_outcome(session, contact, None, words, a_second_ago, True, Settled())
    told = ask("GET", f"/api/outcomes?cursor={end}").json()
    assert (told["items"], told["next"]) == ([], end)


def test_outcomes_of_one_parcel_or_campaign_are_found(ask: Ask, seeded: Any) -> None:
    one = ask("GET", "/api/outcomes?waybill=SD1000001").json()["items"]
    assert [each["settled"]["disposition"] for each in one] == ["busy"]
    assert ask("GET", f"/api/outcomes?campaign_id={seeded.draft}").json()["items"] == []


def test_taking_outcomes_is_noted_without_telling_whose(
    ask: Ask, seeded: Any, database: Database
) -> None:
    ask("GET", "/api/outcomes")
    with database.reading() as session:
        (entry,) = audit_entries(session, AuditFilter())
    assert (entry.action, entry.details) == ("outcomes_taken", {"count": "2"})


def test_numbers_not_to_be_called_are_masked_in_a_list_and_found_by_number(
    ask: Ask, seeded: Any
) -> None:
    listed = ask("GET", "/api/suppressions").json()["items"]
    assert [each["phone"] for each in listed] == ["+86139****9002", "+86139****9001"]
    sought = {"phone": "+8613900139001"}
    found = ask("POST", "/api/suppressions/search", Role.SUPERVISOR, json=sought).json()["items"]
    assert [each["phone"] for each in found] == ["+8613900139001"]
    other = {"phone": "+8613900139999"}
    assert ask("POST", "/api/suppressions/search", json=other).json()["items"] == []


def test_a_number_that_is_added_is_not_called_any_more(ask: Ask, seeded: Any) -> None:
    sent = {"phone": "+8613800138003", "reason": "complaint"}
    assert ask("POST", "/api/suppressions", json=sent).status_code == 201
    again = ask("POST", "/api/suppressions", json=sent | {"reason": "operator"})
    assert (again.status_code, again.json()["reason"]) == (200, "complaint")
    contact = ask("GET", "/api/contacts?waybill=SD1000002").json()["items"][0]
    assert contact["outcome"] == "suppressed"


def test_an_administrator_lifts_a_number_but_nobody_an_opt_out(ask: Ask, seeded: Any) -> None:
    path = f"/api/suppressions/{seeded.suppression}"
    assert ask("DELETE", path, Role.SUPERVISOR).status_code == 403
    assert ask("DELETE", path).status_code == 204
    assert ask("DELETE", path).status_code == 404
    assert ask("DELETE", f"/api/suppressions/{seeded.opt_out}").status_code == 409
    left = ask("GET", "/api/suppressions").json()["items"]
    assert [each["id"] for each in left] == [seeded.opt_out]


def test_agents_and_transfers_are_seen(ask: Ask, seeded: Any) -> None:
    agents = ask("GET", "/api/agents", Role.VIEWER).json()["items"]
    assert [(each["name"], each["state"]) for each in agents] == [("小陈", "break")]
    assert ask("GET", "/api/agents?state=ready").json()["items"] == []
    assert ask("GET", f"/api/agents/{seeded.agent}").json() == agents[0]
    waiting = ask("GET", "/api/transfers?status=waiting", Role.AGENT).json()["items"]
    assert [each["call_id"] for each in waiting] == [seeded.call]
    assert ask("GET", f"/api/transfers/{seeded.transfer}").json() == waiting[0]
    assert ask("GET", "/api/transfers/999").status_code == 404


def test_a_ticket_keeps_the_customers_words_from_viewers(ask: Ask, seeded: Any) -> None:
    listed = ask("GET", "/api/tickets?status=open", Role.VIEWER).json()["items"]
    assert [each["number"] for each in listed] == [seeded.ticket]
    path = f"/api/tickets/{seeded.ticket}"
    masked = ask("GET", path, Role.VIEWER)
    assert (masked.json()["record"], masked.json()["words"]) == ({}, "")
    assert ask("GET", path, Role.SUPERVISOR).json()["words"] == "箱子破了"
    assert ask("GET", "/api/tickets/T20200101-0001").status_code == 404


def test_a_merchant_may_have_a_list_of_its_own(ask: Ask) -> None:
    number = {"phone": "+8613900139077"}
    sent = number | {"merchant": " 书店 ", "evidence": "来信"}
    made = ask("POST", "/api/suppressions", Role.SUPERVISOR, json=sent)
    assert made.status_code == 201
    assert (made.json()["merchant"], made.json()["evidence"]) == ("书店", "来信")
    assert ask("POST", "/api/suppressions", Role.SUPERVISOR, json=number).status_code == 201
    found = ask("POST", "/api/suppressions/search", Role.SUPERVISOR, json=number).json()["items"]
    assert [each["merchant"] for each in found] == ["", "书店"]
    theirs = ask("GET", "/api/suppressions", params={"merchant": "书店"}).json()["items"]
    assert [each["id"] for each in theirs] == [made.json()["id"]]
