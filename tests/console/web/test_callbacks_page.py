"""The page of promised callbacks: who is owed one, who takes it, and what they may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from store.audit_queries import audit_entries
from store.callbacks import callbacks_owed, promise_callback
from store.database import Database
from store.people_types import Role
from store.people_values import AuditFilter
from store.ticket_models import Ticket
from store.types import Disposition, Outcome, TurnSpeaker
from store.values import Settled, Settlement, TurnRecord

BrowserOf = Callable[..., Any]


@pytest.fixture
def promised(calls: Any, database: Database, now: datetime) -> int:
    """A call in which a person was promised to call back within an hour."""
    calls.contact("欧阳若兰")
    attempt: int = calls.dial(
        settlement=Settlement(
            Disposition.COMPLETED,
            Outcome.CALLBACK_PROMISED,
            now,
            settled=Settled(needs_person="客户要求人工"),
            answered=True,
            turns=(TurnRecord(TurnSpeaker.CALLEE, "我要找真人问问", 6.0, 7.0),),
        )
    )
    with database.transaction() as session:
        promise_callback(session, attempt, now + timedelta(hours=1))
    return attempt


def test_who_is_owed_a_callback_is_listed_masked_with_what_is_late(
    promised: int, browser_of: BrowserOf, clock: Any
) -> None:
    agent = browser_of(Role.AGENT)
    page = agent.get("/callbacks").text
    assert "1 to call back" in page
    assert "欧**" in page
    assert "客户要求人工" in page
    assert "若兰" not in page
    assert "8613800138001" not in page
    assert "我要找真人问问" not in page
    assert "Late" not in page
    clock.forward(hours=2)
    assert "1 late" in agent.get("/callbacks").text
    assert "已超时 1 位" in browser_of(Role.AGENT, "zhang", language="zh-CN").get("/callbacks").text


def test_whoever_takes_a_callback_sees_whom_and_why_and_nobody_else_does(
    promised: int, browser_of: BrowserOf, database: Database
) -> None:
    anna, bert = browser_of(Role.AGENT, "anna"), browser_of(Role.AGENT, "bert")
    assert anna.post(f"/callbacks/{promised}/take").status_code == 303
    page = anna.get("/callbacks").text
    assert "欧阳若兰" in page
    assert "+8613800138001" in page
    assert "我要找真人问问" in page
    refused = bert.post(f"/callbacks/{promised}/take")
    assert refused.status_code == 409
    assert "Somebody else calls this customer back" in refused.text
    assert "若兰" not in refused.text
    with database.reading() as session:
        (seen,) = audit_entries(session, AuditFilter(action="callback_taken"))
    assert (seen.user_id, seen.subject) == (anna.user_id, str(promised))
    anna.post(f"/callbacks/{promised}/release")
    assert "若兰" not in anna.get("/callbacks").text
    assert bert.post(f"/callbacks/{promised}/take").status_code == 303


def test_a_supervisor_lets_another_call_back_for_whoever_went_home(
    promised: int, browser_of: BrowserOf
) -> None:
    anna, bert = browser_of(Role.AGENT, "anna"), browser_of(Role.AGENT, "bert")
    wang = browser_of(Role.SUPERVISOR)
    anna.post(f"/callbacks/{promised}/take")
    assert bert.post(f"/callbacks/{promised}/release").status_code == 409
    assert "Let another call" not in bert.get("/callbacks").text
    page = wang.get("/callbacks").text
    assert "Let another call" in page
    assert "若兰" not in page
    assert wang.post(f"/callbacks/{promised}/release").status_code == 303
    assert bert.post(f"/callbacks/{promised}/take").status_code == 303
    assert "若兰" not in anna.get("/callbacks").text


def test_who_was_called_back_is_off_the_list_and_the_ticket_knows(
    promised: int, browser_of: BrowserOf, database: Database, now: datetime
) -> None:
    with database.transaction() as session:
        session.add(
            Ticket(
                number="T20261122-0001",
                kind="service",
                department="service",
                attempt_id=promised,
                opened_at=now,
                opened_by="call 1",
                respond_by=now + timedelta(hours=1),
                propose_by=now + timedelta(hours=2),
                resolve_by=now + timedelta(hours=3),
                callback_by=now + timedelta(hours=1),
            )
        )
    agent = browser_of(Role.AGENT)
    agent.post(f"/callbacks/{promised}/take")
    assert "T20261122-0001" in agent.get("/callbacks").text
    agent.post(f"/callbacks/{promised}/done")
    assert "Nobody waits for a call" in agent.get("/callbacks").text
    with database.reading() as session:
        ticket = session.get_one(Ticket, 1)
        assert callbacks_owed(session) == 0
        assert (ticket.callback_by, ticket.acknowledged_at) == (None, now)
    assert agent.post(f"/callbacks/{promised}/done").status_code == 409


def test_a_viewer_calls_nobody_back(promised: int, browser_of: BrowserOf) -> None:
    assert browser_of(Role.VIEWER).get("/callbacks").status_code == 403
