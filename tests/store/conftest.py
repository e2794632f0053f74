"""Every store test runs twice: on SQLite and on a PostgreSQL server that the tests start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_rules import shipped_ticket_rules
from store.database import Database
from store.models import Contact, Delivery, Recipient
from store.queries import create_campaign
from store.ticket_values import TicketFacts
from store.types import ContactStatus

MakeComplaint = Callable[..., Complaint]
AddContact = Callable[..., None]


@pytest.fixture
def url(either_url: str) -> str:
    """The URL of an empty database with the newest schema."""
    return either_url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An empty database with the newest schema."""
    database = Database(url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def add_contact() -> AddContact:
    """Adds contact N of a campaign: 王N, +861380013800N, with the parcel SDN for 幸福路N号."""

    def added(
        session: Session, campaign: int, number: int, priority: int = 0, name: str = "王"
    ) -> None:
        phone = f"+861380013800{number}"
        contact = Contact(
            campaign_id=campaign,
            recipient=Recipient(name=f"{name}{number}", phone=phone),
            phone=phone,
            language="zh-CN",
            time_zone="Asia/Shanghai",
            priority=priority,
        )
        parcel = Delivery(
            campaign_id=campaign,
            contact=contact,
            waybill=f"SD{number}",
            address=f"幸福路{number}号",
        )
        session.add(parcel)
        session.flush()

    return added


@pytest.fixture
def parcel(database: Database, now: datetime) -> Delivery:
    """A parcel worth 299 yuan on its way to Anna; detached, for its keys."""
    with database.transaction() as session:
        facts = create_campaign(
            session, name="早班", flow="pre-delivery", company="顺达快递", now=now
        )
        contact = Contact(
            campaign_id=facts.id,
            recipient=Recipient(name="安娜", phone="+8613800138001"),
            phone="+8613800138001",
            language="zh-CN",
            time_zone="Asia/Shanghai",
            status=ContactStatus.DONE,
        )
        delivery = Delivery(
            campaign_id=facts.id,
            contact=contact,
            waybill="SD0001",
            address="幸福路18号3单元501",
            window_start=now,
            window_end=now + timedelta(hours=2),
            item="台灯",
            facts={"value": "299"},
        )
        session.add(delivery)
        session.flush()
        session.refresh(delivery)
        session.expunge(delivery)
    return delivery


@pytest.fixture(scope="session")
def complaint() -> MakeComplaint:
    """What is wrong with a parcel: its lamp is broken, unless told otherwise."""

    def complaint(parcel: Delivery, kind: str = "damaged", **more: object) -> Complaint:
        known: dict[str, object] = {
            "words": "灯罩碎了",
            "waybill": parcel.waybill,
            "delivery_id": parcel.id,
            "contact_id": parcel.contact_id,
            "record": {"who": "安娜", "what": "破损 台灯", "where": parcel.address},
        }
        return Complaint(kind, **(known | more))  # type: ignore[arg-type]

    return complaint


@pytest.fixture
def opened(
    database: Database, parcel: Delivery, now: datetime, complaint: MakeComplaint
) -> TicketFacts:
    """A ticket about a broken lamp, opened at noon."""
    with database.transaction() as session:
        return open_ticket(session, shipped_ticket_rules(), complaint(parcel), "call 1", now)
