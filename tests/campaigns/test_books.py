"""The books of a campaign: what a claimed call is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.books import Books
from campaigns.line import OutgoingLine
from campaigns.moved_on import CLAIMED_ANEW_AFTER
from campaigns.parcel_events import ParcelMoved, take_event
from campaigns.plan import CampaignPlan
from campaigns.rehearsed import invent_campaign
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from store.claims import CallUnwantedError
from store.database import Database
from store.leases import open_attempts, take_over
from store.models import Attempt, Contact, Delivery
from store.queries import set_campaign_status
from store.types import CampaignStatus, ContactStatus

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LINE = OutgoingLine("127.0.0.1", 5060, "udp", timedelta(seconds=30), Path("calls"), 4, 1.0)


def test_a_call_is_about_the_parcels_that_did_not_move_on(database: Database) -> None:
    with database.transaction() as session:
        made = invent_campaign(session, NOON, 1)
        set_campaign_status(session, made, CampaignStatus.RUNNING, NOON)
        contact = session.get_one(Contact, 1)
        contact.region = "华东"
        contact.deliveries.append(Delivery(campaign_id=made, waybill="SDNEW", address="幸福路1号"))
        session.flush()
        first = contact.deliveries[0].waybill
        take_event(session, ParcelMoved("e1", first, "delivered", NOON), NOON)
    books = Books(database, CampaignPlan(made, "e", LINE, rules_of(CampaignSettings(), {})))
    (call,) = books.claim(NOON, 9)
    assert [each.waybill for each in call.deliveries] == ["SDNEW"]
    assert call.region == "华东"
    with database.transaction() as session:
        take_event(session, ParcelMoved("e2", "SDNEW", "delivered", NOON), NOON)
    books.give_back(call, NOON)
    assert books.claim(NOON, 9) == ()
    with database.reading() as session:
        assert session.get_one(Contact, 1).status is ContactStatus.CLOSED


def test_a_parcel_that_moves_on_before_it_rings_is_not_spoken_of(database: Database) -> None:
    with database.transaction() as session:
        made = invent_campaign(session, NOON, 1)
        set_campaign_status(session, made, CampaignStatus.RUNNING, NOON)
        contact = session.get_one(Contact, 1)
        contact.deliveries.append(Delivery(campaign_id=made, waybill="SDNEW", address="幸福路1号"))
        session.flush()
        first = contact.deliveries[0].waybill
    books = Books(database, CampaignPlan(made, "e", LINE, rules_of(CampaignSettings(), {})))
    (both,) = books.claim(NOON, 9)
    assert {each.waybill for each in both.deliveries} == {first, "SDNEW"}
    with database.transaction() as session:
        take_event(session, ParcelMoved("e1", first, "delivered", NOON), NOON)
    with pytest.raises(CallUnwantedError) as refused:
        books.mark_dialing(both, NOON)
    books.give_back(both, NOON, refused.value)
    (left,) = books.claim(NOON + CLAIMED_ANEW_AFTER, 9)
    assert [each.waybill for each in left.deliveries] == ["SDNEW"]
    books.mark_dialing(left, NOON + CLAIMED_ANEW_AFTER)


def test_a_parcel_that_comes_to_a_claimed_call_is_told_of_too(database: Database) -> None:
    with database.transaction() as session:
        made = invent_campaign(session, NOON, 1)
        set_campaign_status(session, made, CampaignStatus.RUNNING, NOON)
    books = Books(database, CampaignPlan(made, "e", LINE, rules_of(CampaignSettings(), {})))
    (one,) = books.claim(NOON, 9)
    with database.transaction() as session:
        contact = session.get_one(Contact, 1)
        contact.deliveries.append(Delivery(campaign_id=made, waybill="SDNEW", address="幸福路1号"))
    with pytest.raises(CallUnwantedError):
        books.mark_dialing(one, NOON)


def test_what_another_engine_took_over_is_not_taken_back(database: Database) -> None:
    with database.transaction() as session:
        made = invent_campaign(session, NOON, 1)
        set_campaign_status(session, made, CampaignStatus.RUNNING, NOON)
    books = Books(database, CampaignPlan(made, "e", LINE, rules_of(CampaignSettings(), {})))
    (call,) = books.claim(NOON, 1)
    books.mark_dialing(call, NOON)
    with database.transaction() as session:
        (seen,) = open_attempts(session)
        take_over(session, seen)
    books.withdraw(call)
    with database.reading() as session:
        assert session.get_one(Attempt, call.attempt_id).fence == call.fence + 1
        assert session.get_one(Contact, 1).status is ContactStatus.IN_CALL
