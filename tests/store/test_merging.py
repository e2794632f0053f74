"""Parcels of one recipient come into one call, or stay apart where it could not tell of both."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from campaigns.importer import ImportReport, import_manifest
from campaigns.parcels_told import told
from store.claims import claim_next
from store.database import Database
from store.models import Contact, Manifest
from store.queries import contact_lines, create_campaign, set_campaign_status
from store.suppression import suppress
from store.types import CampaignStatus, ContactStatus, SuppressionReason

HEADER = "运单号,收件人,电话,地址,预约时段,物品,商家,代收货款,区域,产品线,优先级,邮箱"


class Row(NamedTuple):
    waybill: str = "SD0001"
    name: str = "王小明"
    phone: str = "13800138001"
    address: str = "幸福路18号"
    window: str = "明天 14:00-16:00"
    item: str = "台灯"
    merchant: str = "灯具店"
    cod: str = ""
    region: str = ""
    product_line: str = ""
    priority: str = ""
    email: str = ""


ONE = Row()
TWO = Row("SD0002", item="书", merchant="书店", cod="20")


@pytest.fixture
def campaign(database: Database, now: datetime) -> int:
    """A running campaign without contacts."""
    with database.transaction() as session:
        made = create_campaign(session, name="早班", flow="pre-delivery", company="顺达", now=now)
        set_campaign_status(session, made.id, CampaignStatus.RUNNING, now)
    return made.id


def take(database: Database, campaign: int, now: datetime, *rows: Row) -> ImportReport:
    text = "\n".join([HEADER, *(",".join(row) for row in rows)])
    return import_manifest(database, campaign, "m.csv", text.encode(), now)


def calls(database: Database, campaign: int) -> list[tuple[str, ...]]:
    with database.reading() as session:
        return [line.waybills for line in contact_lines(session, campaign) if line.waybills]


def test_parcels_of_one_recipient_come_into_one_call_that_adds_them_up(
    database: Database, campaign: int, now: datetime
) -> None:
    report = take(database, campaign, now, ONE, TWO._replace(priority="加急"))
    assert (report.new, report.merged) == (2, 1)
    with database.transaction() as session:
        call = claim_next(session, campaign, now, claimed_by="engine")
        contact = session.scalars(sa.select(Contact)).one()
        assert (contact.merchant, contact.priority) == ("", 10)
    assert call is not None
    both = told(call.deliveries, call.language)
    assert (both.item, both.merchant, both.cod_fen) == ("台灯、书", "", 2000)
    assert both.facts["pieces"] == "2"
    assert told(call.deliveries[:1], call.language) == call.deliveries[0]


@pytest.mark.parametrize(
    "other",
    [
        TWO._replace(window="明天 9:00-12:00"),
        TWO._replace(address="和平路1号"),
        TWO._replace(name="王大明"),
        TWO._replace(phone="13900139001"),
        TWO._replace(region="华东"),
        TWO._replace(product_line="特快"),
    ],
)
def test_what_one_call_could_not_say_of_both_stays_apart(
    database: Database, campaign: int, now: datetime, other: Row
) -> None:
    report = take(database, campaign, now, ONE, other)
    assert report.merged == 0
    assert calls(database, campaign) == [("SD0001",), ("SD0002",)]


def test_a_later_file_adds_to_a_call_that_was_not_made_and_to_no_other(
    database: Database, campaign: int, now: datetime
) -> None:
    take(database, campaign, now, ONE)
    assert take(database, campaign, now, TWO).merged == 1
    with database.transaction() as session:
        assert claim_next(session, campaign, now, claimed_by="engine") is not None
    assert take(database, campaign, now, TWO._replace(waybill="SD0003")).merged == 0
    assert calls(database, campaign) == [("SD0001", "SD0002"), ("SD0003",)]


def test_a_corrected_window_takes_a_parcel_out_of_the_others_call(
    database: Database, campaign: int, now: datetime
) -> None:
    take(database, campaign, now, ONE, TWO)
    report = take(database, campaign, now, ONE, TWO._replace(window="明天 18:00-20:00"))
    assert (report.updated, report.unchanged) == (1, 1)
    assert calls(database, campaign) == [("SD0001",), ("SD0002",)]
    with database.reading() as session:
        merchants = session.scalars(sa.select(Contact.merchant).order_by(Contact.id)).all()
    assert merchants == ["灯具店", "书店"]


def test_a_corrected_item_stays_in_the_call(
    database: Database, campaign: int, now: datetime
) -> None:
    take(database, campaign, now, ONE, TWO)
    report = take(database, campaign, now, ONE, TWO._replace(item="两本书"))
    assert (report.updated, calls(database, campaign)) == (1, [("SD0001", "SD0002")])


def test_the_parcel_of_an_unwanted_merchant_is_not_told_of_with_the_others(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.transaction() as session:
        suppress(session, "+8613800138001", SuppressionReason.OPERATOR, now, merchant="书店")
    report = take(database, campaign, now, ONE, TWO)
    assert (report.merged, report.suppressed) == (0, 1)
    with database.reading() as session:
        states = {each.waybills: each.status for each in contact_lines(session, campaign)}
    assert states == {("SD0001",): ContactStatus.WAITING, ("SD0002",): ContactStatus.CLOSED}


def test_the_columns_about_pilots_and_messages_are_kept(
    database: Database, campaign: int, now: datetime
) -> None:
    row = ONE._replace(region="华东", product_line="特快", priority="-5", email="wang@example.com")
    take(database, campaign, now, row)
    take(database, campaign, now, row._replace(email="ming@example.com"))
    with database.reading() as session:
        kept = session.scalars(sa.select(Contact)).one()
        assert (kept.region, kept.product_line, kept.priority) == ("华东", "特快", -5)
        assert kept.recipient.email == "ming@example.com"


def test_a_waybill_that_comes_twice_in_a_file_is_told_wherever_it_stands(
    database: Database, campaign: int, now: datetime
) -> None:
    first = [ONE._replace(waybill=f"SE{each:05}", phone=f"139{each:08}") for each in range(41)]
    rows = [HEADER, *(",".join(row) for row in (*first, first[7]._replace(item="又一个")))]
    content = "\n".join(rows).encode()
    report = import_manifest(database, campaign, "m.csv", content, now, at_once=20)
    (problem,) = report.problems
    assert (problem.row, problem.kind) == (43, "waybill_twice")
    assert "第 9 行" in problem.value_shown
    with database.reading() as session:
        kept = session.scalars(sa.select(Manifest)).one()
        assert kept.finished_at == now
        assert kept.rows_done == 42
