"""What other systems do and see by the API is in the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2

from store.audit_queries import audit_entries
from store.database import Database
from store.people_values import AuditFilter

Ask = Callable[..., httpx2.Response]
CAMPAIGN = {"name": "午班", "flow": "pre-delivery"}
ROWS = (
    "运单号,收件人,电话,地址,预约时段",
    "SD7,赵敏,13800138007,幸福路7号,2026-11-21 18:00-20:00",
)
DELIVERED = {
    "event_id": "tms-9",
    "waybill": "SD1000003",
    "status": "delivered",
    "at": "2026-11-21T12:30:00+08:00",
}


def done(ask: Ask, seeded: Any) -> Iterator[tuple[str, httpx2.Response]]:
    """Do everything that is to be noted; tells as what, and what was answered."""
    made = ask("POST", "/api/campaigns", json=CAMPAIGN)
    campaign = f"/api/campaigns/{made.json()['id']}"
    yield "campaign_created", made
    changed = {"headers": {"If-Match": "*"}, "json": {"company": "顺达"}}
    yield "campaign_changed", ask("PATCH", campaign, **changed)
    files = {"file": ("午班.csv", "\n".join(ROWS).encode())}
    imported = ask("POST", f"{campaign}/manifests", files=files)
    yield "manifest_imported", imported
    manifest = imported.json()["manifest_id"]
    yield "manifest_taken", ask("GET", f"/api/manifests/{manifest}/completed")
    for step, noted in (("start", "started"), ("pause", "paused"), ("cancel", "cancelled")):
        yield f"campaign_{noted}", ask("POST", f"{campaign}/{step}")
    yield "contact_seen", ask("GET", f"/api/contacts/{seeded.called}")
    yield "contact_cancelled", ask("POST", f"/api/contacts/{seeded.waiting}/cancel")
    yield "event_added", ask("POST", "/api/events", json=DELIVERED)
    number = {"phone": "+8613900139009"}
    yield "suppression_searched", ask("POST", "/api/suppressions/search", json=number)
    listed = ask("POST", "/api/suppressions", json=number | {"reason": "complaint"})
    yield "suppression_added", listed
    yield "suppression_lifted", ask("DELETE", f"/api/suppressions/{listed.json()['id']}")
    yield "ticket_seen", ask("GET", f"/api/tickets/{seeded.ticket}")
    call = f"/api/calls/{seeded.call}"
    yield "call_seen", ask("GET", call)
    yield "recording_heard", ask("GET", f"{call}/recording")
    yield "recording_erased", ask("DELETE", f"{call}/recording")
    yield "outcomes_taken", ask("GET", "/api/outcomes")


def test_whatever_changes_something_or_tells_of_somebody_is_noted_once(
    ask: Ask, seeded: Any, database: Database
) -> None:
    wanted = []
    for action, answer in done(ask, seeded):
        assert answer.is_success, (action, answer.text)
        wanted.append(action)
    with database.reading() as session:
        trail = audit_entries(session, AuditFilter(), limit=100)
    assert [each.action for each in reversed(trail)] == wanted
    assert {each.token_id is not None for each in trail} == {True}
