"""Lists of one merchant, whole lists at once, and what an opt-out does to another reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from store.database import Database
from store.errors import StoreError
from store.models import Contact, Delivery
from store.queries import contact_lines, create_campaign, set_campaign_status
from store.suppression import anybody_unwanted, close_unwanted, is_suppressed, suppress
from store.suppression_lists import ListedNumber, suppress_all
from store.suppression_queries import listed_after, suppressions, unsuppress
from store.types import CampaignStatus, ContactStatus, SuppressionReason

ANNA = "+8613800138001"


@pytest.fixture
def campaign(database: Database, now: datetime, add_contact: Callable[..., None]) -> int:
    """A running campaign: contact 1 has parcels of two shops, contact 2 one of nobody."""
    with database.transaction() as session:
        facts = create_campaign(session, name="早班", flow="care", company="顺达", now=now)
        set_campaign_status(session, facts.id, CampaignStatus.RUNNING, now)
        add_contact(session, facts.id, 1)
        add_contact(session, facts.id, 2)
        contact = session.scalars(sa.select(Contact).order_by(Contact.id)).first()
        assert contact is not None
        contact.deliveries[0].merchant = "书店"
        more: dict[str, Any] = {"campaign_id": facts.id, "contact_id": contact.id}
        session.add(Delivery(waybill="SD9", address="幸福路1号", merchant="花店", **more))
    return facts.id


def waiting(database: Database, campaign: int) -> list[tuple[str, ...]]:
    with database.reading() as session:
        lines = contact_lines(session, campaign)
    return [line.waybills for line in lines if line.status is ContactStatus.WAITING]


def test_a_merchants_list_takes_only_its_own_parcels_out_of_a_call(
    database: Database, now: datetime, campaign: int
) -> None:
    with database.transaction() as session:
        suppress(session, ANNA, SuppressionReason.COMPLAINT, now, merchant="花店", evidence="来信")
    assert waiting(database, campaign) == [("SD1",), ("SD2",)]
    with database.reading() as session:
        apart = [line for line in contact_lines(session, campaign) if line.waybills == ("SD9",)]
        assert session.scalar(sa.select(Contact.merchant).where(Contact.phone == ANNA)) == "书店"
        assert is_suppressed(session, ANNA, {"花店"})
        assert not is_suppressed(session, ANNA, {"书店"})
        (entry,) = suppressions(session, ANNA, merchant="花店").lines
    assert apart[0].status is ContactStatus.CLOSED
    assert (entry.merchant, entry.evidence) == ("花店", "来信")


def test_who_has_only_parcels_of_that_merchant_is_not_called_at_all(
    database: Database, now: datetime, campaign: int
) -> None:
    for merchant in ("花店", "书店"):
        with database.transaction() as session:
            suppress(session, ANNA, SuppressionReason.OPERATOR, now, merchant=merchant)
    assert waiting(database, campaign) == [("SD2",)]


def test_whoever_waits_again_after_a_call_is_taken_out_at_the_next_look(
    database: Database, now: datetime, campaign: int
) -> None:
    with database.transaction() as session:
        suppress(session, ANNA, SuppressionReason.OPERATOR, now, merchant="书店")
        late = session.scalars(sa.select(Delivery).where(Delivery.waybill == "SD2")).one()
        late.merchant = "书店"
        late.contact.phone = ANNA
    with database.reading() as session:
        assert anybody_unwanted(session, campaign, now)
    with database.transaction() as session:
        assert close_unwanted(session, campaign, now) == 1
        assert not anybody_unwanted(session, campaign, now)
    assert waiting(database, campaign) == [("SD9",)]


def test_what_its_owner_asked_for_replaces_another_reason_and_stays_for_ever(
    database: Database, now: datetime
) -> None:
    with database.transaction() as session:
        assert suppress(session, ANNA, SuppressionReason.LISTED, now)
        assert not suppress(session, ANNA, SuppressionReason.OPTED_OUT, now, "attempt 7")
        assert not suppress(session, ANNA, SuppressionReason.OPERATOR, now)
        (entry,) = suppressions(session, ANNA).lines
        assert (entry.reason, entry.source) == (SuppressionReason.OPTED_OUT, "attempt 7")
        with pytest.raises(StoreError, match="stays listed"):
            unsuppress(session, entry.id)


def test_a_whole_list_closes_who_waits_and_keeps_what_was_known(
    database: Database, now: datetime, campaign: int
) -> None:
    listed, wish = SuppressionReason.LISTED, SuppressionReason.OPTED_OUT
    with database.transaction() as session:
        suppress(session, "+8613800138002", SuppressionReason.COMPLAINT, now)
        suppress(session, "+8613800138003", SuppressionReason.OPERATOR, now)
    lines = (
        ListedNumber(ANNA, listed, now, "花店", "名单"),
        ListedNumber(ANNA, listed, now),
        ListedNumber(ANNA, wish, now),
        ListedNumber("+8613800138002", listed, now),
        ListedNumber("+8613800138003", wish, now),
    )
    with database.transaction() as session:
        taken = suppress_all(session, lines, "list.csv", now)
    assert (taken.new, taken.known, taken.closed) == (2, 3, 1)
    assert waiting(database, campaign) == []
    with database.reading() as session:
        everything = listed_after(session, 0, 10)
        mine = listed_after(session, 0, 10, "花店")
    assert [each.reason for each in everything if not each.merchant] == [
        SuppressionReason.COMPLAINT, wish, wish,
    ]  # fmt: skip
    assert [(each.phone, each.evidence) for each in mine] == [(ANNA, "名单")]
