"""What the store knows already of some rows of a manifest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from campaigns.manifest import ManifestDelivery
from campaigns.merging import Together, common_facts
from store.many import among, many
from store.models import Attempt, Contact, Delivery, ManifestRow, Recipient, Suppression
from store.types import ContactStatus

_CHUNK: Final = 2000
"""So many values at most in one question to the database."""

PersonKey = tuple[str, str, str]
"""Number, extension and name."""
_Value = TypeVar("_Value")

_DELIVERY: Final = (
    Delivery.id, Delivery.waybill, Delivery.contact_id, Delivery.address, Delivery.window_start,
    Delivery.window_end, Delivery.item, Delivery.merchant, Delivery.cod_fen, Delivery.remarks,
    Delivery.facts,
)  # fmt: skip
_CONTACT: Final = (
    Contact.status, Contact.phone, Contact.extension, Contact.language, Contact.time_zone,
    Contact.priority, Contact.region, Contact.product_line,
)  # fmt: skip


class KnownPerson(NamedTuple):
    """A recipient."""

    id: int
    email: str


class KnownParcel(NamedTuple):
    """A delivery of the campaign with its contact, as far as a manifest says it."""

    delivery: Any
    """A row with the columns of the delivery, its contact and its recipient."""
    together: Together
    called: bool
    """The contact was dialled, or is about to be."""
    alone: bool
    """The contact has no other delivery."""


@dataclass(slots=True)
class OpenContact:
    """A waiting contact that was never called, to which a parcel may be added."""

    id: int
    merchant: str
    priority: int
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """All of it."""

    parcels: Mapping[str, KnownParcel]
    """By waybill."""
    people: dict[PersonKey, KnownPerson]
    open: dict[Together, OpenContact]
    suppressed: Mapping[str, frozenset[str]]
    """Merchants by number; the empty word stands for all."""

    def is_unwanted(self, row: ManifestDelivery) -> bool:
        """Say whether nobody may call about a row."""
        merchants = self.suppressed.get(row.phone)
        return merchants is not None and ("" in merchants or row.merchant in merchants)


def what_is_known(session: Session, campaign_id: int, rows: Collection[ManifestDelivery]) -> Known:
    """Ask for all that some rows are about."""
    dialect = session.get_bind().dialect.name
    parcels = _parcels(session, campaign_id, [row.waybill for row in rows])
    phones = sorted({row.phone for row in rows})
    people: dict[PersonKey, KnownPerson] = {}
    suppressed: dict[str, set[str]] = {}
    any_list = session.scalar(sa.select(Suppression.id).limit(1)) is not None
    asked = sa.select(
        Recipient.phone, Recipient.extension, Recipient.name, Recipient.id, Recipient.email
    ).where(among(dialect, Recipient.phone, "phones"))
    listed = sa.select(Suppression.phone, Suppression.merchant).where(
        among(dialect, Suppression.phone, "phones")
    )
    for some in chunks(phones):
        wanted = {"phones": many(dialect, some)}
        for phone, extension, name, person, email in session.execute(asked, wanted):
            people[phone, extension, name] = KnownPerson(person, email)
        if not any_list:
            continue
        for phone, merchant in session.execute(listed, wanted):
            suppressed.setdefault(phone, set()).add(merchant)
    fresh = {
        people[key].id
        for row in rows
        if row.waybill not in parcels and (key := person_key(row)) in people
    }
    return Known(
        parcels,
        people,
        _open_contacts(session, campaign_id, sorted(fresh)),
        {phone: frozenset(merchants) for phone, merchants in suppressed.items()},
    )


def person_key(row: ManifestDelivery) -> PersonKey:
    """Return by what a recipient is known."""
    return row.phone, row.extension, row.name


def rows_before(session: Session, manifest_id: int, rows: Mapping[int, int]) -> Mapping[int, int]:
    """Return the earlier row of the same file that has the same delivery.

    `rows` are deliveries by row number; so is what is returned, earlier rows by row number.
    """
    by_delivery: dict[int, list[int]] = {}
    for some in chunks(rows.values()):
        asked = sa.select(ManifestRow.delivery_id, ManifestRow.number).where(
            ManifestRow.manifest_id == manifest_id, ManifestRow.delivery_id.in_(some)
        )
        for delivery, number in session.execute(asked):
            by_delivery.setdefault(delivery or 0, []).append(number)
    firsts = {delivery: min(numbers) for delivery, numbers in by_delivery.items()}
    return {
        number: firsts[delivery]
        for number, delivery in rows.items()
        if firsts.get(delivery, number) < number
    }


def chunks(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """Cut values into so many as one question takes."""
    remaining = list(values)
    for start in range(0, len(remaining), _CHUNK):
        yield remaining[start : start + _CHUNK]


def _parcels(
    session: Session, campaign_id: int, waybills: Iterable[str]
) -> Mapping[str, KnownParcel]:
    found: list[Any] = []
    dialect = session.get_bind().dialect.name
    asked = (
        sa.select(*_DELIVERY, *_CONTACT, Recipient.name, Recipient.email)
        .join(Contact, Contact.id == Delivery.contact_id)
        .join(Recipient, Recipient.id == Contact.recipient_id)
        .where(Delivery.campaign_id == campaign_id, among(dialect, Delivery.waybill, "waybills"))
    )
    for some in chunks(waybills):
        found += session.execute(asked, {"waybills": many(dialect, some)})
    called: set[int] = set()
    several: set[int] = set()
    for some_contacts in chunks({row.contact_id for row in found}):
        called.update(
            session.scalars(
                sa.select(Attempt.contact_id).where(Attempt.contact_id.in_(some_contacts))
            )
        )
        several.update(
            session.scalars(
                sa.select(Delivery.contact_id)
                .where(Delivery.contact_id.in_(some_contacts))
                .group_by(Delivery.contact_id)
                .having(sa.func.count() > 1)
            )
        )
    return {
        row.waybill: KnownParcel(
            row, _together(row), row.contact_id in called, row.contact_id not in several
        )
        for row in found
    }


def _open_contacts(
    session: Session, campaign_id: int, people: Collection[int]
) -> dict[Together, OpenContact]:
    found: dict[Together, OpenContact] = {}
    other = aliased(Delivery)
    first = sa.select(sa.func.min(other.id)).where(other.contact_id == Contact.id)
    attempts = sa.select(Attempt.id).where(Attempt.contact_id == Contact.id)
    for some in chunks(people):
        asked = (
            sa.select(*_DELIVERY, *_CONTACT, Recipient.name, Contact.merchant.label("whose"))
            .join(Contact, Contact.id == Delivery.contact_id)
            .join(Recipient, Recipient.id == Contact.recipient_id)
            .where(
                Contact.recipient_id.in_(some),
                Contact.campaign_id == campaign_id,
                Contact.status == ContactStatus.WAITING,
                Delivery.id == first.scalar_subquery(),
                ~attempts.exists(),
            )
            .order_by(Contact.id.desc())
            .with_for_update(of=Contact)
        )
        for row in session.execute(asked):
            found[_together(row)] = OpenContact(row.contact_id, row.whose, row.priority)
    return found


def _together(row: Any) -> Together:
    return Together(
        row.phone, row.extension, row.name, row.language, row.time_zone, row.window_start,
        row.window_end, row.address, row.region, row.product_line, common_facts(row.facts),
    )  # fmt: skip
