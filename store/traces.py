"""Traces: the rows of a store that belong to somebody."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.errors import StoreError
from store.models import Attempt, Contact, Delivery, ManifestRow, Recipient
from store.ticket_models import Ticket

CHUNK: Final = 500
"""So many ids at most in one question to the database."""


@dataclass(frozen=True, slots=True)
class Traces:
    """The rows that belong to somebody, by their ids."""

    recipients: tuple[int, ...]
    contacts: tuple[int, ...]
    deliveries: tuple[int, ...]
    attempts: tuple[int, ...]
    tickets: tuple[int, ...]
    phones: tuple[str, ...]
    """E.164; empty for somebody who was forgotten before."""
    manifests: Mapping[int, frozenset[int]]
    """Rows that name them, by manifest."""


def people_at(session: Session, phone: str) -> tuple[int, ...]:
    """Return the recipients with an E.164 number, or who were called at it."""
    if not phone:
        return ()
    called = sa.select(Contact.recipient_id).where(Contact.phone == phone)
    known = sa.select(Recipient.id).where(Recipient.phone == phone)
    return tuple(sorted({*session.scalars(called), *session.scalars(known)}))


def person_of(session: Session, contact_id: int) -> int:
    """Return the recipient of a contact. Raises StoreError when there is no such contact."""
    found = session.scalar(sa.select(Contact.recipient_id).where(Contact.id == contact_id))
    if found is None:
        raise StoreError(f"There is no contact {contact_id}; the campaign's page lists its own")
    return found


def traces_of(session: Session, recipients: Collection[int]) -> Traces:
    """Return the rows of people."""
    contacts = ids_of(session, Contact.id, Contact.recipient_id, recipients)
    deliveries = ids_of(session, Delivery.id, Delivery.contact_id, contacts)
    attempts = ids_of(session, Attempt.id, Attempt.contact_id, contacts)
    tickets = {
        *ids_of(session, Ticket.id, Ticket.contact_id, contacts),
        *ids_of(session, Ticket.id, Ticket.delivery_id, deliveries),
        *ids_of(session, Ticket.id, Ticket.attempt_id, attempts),
        *_unclaimed_tickets(session, deliveries),
    }
    phones = {
        *ids_of(session, Recipient.phone, Recipient.id, recipients),
        *ids_of(session, Contact.phone, Contact.id, contacts),
        *ids_of(session, Attempt.phone, Attempt.id, attempts),
    }
    rows: dict[int, set[int]] = {}
    for some in chunks(deliveries):
        for manifest, number in session.execute(
            sa.select(ManifestRow.manifest_id, ManifestRow.number).where(
                ManifestRow.delivery_id.in_(some)
            )
        ):
            rows.setdefault(manifest, set()).add(number)
    return Traces(
        recipients=tuple(sorted(recipients)),
        contacts=contacts,
        deliveries=deliveries,
        attempts=attempts,
        tickets=tuple(sorted(tickets)),
        phones=tuple(sorted(phones - {""})),
        manifests={manifest: frozenset(numbers) for manifest, numbers in rows.items()},
    )


def chunks(ids: Collection[Any]) -> Iterator[list[Any]]:
    """Cut many ids into lists that a database takes."""
    rest = list(ids)
    for start in range(0, len(rest), CHUNK):
        yield rest[start : start + CHUNK]


def ids_of(session: Session, wanted: Any, tie: Any, among: Collection[Any]) -> tuple[Any, ...]:
    """Return a column of the rows whose `tie` is one of `among`."""
    return tuple(
        each
        for some in chunks(among)
        for each in session.scalars(sa.select(wanted).where(tie.in_(some)).order_by(wanted))
    )


def _unclaimed_tickets(session: Session, deliveries: Collection[int]) -> Iterable[int]:
    """Return tickets that were opened by a waybill alone."""
    for some in chunks(deliveries):
        waybills = sa.select(Delivery.waybill).where(Delivery.id.in_(some))
        yield from session.scalars(
            sa.select(Ticket.id).where(Ticket.contact_id.is_(None), Ticket.waybill.in_(waybills))
        )
