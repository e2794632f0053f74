"""Promised callbacks: who is owed one, who sees to it, and what makes a promise void."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from store.callbacks import (
    CallbackError,
    callback_due,
    callbacks_due,
    callbacks_owed,
    finish_callback,
    promise_callback,
    release_callback,
    take_callback,
)
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.models import Contact, OutcomeRecord, Recipient
from store.outcomes import record_outcome
from store.people_queries import add_user
from store.people_types import Role
from store.queries import create_campaign, set_campaign_status
from store.suppression import suppress
from store.ticket_models import Ticket
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome, SuppressionReason
from store.values import Settled, Settlement


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    opened = Database(either_url)
    opened.upgrade()
    yield opened
    opened.close()


@pytest.fixture
def promised(database: Database, now: datetime) -> tuple[int, int]:
    """Two calls in which a callback was promised; the second one's is due first."""
    first, second = _call(database, now, "王小明", 8001), _call(database, now, "李四", 8002)
    with database.transaction() as session:
        promise_callback(session, first, now + timedelta(hours=2))
        promise_callback(session, second, now + timedelta(hours=1))
    return first, second


@pytest.fixture
def agents(database: Database, now: datetime) -> tuple[int, int]:
    """Two people who call back."""
    with database.transaction() as session:
        return tuple(  # type: ignore[return-value]
            add_user(session, login=each, name=each, role=Role.AGENT, language="zh-CN", now=now).id
            for each in ("anna", "bert")
        )


def _call(database: Database, now: datetime, name: str, number: int) -> int:
    with database.transaction() as session:
        made = create_campaign(
            session, name=name, flow="pre-delivery", language="zh-CN", company="顺达", now=now
        )
        campaign = made.id
        set_campaign_status(session, campaign, CampaignStatus.RUNNING, now)
        phone = f"+861380013{number}"
        person = Recipient(name=name, phone=phone, extension="")
        session.add(
            Contact(
                campaign_id=campaign,
                recipient=person,
                phone=phone,
                language="zh-CN",
                time_zone="Asia/Shanghai",
            )
        )
        session.flush()
        call = claim_next(session, campaign, now, claimed_by="engine")
        assert call is not None
        mark_dialing(session, call.attempt_id, now)
        settlement = Settlement(
            Disposition.COMPLETED,
            Outcome.CALLBACK_PROMISED,
            now,
            settled=Settled(needs_person="客户要求人工"),
            answered=True,
        )
        settle(session, call.attempt_id, settlement, then=ContactStatus.DONE)
        return call.attempt_id


def _owed(database: Database) -> list[int]:
    with database.reading() as session:
        return [line.attempt_id for line in callbacks_due(session)]


def test_whoever_was_promised_a_callback_is_owed_it_the_most_urgent_first(
    database: Database, promised: tuple[int, int], now: datetime
) -> None:
    first, second = promised
    with database.reading() as session:
        lines = callbacks_due(session)
        late = callbacks_owed(session, before=now + timedelta(minutes=90))
        assert callbacks_owed(session) == 2
    assert [line.attempt_id for line in lines] == [second, first]
    assert (lines[0].recipient, lines[0].reason, lines[0].taken_by) == (
        "李四",
        "客户要求人工",
        None,
    )
    assert late == 1


def test_one_person_takes_a_callback_and_no_other(
    database: Database, promised: tuple[int, int], agents: tuple[int, int], now: datetime
) -> None:
    anna, bert = agents
    with database.transaction() as session:
        take_callback(session, promised[0], anna, now)
    with database.transaction() as session, pytest.raises(CallbackError, match="Somebody else"):
        take_callback(session, promised[0], bert, now)
    with database.reading() as session:
        line = callback_due(session, promised[0])
    assert line is not None
    assert (line.taken_by, line.taken_by_name) == (anna, "anna")
    with database.transaction() as session:
        release_callback(session, promised[0], anna)
        take_callback(session, promised[0], bert, now)
        finish_callback(session, promised[0], bert, now)
    assert _owed(database) == [promised[1]]
    with database.transaction() as session, pytest.raises(CallbackError, match="any more"):
        finish_callback(session, promised[0], bert, now)


def test_a_form_that_leaves_nothing_to_do_keeps_the_promise(
    database: Database, promised: tuple[int, int]
) -> None:
    with database.transaction() as session:
        of_first = OutcomeRecord.attempt_id == promised[0]
        session.execute(sa.update(OutcomeRecord).where(of_first).values(needs_person=""))
    assert _owed(database) == [promised[1]]


def test_a_later_outcome_of_the_contact_keeps_the_promise(
    database: Database, promised: tuple[int, int], now: datetime
) -> None:
    with database.transaction() as session:
        contact = session.scalars(sa.select(Contact).order_by(Contact.id)).first()
        assert contact is not None
        came_to = (Disposition.COMPLETED, Outcome.CONFIRMED)
        record_outcome(session, contact, None, came_to, now, True, Settled())
    assert _owed(database) == [promised[1]]


def test_nobody_who_wants_no_calls_is_called_back(
    database: Database, promised: tuple[int, int], now: datetime
) -> None:
    with database.transaction() as session:
        suppress(session, "+8613800138001", SuppressionReason.OPTED_OUT, now)
    assert _owed(database) == [promised[1]]


def test_a_ticket_that_has_had_its_callback_keeps_the_promise(
    database: Database, promised: tuple[int, int], now: datetime
) -> None:
    with database.transaction() as session:
        ticket = Ticket(
            number="T20261122-0001",
            kind="service",
            department="service",
            attempt_id=promised[0],
            opened_at=now,
            opened_by="call 1",
            respond_by=now,
            propose_by=now,
            resolve_by=now,
            callback_by=now,
        )
        session.add(ticket)
    with database.reading() as session:
        line = callback_due(session, promised[0])
    assert line is not None
    assert line.tickets == ("T20261122-0001",)
    with database.transaction() as session:
        session.execute(sa.update(Ticket).values(callback_by=None))
    assert _owed(database) == [promised[1]]
