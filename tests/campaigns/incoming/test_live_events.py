"""Live events start the conversation that the table names, once, and withdraw what is over."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from campaigns.incoming.chores import check_incoming, empty_refused_events, handle_events
from campaigns.incoming.reading import EventError, event_in
from campaigns.incoming.rules import incoming_rules_of
from campaigns.incoming.taking import take_body
from campaigns.settings import Settings, SettingsError
from campaigns.settings_incoming import IncomingSettings
from store.database import Database
from store.live_event_types import LiveEventStatus
from store.live_events import EventLine, event_lines, retry_event
from store.models import Campaign, Contact, Delivery, Recipient
from store.queries import campaign_named, set_campaign_status
from store.suppression import suppress
from store.types import CampaignStatus, ContactStatus, SuppressionReason

Tell = Callable[..., EventLine]
Duties = Callable[..., Any]


def newest(database: Database) -> EventLine:
    with database.reading() as session:
        return event_lines(session)[0]


def contacts(database: Database, flow: str) -> list[tuple[ContactStatus, str, datetime | None]]:
    with database.reading() as session:
        rows = session.execute(
            sa.select(Contact.status, Delivery.waybill, Contact.next_call_at)
            .join(Delivery, Delivery.contact_id == Contact.id)
            .join(Campaign, Campaign.id == Contact.campaign_id)
            .where(Campaign.flow == flow)
            .order_by(Delivery.id)
        )
        return [(status, waybill, at) for status, waybill, at in rows]


def test_an_order_that_was_placed_is_confirmed_by_a_call(
    database: Database, tell: Tell, now: datetime, parcel: dict[str, str]
) -> None:
    tell(now, "order.placed", "e1", "SD0001", **parcel, vip=True)
    ((status, waybill, at),) = contacts(database, "order-confirmation")
    assert (status, waybill, at) == (ContactStatus.WAITING, "SD0001", now + timedelta(minutes=2))
    with database.reading() as session:
        contact = session.scalars(sa.select(Contact)).one()
        assert (contact.phone, contact.priority) == ("+8613800138001", 20)
        assert contact.useful_until == now + timedelta(hours=24)
        assert contact.deliveries[0].facts == {"vip": "true"}
        campaign = campaign_named(session, "events-order-confirmation")
    assert campaign is not None
    assert campaign.status is CampaignStatus.RUNNING
    line = newest(database)
    assert (line.status, dict(line.told.payload)) == (LiveEventStatus.HANDLED, {})
    assert line.contact_id == 1


def test_the_same_event_counts_once_and_two_parcels_are_told_of_in_one_call(
    database: Database, tell: Tell, now: datetime, parcel: dict[str, str]
) -> None:
    for event_id, waybill in (("e1", "SD0001"), ("e1", "SD0001"), ("e2", "SD0002")):
        tell(now, "order.placed", event_id, waybill, **parcel)
    assert len(contacts(database, "order-confirmation")) == 2
    with database.reading() as session:
        assert len(session.scalars(sa.select(Contact)).all()) == 1
        assert len(event_lines(session)) == 2


def test_later_events_need_tell_nothing_of_the_recipient(
    database: Database, tell: Tell, now: datetime, parcel: dict[str, str]
) -> None:
    tell(now, "order.placed", "e1", "SD0001", **parcel)
    later = now + timedelta(hours=3)
    tell(later, "parcel.out_for_delivery", "e2", "SD0001", eta="2026-11-21T08:00:00Z")
    ((status, _, _),) = contacts(database, "out-for-delivery")
    assert status is ContactStatus.WAITING
    with database.reading() as session:
        parcels = session.scalars(sa.select(Delivery).order_by(Delivery.id)).all()
        assert parcels[-1].address == parcel["address"]
        assert parcels[-1].facts == {"eta": "2026-11-21 16:00"}
    assert contacts(database, "order-confirmation")[0][0] is ContactStatus.CLOSED


def test_a_delivered_parcel_withdraws_calls_and_starts_the_check_of_the_sign_off(
    database: Database, tell: Tell, now: datetime, parcel: dict[str, str]
) -> None:
    tell(now, "order.placed", "e1", "SD0001", **parcel)
    at = now + timedelta(minutes=1)
    tell(at, "parcel.delivered", "e2", "SD0001")
    assert contacts(database, "order-confirmation")[0][0] is ContactStatus.CLOSED
    ((status, _, next_call_at),) = contacts(database, "sign-off")
    assert (status, next_call_at) == (ContactStatus.WAITING, at + timedelta(hours=2))


def test_a_closed_complaint_is_followed_up(
    database: Database, tell: Tell, now: datetime, parcel: dict[str, str]
) -> None:
    tell(now, "complaint.closed", "e1", "SD0001", **parcel, ticket_result="给您补发一件")
    ((status, _, _),) = contacts(database, "complaint-follow-up")
    assert status is ContactStatus.WAITING
    tell(now, "complaint.closed", "e2", "SD0003", **parcel)
    line = newest(database)
    assert line.status is LiveEventStatus.REFUSED
    assert "处理结果" in line.error


def test_what_cannot_be_called_about_is_refused_kept_and_done_once_it_is_put_right(
    database: Database, tell: Tell, duty: Duties, now: datetime, parcel: dict[str, str],
    told: list[str],
) -> None:  # fmt: skip
    tell(now, "order.placed", "e1", "SD0001", **{**parcel, "phone": "12"})
    line = newest(database)
    assert line.status is LiveEventStatus.REFUSED
    assert "电话" in line.error or "phone" in line.error
    assert line.told.payload["name"] == "王小明"
    assert contacts(database, "order-confirmation") == []
    assert "refused" in told[0]
    with database.transaction() as session:
        retry_event(session, line.id, now)
    handle_events(duty(now))
    assert newest(database).status is LiveEventStatus.REFUSED
    tell(now, "order.placed", "e1", "SD0001", **parcel)
    assert newest(database).status is LiveEventStatus.HANDLED
    assert len(contacts(database, "order-confirmation")) == 1


def test_what_refused_events_told_is_erased_after_a_while(
    database: Database, tell: Tell, duty: Duties, now: datetime, parcel: dict[str, str]
) -> None:
    tell(now, "order.placed", "e1", "SD0001", **{**parcel, "phone": "12"})
    assert empty_refused_events(duty(now + timedelta(days=6))) == 0
    assert empty_refused_events(duty(now + timedelta(days=8))) == 1
    assert dict(newest(database).told.payload) == {}


def test_an_event_that_comes_too_late_calls_nobody(
    database: Database, tell: Tell, now: datetime, parcel: dict[str, str]
) -> None:
    long_ago = now - timedelta(hours=13)
    tell(now, "parcel.collected", "e1", "SD0001", **parcel, at=long_ago)
    line = newest(database)
    assert line.status is LiveEventStatus.HANDLED
    assert "too late" in line.error
    assert contacts(database, "pickup-notice") == []


def test_an_event_about_a_parcel_that_has_moved_on_calls_nobody(
    database: Database, tell: Tell, now: datetime, parcel: dict[str, str]
) -> None:
    tell(now, "parcel.in_transit", "e1", "SD0001")
    tell(now, "parcel.collected", "e2", "SD0001", **parcel)
    assert contacts(database, "pickup-notice") == []
    assert "moved on" in newest(database).error


def test_another_event_of_the_same_kind_calls_again_only_after_a_while(
    database: Database, tell: Tell, now: datetime, parcel: dict[str, str]
) -> None:
    late = {**parcel, "window": "2026-11-23 14:00-16:00"}
    tell(now, "node.late", "e1", "SD0001", **late)
    with database.transaction() as session:
        contact = session.scalars(sa.select(Contact)).one()
        contact.status = ContactStatus.DONE
    tell(now + timedelta(hours=13), "node.late", "e2", "SD0001", **late)
    with database.reading() as session:
        statuses = [each.status for each in session.scalars(sa.select(Contact))]
        assert sorted(statuses) == [ContactStatus.DONE, ContactStatus.WAITING]
    tell(now, "order.placed", "e3", "SD0009", **parcel)
    with database.transaction() as session:
        session.execute(sa.update(Contact).values(status=ContactStatus.DONE))
    tell(now + timedelta(hours=13), "order.placed", "e4", "SD0009", **parcel)
    assert "before" in newest(database).error


def test_who_is_in_a_call_is_not_called_about_it_before_that_is_over(
    database: Database, tell: Tell, duty: Duties, now: datetime, parcel: dict[str, str]
) -> None:
    tell(now, "parcel.exception", "e1", "SD0001", **parcel, problem="late",
         resolve_by="2026-11-22 18:00")  # fmt: skip
    with database.transaction() as session:
        session.execute(sa.update(Contact).values(status=ContactStatus.IN_CALL))
    tell(now, "parcel.exception", "e2", "SD0001", problem="short", resolve_by="2026-11-22 18:00")
    assert newest(database).status is LiveEventStatus.TAKEN
    with database.transaction() as session:
        session.execute(sa.update(Contact).values(status=ContactStatus.DONE))
    handle_events(duty(now + timedelta(minutes=2)))
    assert newest(database).status is LiveEventStatus.HANDLED
    assert contacts(database, "exception")[0][0] is ContactStatus.WAITING


def test_who_wants_no_calls_gets_none_by_events(
    database: Database, tell: Tell, now: datetime, parcel: dict[str, str]
) -> None:
    with database.transaction() as session:
        suppress(session, "+8613800138001", SuppressionReason.OPTED_OUT, now, source="sms")
    tell(now, "order.placed", "e1", "SD0001", **parcel)
    assert contacts(database, "order-confirmation")[0][0] is ContactStatus.CLOSED


def test_a_campaign_that_ran_out_runs_again_and_one_that_is_cancelled_takes_nothing(
    database: Database, tell: Tell, now: datetime, parcel: dict[str, str]
) -> None:
    tell(now, "order.placed", "e1", "SD0001", **parcel)
    for status in (CampaignStatus.FINISHED, CampaignStatus.RUNNING, CampaignStatus.CANCELLED):
        with database.reading() as session:
            campaign = campaign_named(session, "events-order-confirmation")
        assert campaign is not None
        if campaign.status is not status:
            with database.transaction() as session:
                set_campaign_status(session, campaign.id, status, now)
        tell(now, "order.placed", f"e-{status}", f"SD-{status}", **parcel)
    assert newest(database).status is LiveEventStatus.REFUSED
    assert "cancelled" in newest(database).error
    with database.reading() as session:
        assert len(session.scalars(sa.select(Recipient)).all()) == 1


def test_campaigns_wait_for_somebody_who_starts_them_if_settings_say_so(
    database: Database, tell: Tell, duty: Duties, settings: Settings, now: datetime,
    parcel: dict[str, str],
) -> None:  # fmt: skip
    waiting = settings.model_copy(update={"incoming": IncomingSettings(start_campaigns=False)})
    body = b'{"event_id": "e1", "event": "order.placed", "waybill": "SD0001", "data": %s}'
    with database.transaction() as session:
        sent = body % json.dumps(parcel).encode()
        take_body(session, incoming_rules_of(), "oms", sent, now)
    handle_events(duty(now, waiting))
    with database.reading() as session:
        campaign = campaign_named(session, "events-order-confirmation")
    assert campaign is not None
    assert campaign.status is CampaignStatus.DRAFT


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"\xff\xfe", "no JSON"),
        (b"[1]", "an object"),
        (b'{"event_id": "e1", "event": "order.placed"}', "waybill is missing"),
        (b'{"event_id": "e1", "event": "order.placed", "waybill": "SD0001", "x": 1}', "field x"),
        (b'{"event_id": "e1", "event": "order.placed", "waybill": "SD0001", "at": "now"}', "at "),
        (b'{"event_id": "e1", "event": "parcel.stolen", "waybill": "SD0001"}', "parcel.stolen"),
        (b'{"event_id":"e1","event":"order.placed","waybill":"SD0001","data":{"cod":NaN}}', "JSON"),
    ],
)
def test_what_nobody_understands_is_kept_with_what_is_wrong(
    database: Database, now: datetime, body: bytes, says: str
) -> None:
    for _ in range(2):
        with database.transaction() as session:
            line, _new = take_body(session, incoming_rules_of(), "oms", body, now)
    assert line.status is LiveEventStatus.REFUSED
    assert says in line.error
    with database.reading() as session:
        assert len(event_lines(session)) == 1


def test_a_body_without_an_id_has_that_of_its_message(now: datetime) -> None:
    body = {"event": "order.placed", "waybill": "SD0001"}
    assert event_in("oms", body, now, "msg_1").event_id == "msg_1"
    with pytest.raises(EventError, match="event_id is missing"):
        event_in("oms", body, now)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("events: []", "a table"),
        ("events: {order.placed: {status: stolen}}", "no status stolen"),
        ("events: {order.placed: {start: []}}", "there is no start"),
        ("events: {order.placed: {starts: [{}]}}", "names a flow"),
        ("events: {order.placed: {starts: [{flow: survey, delay: 3}]}}", "there is no delay"),
        ("events: {order.placed: {starts: [{flow: survey, delay_minutes: soon}]}}", "a number"),
    ],
)
def test_a_table_that_is_wrong_is_told_before_anything_starts(
    tmp_path: Path, written: str, says: str
) -> None:
    own = tmp_path / "events.yaml"
    own.write_text(written, encoding="utf-8")
    with pytest.raises(SettingsError, match=says):
        check_incoming(Settings(incoming=IncomingSettings(rules_file=own)))
