"""A person is forgotten through the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import sqlalchemy as sa

from campaigns.settings import Settings
from store.audit_queries import audit_entries
from store.database import Database
from store.desk_models import Transfer
from store.desk_types import TransferStatus
from store.people_types import Role
from store.people_values import AuditFilter

Ask = Callable[..., httpx2.Response]
NAME, NUMBER, ADDRESS = "王小明", "13800138001", "幸福路1号"


def test_a_person_is_gone_from_every_answer(
    ask: Ask, seeded: Any, settings: Settings, database: Database
) -> None:
    answer = ask("DELETE", f"/api/contacts/{seeded.called}/recipient")
    assert answer.status_code == 200
    told = answer.json()
    assert told["contacts"] == [seeded.called]
    assert told["calls"] == [seeded.call]
    assert (told["tickets"], told["files_erased"], told["files_left"]) == (1, 1, 0)
    assert not (settings.recordings_dir / "1.wav").exists()
    for path in (
        f"/api/contacts/{seeded.called}",
        f"/api/calls/{seeded.call}",
        f"/api/tickets/{seeded.ticket}",
        f"/api/transfers/{seeded.transfer}",
        f"/api/manifests/{seeded.manifest}/rows",
        f"/api/manifests/{seeded.manifest}/completed",
        "/api/outcomes",
    ):
        shown = ask("GET", path)
        assert shown.status_code == 200, path
        text = shown.content.decode("utf-8")
        assert not any(each in text for each in (NAME, NUMBER, ADDRESS)), path
    assert ask("GET", f"/api/calls/{seeded.call}/recording").status_code == 404
    found = ask("POST", "/api/contacts/search", json={"phone": f"+86{NUMBER}"})
    assert found.json()["items"] == []
    with database.reading() as session:
        (entry,) = audit_entries(session, AuditFilter(action="person_forgotten"))
    assert (entry.kind, entry.subject) == ("recipient", str(told["recipient_id"]))


def test_forgetting_again_is_no_error(ask: Ask, seeded: Any) -> None:
    path = f"/api/contacts/{seeded.called}/recipient?evidence=true"
    assert ask("DELETE", path).status_code == 200
    again = ask("DELETE", path)
    assert (again.status_code, again.json()["files_erased"]) == (200, 0)


def test_what_an_agent_still_writes_is_in_the_way_and_so_is_a_lower_role(
    ask: Ask, seeded: Any, database: Database
) -> None:
    path = f"/api/contacts/{seeded.waiting}/recipient"
    assert ask("DELETE", path, Role.SUPERVISOR).status_code == 403
    with database.transaction() as session:
        session.execute(sa.update(Transfer).values(status=TransferStatus.WRAP_UP))
    refused = ask("DELETE", f"/api/contacts/{seeded.called}/recipient")
    assert refused.status_code == 409
    assert "form is sent" in refused.json()["detail"]
    assert ask("DELETE", "/api/contacts/999/recipient").status_code == 404
    assert ask("DELETE", f"{path}?all=1").status_code == 422
