"""Parcels that moved on, and whom we need not ring any more; on either database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.books import Books
from campaigns.importer import import_manifest
from campaigns.line import OutgoingLine
from campaigns.parcel_events import (
    EventTwiceError,
    ParcelEventError,
    ParcelMoved,
    take_event,
)
from campaigns.parcel_statuses import parcel_statuses
from campaigns.plan import CampaignPlan
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from console.metrics import Metrics
from store.api_queries import contacts_named, manifest_rows
from store.candidates import Never
from store.claims import CallUnwantedError, claim_next, mark_dialing, settle
from store.database import Database
from store.desk_queries import transfer
from store.desk_transfers import open_transfer, raise_transfer
from store.desk_types import DeskLine, TransferStatus
from store.desk_values import FlagRecord
from store.feed_queries import events_after, outcomes_after, transfers_before
from store.models import Attempt, Contact, Delivery, OutcomeRecord
from store.queries import create_campaign, set_campaign_status
from store.suppression import close_unwanted
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import Settlement

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LINE = OutgoingLine("127.0.0.1", 5060, "udp", timedelta(seconds=30), Path("calls"), 4, 1.0)
MANIFEST = (
    "运单号,收件人,电话,地址,预约时段\n"
    "SD1000001,王小明,13800138001,幸福路1号,2026-11-22 18:00-20:00\n"
    "SD1000002,王小明,13800138001,幸福路1号,2026-11-22 18:00-20:00\n"
    "SD1000003,李秀英,13800138003,平安街2号,2026-11-22 18:00-20:00\n"
).encode()


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    """A running campaign: one contact with two parcels, one with one."""
    database = Database(either_url)
    with database.transaction() as session:
        made = create_campaign(session, name="早班", flow="pre-delivery", company="顺达", now=NOON)
        set_campaign_status(session, made.id, CampaignStatus.RUNNING, NOON)
    import_manifest(database, made.id, "m.csv", MANIFEST, NOON)
    yield database
    database.close()


def tell(
    database: Database, event_id: str, waybill: str, status: str = "delivered", minutes: int = 0
) -> int:
    at = NOON + timedelta(minutes=minutes)
    with database.transaction() as session:
        return take_event(session, ParcelMoved(event_id, waybill, status, at), at).withdrawn


def status_of(database: Database, waybill: str) -> ContactStatus:
    with database.reading() as session:
        found = session.scalar(
            sa.select(Contact.status)
            .join(Delivery, Delivery.contact_id == Contact.id)
            .where(Delivery.waybill == waybill)
        )
    assert found is not None
    return found


def outcome_of(database: Database, waybill: str) -> Outcome | None:
    """Return the newest word on whoever gets a parcel."""
    with database.reading() as session:
        return session.scalar(
            sa.select(OutcomeRecord.outcome)
            .join(Delivery, Delivery.contact_id == OutcomeRecord.contact_id)
            .where(Delivery.waybill == waybill)
            .order_by(OutcomeRecord.id.desc())
            .limit(1)
        )


def test_a_contact_of_two_parcels_is_called_while_one_of_them_needs_it(
    database: Database,
) -> None:
    assert tell(database, "a", "SD1000001") == 0
    assert status_of(database, "SD1000001") is ContactStatus.WAITING
    assert tell(database, "b", "SD1000002", "cancelled") == 1
    assert status_of(database, "SD1000001") is ContactStatus.CLOSED
    assert status_of(database, "SD1000003") is ContactStatus.WAITING


def test_whom_we_talk_to_already_is_not_called_again_afterwards(database: Database) -> None:
    with database.transaction() as session:
        only = session.scalar(sa.select(Delivery.contact_id).where(Delivery.waybill == "SD1000003"))
        session.execute(sa.update(Contact).where(Contact.id == only).values(priority=9))
    with database.transaction() as session:
        claimed = claim_next(session, 1, NOON, claimed_by="engine-1")
        assert claimed is not None
        assert claimed.contact_id == only
        mark_dialing(session, claimed.attempt_id, NOON)
    assert tell(database, "a", "SD1000003", minutes=1) == 1
    assert status_of(database, "SD1000003") is ContactStatus.IN_CALL
    end = NOON + timedelta(minutes=2)
    busy = Settlement(Disposition.BUSY, Outcome.NOT_REACHED, end)
    with database.transaction() as session:
        settle(session, claimed.attempt_id, busy, then=ContactStatus.WAITING,
               next_call_at=end + timedelta(minutes=10))  # fmt: skip
    with database.transaction() as session:
        assert close_unwanted(session, 1, end) == 1
    assert status_of(database, "SD1000003") is ContactStatus.CLOSED
    assert outcome_of(database, "SD1000003") is Outcome.WITHDRAWN


def test_whoever_takes_the_call_over_is_told_what_happened_to_the_parcel_meanwhile(
    database: Database,
) -> None:
    with database.transaction() as session:
        session.execute(
            sa.update(Contact)
            .where(Contact.id != session.scalars(
                sa.select(Delivery.contact_id).where(Delivery.waybill == "SD1000003")).one())
            .values(status=ContactStatus.CLOSED)
        )  # fmt: skip
        claimed = claim_next(session, 1, NOON, claimed_by="engine-1")
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, NOON)
        asked = FlagRecord("asked", 50, DeskLine.FIRST)
        brief = {"waybill": "SD1000003"}
        wish = open_transfer(session, claimed.attempt_id, "e", asked, "zh-CN", brief, NOON).id
    tell(database, "a", "SD1000003", "in_transit")
    tell(database, "b", "SD1000001", "delivered")
    with database.reading() as session:
        assert transfer(session, wish).brief == brief
    tell(database, "c", "SD1000003", "delivered")
    with database.transaction() as session:
        told = brief | {"parcel": {"zh": "已签收", "en": "delivered"}}
        seen = transfer(session, wish)
        assert (seen.brief, seen.status) == (told, TransferStatus.WAITING)
        # A wish that is told again forgets nothing.
        raise_transfer(session, wish, asked, brief, NOON)
        assert transfer(session, wish).brief == told


def test_the_same_event_counts_once_and_its_id_belongs_to_it(database: Database) -> None:
    assert tell(database, "a", "SD1000003") == 1
    assert tell(database, "a", "SD1000003") == 1
    with pytest.raises(EventTwiceError, match="id of its own"):
        tell(database, "a", "SD1000003", "returned")
    with pytest.raises(ParcelEventError, match="delivered"):
        tell(database, "b", "SD1000003", "eaten")
    with database.reading() as session:
        assert [each.event_id for each in events_after(session, 0, 10)] == ["a"]


def test_a_parcel_that_nobody_calls_about_is_remembered(database: Database) -> None:
    assert tell(database, "a", "SD9999999") == 0
    with database.reading() as session:
        assert [each.waybill for each in events_after(session, 0, 10, "SD9999999")] == ["SD9999999"]


def test_a_status_that_comes_later_ends_at_least_what_the_one_before_ended() -> None:
    under_way = (
        "placed", "collected", "departed", "arrived", "out_for_delivery", "at_station", "delivered",
        "returned", "lost",
    )  # fmt: skip
    known = parcel_statuses()
    for earlier, later in pairwise(under_way):
        assert known[earlier].ends <= known[later].ends


def test_what_the_api_reads_is_read_on_either_database(database: Database) -> None:
    tell(database, "a", "SD1000003")
    with database.reading() as session:
        (told,) = outcomes_after(session, 0, 10, NOON + timedelta(minutes=1))
        assert (told.waybill, told.latest.outcome) == ("SD1000003", Outcome.WITHDRAWN)
        assert outcomes_after(session, told.id, 10, NOON + timedelta(minutes=1)) == ()
        assert outcomes_after(session, 0, 10, NOON) == ()
        assert [each.id for each in contacts_named(session, "", "+8613800138001", 0, 10)] == [1]
        assert [each.number for each in manifest_rows(session, 1, 2, 10)] == [3, 4]
        assert transfers_before(session, None, 10) == ()
    metrics = Metrics(database)
    text = metrics.text(NOON, metrics.contacts()).decode()
    assert 'menling_contacts{status="waiting"} 1.0' in text
    assert "menling_store_up 1.0" in text


@pytest.mark.parametrize("status", ["delivered", "cancelled", "rerouted"])
def test_a_parcel_that_moves_on_between_claim_and_invite_is_not_called_about(
    database: Database, status: str
) -> None:
    plan = CampaignPlan(1, "engine", LINE, rules_of(CampaignSettings(), {}))
    books = Books(database, plan)
    (call,) = (each for each in books.claim(NOON, 9) if len(each.deliveries) == 1)
    tell(database, "a", "SD1000003", status)
    assert status_of(database, "SD1000003") is ContactStatus.IN_CALL
    with pytest.raises(CallUnwantedError) as refused:
        books.mark_dialing(call, NOON)
    assert refused.value.verdict == Never(Disposition.WITHDRAWN, Outcome.WITHDRAWN)
    books.give_back(call, NOON, refused.value)
    assert status_of(database, "SD1000003") is ContactStatus.CLOSED
    assert outcome_of(database, "SD1000003") is Outcome.WITHDRAWN
    with database.reading() as session:
        assert session.scalar(sa.select(Attempt.id).where(Attempt.id == call.attempt_id)) is None
