"""The rows of one manifest on their way into the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from campaigns.manifest import ManifestContents, ManifestDelivery
from campaigns.tables import Table
from store.models import Attempt, Contact, Delivery, ManifestRow, Recipient, Suppression
from store.suppression import close
from store.types import ContactStatus, Disposition, Outcome

_CHUNK = 500
"""So many values at most in one question to the database."""

_PersonKey = tuple[str, str, str]
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A row of a corrected file that came too late."""

    row: int
    waybill: str
    why: str


@dataclass(slots=True)
class Tally:
    """What became of the good rows."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    suppressed: int = 0
    left_alone: list[LeftAlone] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count what became of further rows."""
        self.new += other.new
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.suppressed += other.suppressed
        self.left_alone += other.left_alone


@dataclass(frozen=True, slots=True)
class _Known:
    deliveries: Mapping[str, Delivery]
    people: dict[_PersonKey, Recipient]
    called: frozenset[int]
    """Contacts with an attempt."""
    suppressed: frozenset[str]


def take_in(
    session: Session, campaign_id: int, manifest_id: int, table: Table, contents: ManifestContents,
    now: datetime,
) -> Tally:  # fmt: skip
    """Insert, update or leave alone every good row, and keep what became of all rows.

    `table` and `contents` may be a piece of the file, and one that was taken in before.
    """
    known = _known(session, campaign_id, contents.deliveries)
    tally = Tally()
    fresh: list[ManifestDelivery] = []
    rows: dict[int, int] = {}
    to_close: list[int] = []
    for row in contents.deliveries:
        delivery = known.deliveries.get(row.waybill)
        if delivery is None:
            fresh.append(row)
            continue
        rows[row.row] = delivery.id
        if _same(delivery, row):
            tally.unchanged += 1
        elif (why := _too_late(delivery.contact, known)) is not None:
            tally.left_alone.append(LeftAlone(row.row, row.waybill, why))
        else:
            _update(delivery, row, _person(session, known, row))
            tally.updated += 1
            if row.phone in known.suppressed:
                to_close.append(delivery.contact_id)
    session.flush()
    contacts = _insert(session, campaign_id, known, fresh, rows)
    tally.new = len(fresh)
    to_close += [contacts[row.row] for row in fresh if row.phone in known.suppressed]
    tally.suppressed = len(to_close)
    for contact_id in to_close:
        close(session, contact_id, Disposition.SUPPRESSED, Outcome.SUPPRESSED, now)
    _keep_rows(session, manifest_id, table, contents, rows)
    return tally


def _known(session: Session, campaign_id: int, wanted: Iterable[ManifestDelivery]) -> _Known:
    wanted = tuple(wanted)
    deliveries: dict[str, Delivery] = {}
    for waybills in _chunks(row.waybill for row in wanted):
        found = session.scalars(
            sa.select(Delivery)
            .where(Delivery.campaign_id == campaign_id, Delivery.waybill.in_(waybills))
            .options(joinedload(Delivery.contact).joinedload(Contact.recipient))
        )
        deliveries.update((delivery.waybill, delivery) for delivery in found)
    people: dict[_PersonKey, Recipient] = {}
    suppressed: set[str] = set()
    for phones in _chunks({row.phone for row in wanted}):
        for person in session.scalars(sa.select(Recipient).where(Recipient.phone.in_(phones))):
            people[person.phone, person.extension, person.name] = person
        suppressed.update(
            session.scalars(sa.select(Suppression.phone).where(Suppression.phone.in_(phones)))
        )
    called: set[int] = set()
    for contact_ids in _chunks(delivery.contact_id for delivery in deliveries.values()):
        called.update(
            session.scalars(
                sa.select(Attempt.contact_id).where(Attempt.contact_id.in_(contact_ids))
            )
        )
    return _Known(deliveries, people, frozenset(called), frozenset(suppressed))


def _chunks(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    remaining = list(values)
    for start in range(0, len(remaining), _CHUNK):
        yield remaining[start : start + _CHUNK]


def _key(row: ManifestDelivery) -> _PersonKey:
    return row.phone, row.extension, row.name


def _person(session: Session, known: _Known, row: ManifestDelivery) -> Recipient:
    key = _key(row)
    person = known.people.get(key)
    if person is None:
        person = Recipient(phone=row.phone, extension=row.extension, name=row.name)
        session.add(person)
        known.people[key] = person
    return person


def _insert(
    session: Session, campaign_id: int, known: _Known, fresh: list[ManifestDelivery],
    rows: dict[int, int],
) -> Mapping[int, int]:  # fmt: skip
    """Insert new rows in bulk and add their deliveries to `rows`; return contacts by row number."""
    people = {key: person.id for key, person in known.people.items()}
    strangers = dict.fromkeys(key for key in map(_key, fresh) if key not in people)
    person_ids = _insert_all(
        session,
        Recipient,
        [
            {"phone": phone, "extension": extension, "name": name}
            for phone, extension, name in strangers
        ],
    )
    people.update(zip(strangers, person_ids, strict=True))
    contact_ids = _insert_all(
        session,
        Contact,
        [
            {
                "campaign_id": campaign_id,
                "recipient_id": people[_key(row)],
                "phone": row.phone,
                "extension": row.extension,
                "language": row.language,
                "time_zone": row.time_zone,
                "status": ContactStatus.WAITING,
                "useful_until": row.window_end,
            }
            for row in fresh
        ],
    )
    contacts = {row.row: contact_id for row, contact_id in zip(fresh, contact_ids, strict=True)}
    delivery_ids = _insert_all(
        session,
        Delivery,
        [
            {
                "campaign_id": campaign_id,
                "contact_id": contacts[row.row],
                "waybill": row.waybill,
                **_description(row),
            }
            for row in fresh
        ],
    )
    rows.update((row.row, new) for row, new in zip(fresh, delivery_ids, strict=True))
    return contacts


def _insert_all(
    session: Session,
    model: type[Recipient] | type[Contact] | type[Delivery],
    values: list[dict[str, Any]],
) -> list[int]:
    """Insert rows and return their keys in the same order."""
    if not values:
        return []
    statement = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, values))


def _update(delivery: Delivery, row: ManifestDelivery, person: Recipient) -> None:
    for name, value in _description(row).items():
        setattr(delivery, name, value)
    contact = delivery.contact
    contact.recipient = person
    contact.phone, contact.extension = row.phone, row.extension
    contact.language, contact.time_zone = row.language, row.time_zone
    contact.useful_until = row.window_end
    # What was closed without a call (suppressed number, window over) was closed for data that
    # is now corrected.
    contact.status = ContactStatus.WAITING


def _description(row: ManifestDelivery) -> dict[str, Any]:
    return {
        "address": row.address,
        "window_start": row.window_start,
        "window_end": row.window_end,
        "item": row.item,
        "merchant": row.merchant,
        "cod_fen": row.cod_fen,
        "remarks": row.remarks,
        "facts": dict(row.facts),
    }


def _same(delivery: Delivery, row: ManifestDelivery) -> bool:
    contact = delivery.contact
    return (
        contact.recipient.name, contact.phone, contact.extension, contact.language,
        contact.time_zone, delivery.address, delivery.window_start, delivery.window_end,
        delivery.item, delivery.merchant, delivery.cod_fen, delivery.remarks, delivery.facts,
    ) == (
        row.name, row.phone, row.extension, row.language,
        row.time_zone, row.address, row.window_start, row.window_end,
        row.item, row.merchant, row.cod_fen, row.remarks, dict(row.facts),
    )  # fmt: skip


def _too_late(contact: Contact, known: _Known) -> str | None:
    if contact.status is ContactStatus.IN_CALL:
        return "正在通话，改动没有采用。请等通话结束后看结果，必要时人工联系收件人"
    if contact.id in known.called or contact.status is ContactStatus.DONE:
        return "已经拨打过，改动没有采用。请看通话结果，必要时人工联系收件人"
    return None


def _keep_rows(
    session: Session, manifest_id: int, table: Table, contents: ManifestContents,
    rows: Mapping[int, int],
) -> None:  # fmt: skip
    problems: dict[int, list[str]] = {}
    for problem in contents.problems:
        problems.setdefault(problem.row, []).append(problem.text)
    kept = set(
        session.scalars(
            sa.select(ManifestRow.number).where(
                ManifestRow.manifest_id == manifest_id,
                ManifestRow.number.between(table.rows[0].number, table.rows[-1].number),
            )
        )
    )
    fresh = [
        {
            "manifest_id": manifest_id,
            "number": row.number,
            "delivery_id": rows.get(row.number),
            "problems": problems.get(row.number, []),
        }
        for row in table.rows
        if row.number not in kept
    ]
    if fresh:
        session.execute(sa.insert(ManifestRow), fresh)
