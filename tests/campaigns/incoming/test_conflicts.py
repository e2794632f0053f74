"""What dispatch can't carry out is taken back once, and its recipient is called again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.incoming.conflicts import act_on_conflicts
from campaigns.rehearsed import invent_campaign
from campaigns.settings import Settings
from campaigns.settings_messages import SmsHttpSettings, SmsSettings
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.live_events import EventLine, event_lines
from store.message_models import Message
from store.message_queries import MessageFilter, message_lines
from store.message_types import MessageKind
from store.message_values import OutgoingMessage
from store.messages import enqueue
from store.models import Contact, Delivery, OutcomeRecord
from store.queries import set_campaign_status
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import Settled, Settlement

Tell = Callable[..., EventLine]
Duties = Callable[..., Any]
LATER = timedelta(minutes=10)


@pytest.fixture
def called(database: Database, now: datetime) -> Callable[..., int]:
    """Lets somebody be called, with an outcome; returns it."""

    def once(outcome: Outcome = Outcome.RESCHEDULED) -> int:
        with database.transaction() as session:
            campaign = invent_campaign(session, now, 1)
            set_campaign_status(session, campaign, CampaignStatus.RUNNING, now)
        with database.transaction() as session:
            call = claim_next(session, campaign, now, claimed_by="engine-1")
            assert call is not None
            mark_dialing(session, call.attempt_id, now)
            end = Settlement(Disposition.COMPLETED, outcome, now, Settled(), answered=True)
            return settle(session, call.attempt_id, end, then=ContactStatus.DONE)

    return once


@pytest.fixture
def objects(database: Database, now: datetime) -> Callable[[int, str], None]:
    """Lets another system object to an outcome in its answer."""

    def once(outcome: int, target: str) -> None:
        told = OutgoingMessage(
            MessageKind.WEBHOOK, "outcome.recorded", target, f"{outcome}-{target}",
            outcome_id=outcome,
        )  # fmt: skip
        with database.transaction() as session:
            enqueue(session, told, now)
            answer = '{"conflict": "truck_left"}'
            session.execute(
                sa.update(Message)
                .where(Message.target == target)
                .values(conflict=answer, conflict_open=True)
            )

    return once


def status(database: Database) -> ContactStatus:
    with database.reading() as session:
        return session.scalars(sa.select(Contact.status)).one()


def test_a_change_that_came_too_late_is_taken_back_and_its_recipient_called_again(
    database: Database, duty: Duties, called: Any, objects: Any, now: datetime
) -> None:
    outcome = called()
    objects(outcome, "tms")
    assert act_on_conflicts(duty(now + LATER)) == 1
    with database.reading() as session:
        assert session.get_one(OutcomeRecord, outcome).notes["conflict"] == "truck_left"
        contact = session.scalars(sa.select(Contact)).one()
        assert (contact.status, contact.next_call_at) == (ContactStatus.WAITING, now + LATER)


def test_it_is_taken_back_once_however_many_systems_object_and_how_often(
    database: Database, duty: Duties, called: Any, objects: Any, now: datetime
) -> None:
    outcome = called()
    for target in ("tms", "wms"):
        objects(outcome, target)
    assert act_on_conflicts(duty(now + LATER)) == 1
    with database.transaction() as session:
        session.execute(sa.update(Contact).values(status=ContactStatus.DONE))
    objects(outcome, "crm")
    assert act_on_conflicts(duty(now + 2 * LATER)) == 0
    assert status(database) is ContactStatus.DONE


def test_an_objection_to_what_changed_nothing_calls_nobody(
    database: Database, duty: Duties, called: Any, objects: Any, now: datetime
) -> None:
    objects(called(Outcome.CONFIRMED), "tms")
    assert act_on_conflicts(duty(now + LATER)) == 0
    assert status(database) is ContactStatus.DONE


def test_a_system_may_object_later_by_an_event(
    database: Database, tell: Tell, called: Any, now: datetime
) -> None:
    called()
    with database.reading() as session:
        waybill = session.scalars(sa.select(Delivery.waybill)).one()
    tell(now + LATER, "change.refused", "e1", waybill, reason="truck_left")
    assert status(database) is ContactStatus.WAITING
    with database.transaction() as session:
        session.execute(sa.update(Contact).values(status=ContactStatus.DONE))
    tell(now + LATER, "change.refused", "e2", waybill, reason="truck_left")
    assert status(database) is ContactStatus.DONE
    with database.reading() as session:
        assert "taken back before" in event_lines(session)[0].error


def test_the_recipient_reads_that_the_change_could_not_be_made(
    database: Database, duty: Duties, settings: Settings, called: Any, objects: Any, now: datetime
) -> None:
    gateway = SmsSettings(gateway="http", http=SmsHttpSettings(url="http://127.0.0.1:1/"))
    objects(called(), "tms")
    act_on_conflicts(duty(now + LATER, settings.model_copy(update={"sms": gateway})))
    with database.reading() as session:
        (line,) = message_lines(session, MessageFilter(kinds=[MessageKind.SMS]))
    assert "您要求的改动未能安排" in line.message.body
    assert line.message.event == "exception"
