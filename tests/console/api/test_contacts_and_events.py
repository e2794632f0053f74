"""Contacts by the API, and what becomes of them when their parcels move on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import sqlalchemy as sa

from store.audit_queries import audit_entries
from store.database import Database
from store.models import OutcomeRecord
from store.people_types import Role
from store.people_values import AuditFilter

Ask = Callable[..., httpx2.Response]

MOVED = {
    "event_id": "tms-1",
    "waybill": "SD1000002",
    "status": "delivered",
    "at": "2026-11-21T12:30:00+08:00",
}


def test_contacts_are_listed_masked_whoever_asks(ask: Ask, seeded: Any) -> None:
    path = f"/api/campaigns/{seeded.campaign}/contacts"
    waiting = ask("GET", f"{path}?status=waiting").json()["items"]
    assert [each["recipient"] for each in waiting] == ["张**", "刘**"]
    assert waiting[0]["phone"] == "+86138****8003"
    first = ask("GET", f"{path}?limit=3").json()
    rest = ask("GET", f"{path}?limit=3&cursor={first['next']}").json()
    assert len({each["id"] for each in first["items"] + rest["items"]}) == 4


def test_a_contact_is_found_masked_by_parcel_and_by_number(ask: Ask, seeded: Any) -> None:
    by_parcel = ask("GET", "/api/contacts?waybill=SD1000000", Role.VIEWER).json()["items"]
    assert [each["id"] for each in by_parcel] == [seeded.called]
    sought = {"phone": "+8613800138001"}
    by_number = ask("POST", "/api/contacts/search", Role.VIEWER, json=sought).json()["items"]
    assert [each["id"] for each in by_number] == [seeded.called]
    supervised = ask("POST", "/api/contacts/search", Role.SUPERVISOR, json=sought).json()["items"]
    assert [each["recipient"] for each in supervised] == ["王**"]
    nobody = ask("POST", "/api/contacts/search", json={"phone": "+8613800138999"}).json()
    assert nobody["items"] == []


def test_a_contact_is_whole_for_supervisors_and_masked_for_viewers(ask: Ask, seeded: Any) -> None:
    path = f"/api/contacts/{seeded.called}"
    whole = ask("GET", path, Role.SUPERVISOR).json()
    assert (whole["recipient"], whole["phone"]) == ("王小明", "+8613800138001")
    assert whole["parcels"][0]["address"].endswith("301室")
    masked = ask("GET", path, Role.VIEWER)
    for personal in ("小明", "138001", "幸福路", "世纪大道"):
        assert personal not in masked.text
    assert masked.json()["settled"]["outcome"] == "address_changed"


def test_a_contact_is_explained(ask: Ask, seeded: Any) -> None:
    lines = ask("GET", f"/api/contacts/{seeded.called}/explanation", Role.VIEWER).json()["lines"]
    assert "address_changed" in lines[0]


def test_what_a_person_wrote_about_a_contact_is_masked_or_seen_by_somebody_known(
    ask: Ask, seeded: Any, database: Database
) -> None:
    with database.transaction() as session:
        session.execute(sa.update(OutcomeRecord).values(needs_person="请给王小明回电，他住幸福路"))
    path = f"/api/contacts/{seeded.called}/explanation"
    assert "王小明" in ask("GET", path, Role.SUPERVISOR).text
    told = ask("GET", path, Role.VIEWER).text
    assert "请给***回电，他住***" in told
    with database.reading() as session:
        (looked,) = audit_entries(session, AuditFilter())
    assert (looked.action, looked.subject) == ("contact_seen", str(seeded.called))


def test_a_contact_that_is_cancelled_waits_for_no_call(ask: Ask, seeded: Any) -> None:
    path = f"/api/contacts/{seeded.waiting}/cancel"
    assert ask("POST", path).json()["status"] == "closed"
    assert ask("POST", path).json()["status"] == "closed"
    assert ask("POST", f"/api/contacts/{seeded.called}/cancel").status_code == 409


def test_who_waits_for_a_call_about_a_delivered_parcel_is_not_called(ask: Ask, seeded: Any) -> None:
    taken = ask("POST", "/api/events", json=MOVED)
    assert (taken.status_code, taken.json()["withdrawn"]) == (201, 1)
    contact = ask("GET", "/api/contacts?waybill=SD1000002").json()["items"][0]
    assert (contact["status"], contact["outcome"]) == ("closed", "withdrawn")
    told = ask("GET", "/api/events?waybill=SD1000002", Role.VIEWER).json()["items"]
    assert told == [taken.json()]


def test_an_event_counts_once(ask: Ask, seeded: Any) -> None:
    first = ask("POST", "/api/events", json=MOVED)
    again = ask("POST", "/api/events", json=MOVED)
    assert (again.status_code, again.json()) == (200, first.json())
    other = ask("POST", "/api/events", json=MOVED | {"status": "returned"})
    assert other.status_code == 409


def test_a_parcel_on_its_way_is_called_about(ask: Ask, seeded: Any) -> None:
    under_way = MOVED | {"status": "out_for_delivery"}
    assert ask("POST", "/api/events", json=under_way).json()["withdrawn"] == 0
    contact = ask("GET", "/api/contacts?waybill=SD1000002").json()["items"][0]
    assert contact["status"] == "waiting"


def test_times_without_a_zone_and_parcels_without_a_number_are_refused(
    ask: Ask, seeded: Any
) -> None:
    for wrong in (
        {"at": "2026-11-21T12:30:00"},
        {"at": 1763699400},
        {"waybill": "' OR 1"},
        {"status": "eaten"},
        {"more": 1},
    ):
        assert ask("POST", "/api/events", json=MOVED | wrong).status_code == 422
