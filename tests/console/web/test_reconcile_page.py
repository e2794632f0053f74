"""Calls of unknown fate are settled by whoever found out what became of them, and by lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from campaigns.reconcile import Doubt
from console.web.words import Language, words_in
from store.audit_queries import audit_entries
from store.claims import Binding, claim_next, mark_dialing, settle
from store.database import Database
from store.people_types import Role
from store.people_values import AuditFilter
from store.queries import contact_lines
from store.reconciliations import unknown_fates
from store.types import ContactStatus, Disposition, Outcome
from store.values import Settlement


@pytest.fixture
def lost(calls: Any, database: Database, clock: Any) -> list[int]:
    """Two attempts of unknown fate, with the Call-IDs c0 and c1."""
    made = []
    for number in range(2):
        calls.contact()
        with database.transaction() as session:
            call = claim_next(session, 1, clock(), claimed_by="gone")
            assert call is not None
            binding = Binding(f"c{number}@menling", "north")
            mark_dialing(session, call.attempt_id, clock(), binding=binding)
            unknown = Settlement(
                Disposition.INTERRUPTED, Outcome.UNKNOWN, at=clock(), error="<b>engine gone"
            )
            then = ContactStatus.NEEDS_RECONCILIATION
            settle(session, call.attempt_id, unknown, then=then)
            made.append(call.attempt_id)
    return made


def open_ones(database: Database) -> list[int]:
    with database.reading() as session:
        return [each.attempt_id for each in unknown_fates(session)]


def test_what_an_operator_found_out_is_written_once_and_traced(
    lost: list[int], database: Database, browser_of: Callable[..., Any]
) -> None:
    supervisor = browser_of(Role.SUPERVISOR)
    page = supervisor.get("/reconcile").text
    assert "+86138****8001" in page
    assert "+8613800138001" not in page
    assert "<b>engine" not in page
    path = f"/reconcile/{lost[0]}"
    assert supervisor.post(path, {"outcome": "confirmed", "note": " "}).status_code == 422
    assert supervisor.post(path, {"outcome": "nonsense", "note": "x"}).status_code == 422
    told = {"outcome": "confirmed", "note": "王小明回电说可以"}
    assert supervisor.post(path, told).headers["location"] == "/reconcile?done=fate_told"
    assert supervisor.post(path, told).status_code == 409
    assert open_ones(database) == lost[1:]
    with database.reading() as session:
        (entry,) = audit_entries(session, AuditFilter(action="fate_told"))
    assert entry.details == {"outcome": "confirmed", "again": "False"}
    viewer = browser_of(Role.VIEWER)
    assert viewer.get("/reconcile").status_code == 403
    assert viewer.post(path, told).status_code == 403


def test_a_list_of_calls_is_looked_at_first_and_written_down_only_when_wished(
    lost: list[int], database: Database, clock: Any, admin: Any
) -> None:
    def sent(**more: str) -> Any:
        at = clock()
        rows = [
            f"x,{at - timedelta(hours=1):%Y-%m-%d %H:%M:%S},,0,NORMAL_CLEARING",
            f"c0@menling,{at:%Y-%m-%d %H:%M:%S},,0,USER_BUSY",
            f"y,{at + timedelta(hours=1):%Y-%m-%d %H:%M:%S},,0,NORMAL_CLEARING",
        ]
        text = "\n".join(("Call-ID,start,answered,duration,cause", *rows))
        return admin.post(
            "/reconcile/cdr", more, files={"file": ("cdr.csv", text.encode(), "text/csv")}
        )

    looked = sent().text
    assert "cdr.csv: 3 calls" in looked
    assert "Nothing is written yet" in looked
    assert "2 lines name no call of ours" in looked
    assert open_ones(database) == lost
    assert "Calls written down: 1" in sent(apply="true").text
    assert open_ones(database) == lost[1:]
    with database.reading() as session:
        assert [each.status for each in contact_lines(session, 1)] == [
            ContactStatus.DONE,
            ContactStatus.NEEDS_RECONCILIATION,
        ]
        assert len(audit_entries(session, AuditFilter(action="cdr_compared"))) == 1


def test_a_file_that_is_no_list_of_calls_is_refused(lost: list[int], admin: Any) -> None:
    answer = admin.post("/reconcile/cdr", files={"file": ("a.csv", b"a,b\n1,2", "text/csv")})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert lost


def test_every_doubt_has_its_words() -> None:
    words = words_in(Language.CHINESE)
    assert [each for each in Doubt if f"reconcile.doubt.{each.name.lower()}" not in words] == []
