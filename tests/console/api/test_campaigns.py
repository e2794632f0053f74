"""Campaigns and manifests by the API: made, changed once, run, looked into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2

from store.people_types import Role

Ask = Callable[..., httpx2.Response]

DRAFT = {"name": "周末", "flow": "pre-delivery", "policy": {"max_attempts": 2}}


def test_a_campaign_is_made_with_what_the_settings_say_besides(ask: Ask, seeded: Any) -> None:
    made = ask("POST", "/api/campaigns", json=DRAFT)
    assert made.status_code == 201
    shown = made.json()
    assert (shown["status"], shown["company"]) == ("draft", "顺达快递")
    assert shown["policy"] == {"max_attempts": 2}
    found = ask("GET", made.headers["Location"], Role.VIEWER)
    assert found.json() == shown
    assert found.headers["ETag"] == made.headers["ETag"]


def test_the_same_request_with_the_same_key_makes_one_campaign(ask: Ask, seeded: Any) -> None:
    key = {"Idempotency-Key": "weekend-1"}
    first = ask("POST", "/api/campaigns", json=DRAFT, headers=key)
    again = ask("POST", "/api/campaigns", json=DRAFT, headers=key)
    assert again.json() == first.json()
    other = ask("POST", "/api/campaigns", json=DRAFT | {"name": "别的"}, headers=key)
    assert other.status_code == 409
    someone_else = ask("POST", "/api/campaigns", Role.SUPERVISOR, json=DRAFT, headers=key)
    assert someone_else.status_code == 409
    assert "name" in someone_else.json()["detail"]


def test_a_campaign_needs_a_flow_a_zone_and_rules_that_there_are(ask: Ask, seeded: Any) -> None:
    assert ask("POST", "/api/campaigns", json=DRAFT | {"flow": "no-such"}).status_code == 409
    assert ask("POST", "/api/campaigns", json=DRAFT | {"time_zone": "Mars/Here"}).status_code == 409
    odd = DRAFT | {"policy": {"calling_window": "9 to 5"}}
    refused = ask("POST", "/api/campaigns", json=odd)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"] == "body.policy.calling_window"
    assert "9 to 5" not in refused.text


def test_a_campaign_may_have_hours_for_kinds_of_days(ask: Ask, seeded: Any) -> None:
    when = {"holiday": "closed", "rest": "12:00-14:00", "lead_minutes": 30, "jurisdiction": "cn"}
    made = ask("POST", "/api/campaigns", json=DRAFT | {"policy": {"when": when}})
    assert made.status_code == 201
    assert made.json()["policy"] == {"when": when}
    for wrong in ({"holiday": "never"}, {"jurisdiction": "mars"}):
        draft = DRAFT | {"name": "别的", "policy": {"when": wrong}}
        assert ask("POST", "/api/campaigns", json=draft).status_code == 422


def test_a_campaign_may_choose_and_change_its_retry_table(ask: Ask, seeded: Any) -> None:
    rules = {"busy": {"minutes": [5.0, 30.0]}, "voicemail": {"next_window": 60.0, "sooner": 20.0}}
    retry = {"table": "urgent", "rules": rules}
    made = ask("POST", "/api/campaigns", json=DRAFT | {"policy": {"retry": retry}})
    assert made.status_code == 201
    assert made.json()["policy"] == {"retry": retry}
    for wrong in (
        {"table": "no-such"},
        {"rules": {"busy": {"minutes": [30.0, 5.0]}}},
        {"rules": {"abandoned": {"minutes": [30.0]}}},
        {"rules": {"busy": {}}},
        {"rules": {"invalid_number": {"minutes": [30.0]}}},
    ):
        draft = DRAFT | {"name": "别的", "policy": {"retry": wrong}}
        assert ask("POST", "/api/campaigns", json=draft).status_code in (409, 422), wrong


def test_a_change_needs_what_was_seen_and_what_is_still_so(ask: Ask, seeded: Any) -> None:
    path = f"/api/campaigns/{seeded.draft}"
    assert ask("PATCH", path, json={"company": "顺通"}).status_code == 428
    seen = ask("GET", path).headers["ETag"]
    changed = ask("PATCH", path, json={"company": "顺通"}, headers={"If-Match": seen})
    assert changed.json()["company"] == "顺通"
    late = ask("PATCH", path, json={"company": "顺风"}, headers={"If-Match": seen})
    assert late.status_code == 412
    assert ask("GET", path).json()["company"] == "顺通"
    known = {"If-None-Match": changed.headers["ETag"]}
    assert ask("GET", path, headers=known).status_code == 304


def test_a_campaign_is_started_paused_resumed_and_cancelled_for_ever(ask: Ask, seeded: Any) -> None:
    path = f"/api/campaigns/{seeded.draft}"
    for step, status in (
        ("start", "running"),
        ("start", "running"),
        ("pause", "paused"),
        ("resume", "running"),
        ("cancel", "cancelled"),
    ):
        assert ask("POST", f"{path}/{step}").json()["status"] == status
    assert ask("POST", f"{path}/start").status_code == 409
    cancelled = ask("GET", path)
    known = {"If-Match": cancelled.headers["ETag"]}
    assert ask("PATCH", path, json={"company": "顺通"}, headers=known).status_code == 409


def test_progress_counts_contacts_and_outcomes(ask: Ask, seeded: Any) -> None:
    told = ask("GET", f"/api/campaigns/{seeded.campaign}/progress", Role.VIEWER).json()
    assert told["contacts"]["waiting"] == 2
    assert told["contacts"]["done"] == 2
    assert told["outcomes"] == {"address_changed": 1, "not_reached": 1}


def test_campaigns_come_a_page_at_a_time(ask: Ask, seeded: Any) -> None:
    first = ask("GET", "/api/campaigns?limit=1").json()
    second = ask("GET", f"/api/campaigns?limit=1&cursor={first['next']}").json()
    assert [first["items"][0]["id"], second["items"][0]["id"]] == [seeded.campaign, seeded.draft]
    assert second["next"] is None
    running = ask("GET", "/api/campaigns?status=running").json()["items"]
    assert [each["id"] for each in running] == [seeded.campaign]


MANIFEST = (
    "运单号,收件人,电话,地址,预约时段\n"
    "SD2000001,赵敏,13800138021,上海市静安区南京西路1号,2026-11-21 18:00-20:00\n"
    "SD2000002,周芷若,12,上海市静安区南京西路2号,2026-11-21 18:00-20:00\n"
)


def test_a_manifest_is_imported_with_a_report_of_its_rows(ask: Ask, seeded: Any) -> None:
    path = f"/api/campaigns/{seeded.campaign}/manifests"
    brought = ask("POST", path, files={"file": ("../../下午.csv", MANIFEST.encode())})
    assert brought.status_code == 201
    report = brought.json()
    assert (report["file_name"], report["new"], report["problem_count"]) == ("下午.csv", 1, 1)
    assert report["problems"][0]["row"] == 3
    again = ask("POST", path, files={"file": ("下午.csv", MANIFEST.encode())}).json()
    assert again["manifest_id"] == report["manifest_id"]
    assert again["imported_before_at"] is not None
    rows = f"{brought.headers['Location']}/rows"
    assert [each["number"] for each in ask("GET", rows).json()["items"]] == [2, 3]
    faulty = ask("GET", f"{rows}?only_problems=true").json()["items"]
    assert [(each["number"], each["contact_id"]) for each in faulty] == [(3, None)]
    listed = ask("GET", path, Role.VIEWER).json()["items"]
    assert [each["problem_rows"] for each in listed] == [1, 1]


def test_what_is_no_manifest_is_refused_in_words(ask: Ask, seeded: Any) -> None:
    path = f"/api/campaigns/{seeded.campaign}/manifests"
    refused = ask("POST", path, files={"file": ("x.csv", b"\x00\x01")})
    assert refused.status_code == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["detail"]


def test_a_manifest_is_taken_away_completed(ask: Ask, seeded: Any) -> None:
    path = f"/api/manifests/{seeded.manifest}/completed"
    taken = ask("GET", path, Role.SUPERVISOR)
    assert taken.headers["Content-Type"].startswith("text/csv")
    assert "世纪大道100号" in taken.content.decode("utf-8-sig")
    assert ask("GET", path, Role.VIEWER).status_code == 403
