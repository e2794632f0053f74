"""Messages that did not go out are found, tried again or called off by those who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from console.web.words import Language, words_in
from store.audit_queries import audit_entries
from store.database import Database
from store.message_queries import message_line
from store.message_types import MessageKind, MessageStatus, MessageWhy
from store.message_values import OutgoingMessage
from store.messages import bury, claim_due, enqueue
from store.people_types import Role
from store.people_values import AuditFilter

PHONE = "+8613800138001"


@pytest.fixture
def dead(database: Database, clock: Any) -> list[int]:
    """Two SMS that the gateway did not take."""
    with database.transaction() as session:
        for number in range(2):
            message = OutgoingMessage(
                MessageKind.SMS,
                "not_reached",
                "sms",
                f"key {number}",
                body="【顺达】<b>王小明</b>，您的快件即将送达",
                address=PHONE,
                phone=PHONE,
            )
            enqueue(session, message, clock())
        until = clock() + timedelta(minutes=1)
        claims = claim_due(session, "sms", clock(), sender="engine", lease_until=until, at_most=5)
        for claim in claims:
            bury(session, claim, MessageWhy.REFUSED, f"no such number {PHONE}")
        return [claim.id for claim in claims]


def status_of(database: Database, message: int) -> MessageStatus:
    with database.reading() as session:
        return message_line(session, message).status


def test_dead_letters_are_listed_masked_with_what_to_do(
    dead: list[int], browser_of: Callable[..., Any], database: Database
) -> None:
    supervisor = browser_of(Role.SUPERVISOR, language="zh-CN")
    page = supervisor.get("/messages").text
    assert "看清对方的回答，改正后重发" in page
    assert "+86138****8001" in page
    assert PHONE not in page
    assert "没有符合条件的消息" in supervisor.get("/messages?status=sent&kind=sms").text
    one = supervisor.get(f"/messages/{dead[0]}").text
    assert PHONE in one
    assert "<b>王小明" not in one
    with database.reading() as session:
        (seen,) = audit_entries(session, AuditFilter(action="message_seen"))
    assert seen.subject == str(dead[0])
    assert browser_of(Role.VIEWER).get("/messages").status_code == 403


def test_a_dead_letter_is_tried_again_or_called_off_and_that_is_traced(
    dead: list[int], admin: Any, database: Database
) -> None:
    first, second = dead
    replayed, cancelled = f"/messages/{first}/replay", f"/messages/{second}/cancel"
    assert admin.post(replayed).headers["location"] == "/messages?done=replayed"
    assert admin.post(replayed).headers["location"] == "/messages?done=not_replayed"
    assert admin.post(cancelled).headers["location"] == "/messages?done=message_cancelled"
    assert admin.post(cancelled).headers["location"] == "/messages?done=message_went_out"
    assert status_of(database, first) is MessageStatus.PENDING
    assert status_of(database, second) is MessageStatus.CANCELLED
    assert admin.post("/messages/99/cancel").status_code == 404
    with database.reading() as session:
        trail = audit_entries(session, AuditFilter(kind="message"))
    assert [(each.action, each.subject) for each in trail] == [
        ("message_cancelled", str(second)),
        ("message_replayed", str(first)),
    ]


def test_all_dead_letters_of_a_target_are_tried_again_at_once(
    dead: list[int], admin: Any, database: Database
) -> None:
    assert "Replay all dead ones to sms" in admin.get("/messages").text
    admin.post("/messages/replay", {"target": "other"})
    assert status_of(database, dead[0]) is MessageStatus.DEAD
    admin.post("/messages/replay", {"target": "sms"})
    assert {status_of(database, each) for each in dead} == {MessageStatus.PENDING}


def test_every_kind_status_and_reason_has_its_words() -> None:
    words = words_in(Language.CHINESE)
    wanted = [f"messages.kind.{each}" for each in MessageKind]
    wanted += [f"messages.status.{each}" for each in MessageStatus]
    wanted += [f"messages.do.{each}" for each in MessageWhy]
    wanted += [f"messages.why.{each}" for each in MessageWhy if each]
    assert [each for each in wanted if each not in words] == []
