"""Contacts as people look through them, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.call_queries import waybills_of
from store.errors import StoreError
from store.models import (
    Attempt,
    Contact,
    Delivery,
    OutcomeRecord,
    Recipient,
)
from store.reading import latest_outcome
from store.types import ContactStatus
from store.values import ContactLine, LatestOutcome

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts of a campaign are wanted; what is empty does not narrow them."""

    status: ContactStatus | None = None
    waybill: str = ""
    phone: str = ""
    """E.164."""
    name: str = ""

    @property
    def names_somebody(self) -> bool:
        """Is it about one parcel, number or person?"""
        return bool(self.waybill or self.phone or self.name)


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Some contacts, in the order of import."""

    lines: tuple[ContactLine, ...]
    next: int | None
    """The contact after which the next page begins; None: there are no more."""


def find_contacts(
    session: Session,
    campaign_id: int,
    wanted: ContactFilter = ContactFilter(),
    after: int = 0,
    limit: int = PAGE,
) -> ContactPage:
    """Return a page of a campaign's contacts; `after` is the `next` of the page before."""
    rows = session.execute(_page(campaign_id, wanted, after, limit)).all()
    shown = rows[:limit]
    ids = {contact.id for contact, _ in shown}
    waybills, dialed = waybills_of(session, ids), _dialed(session, ids)
    newest = _newest(session, ids)
    lines = tuple(
        _line(contact, name, waybills.get(contact.id, ()), dialed.get(contact.id, ()), newest)
        for contact, name in shown
    )
    return ContactPage(lines, shown[-1][0].id if len(rows) > limit else None)


def campaign_of_contact(session: Session, contact_id: int) -> int:
    """Return whose contact it is. Raises StoreError when there is none."""
    found = session.scalar(sa.select(Contact.campaign_id).where(Contact.id == contact_id))
    if found is None:
        raise StoreError(f"There is no contact {contact_id}; the campaign's page lists its own")
    return found


def status_counts(session: Session) -> Mapping[int, Mapping[ContactStatus, int]]:
    """Return how many contacts each campaign has, by status; campaigns without any are missing.

    It reads all contacts: half a second for a million of them.
    """
    counted: dict[int, dict[ContactStatus, int]] = {}
    rows = session.execute(
        sa.select(Contact.campaign_id, Contact.status, sa.func.count()).group_by(
            Contact.campaign_id, Contact.status
        )
    )
    for campaign_id, status, count in rows:
        counted.setdefault(campaign_id, dict.fromkeys(ContactStatus, 0))[status] = count
    return MappingProxyType({key: MappingProxyType(each) for key, each in counted.items()})


def _page(
    campaign_id: int, wanted: ContactFilter, after: int, limit: int
) -> sa.Select[Contact, str]:
    page = (
        sa.select(Contact, Recipient.name)
        .join(Recipient, Recipient.id == Contact.recipient_id)
        .order_by(Contact.id)
        .limit(limit + 1)
    )
    if wanted.names_somebody:
        return page.where(
            # The sum lets SQLite begin with whom the filter names, not with the whole campaign.
            Contact.campaign_id + 0 == campaign_id,
            Contact.id > after,
            *_named(wanted),
        )
    statuses = (wanted.status,) if wanted.status else tuple(ContactStatus)
    of_each = [
        sa.select(Contact.id)
        .where(Contact.campaign_id == campaign_id, Contact.status == status, Contact.id > after)
        .order_by(Contact.id)
        .limit(limit + 1)
        .subquery()
        for status in statuses
    ]
    ids = sa.union_all(*(sa.select(each.c.id) for each in of_each))
    return page.where(Contact.id.in_(ids))


def _named(wanted: ContactFilter) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.status is not None:
        yield Contact.status == wanted.status
    if wanted.waybill:
        yield Contact.id.in_(
            sa.select(Delivery.contact_id).where(Delivery.waybill == wanted.waybill)
        )
    if wanted.phone:
        yield Contact.phone == wanted.phone
    if wanted.name:
        yield Contact.recipient_id.in_(sa.select(Recipient.id).where(Recipient.name == wanted.name))


def _dialed(session: Session, ids: set[int]) -> Mapping[int, Sequence[Any]]:
    """Return id, time and recording of the settled diallings of contacts, oldest first."""
    found: dict[int, list[Any]] = {}
    rows = session.execute(
        sa.select(
            Attempt.contact_id,
            Attempt.id,
            Attempt.dialed_at,
            Attempt.settled_at,
            Attempt.recording,
        )
        .where(Attempt.contact_id.in_(ids), Attempt.dialed_at.is_not(None))
        .order_by(Attempt.contact_id, Attempt.number)
    )
    for row in rows:
        found.setdefault(row.contact_id, []).append(row)
    return found


def _newest(session: Session, ids: set[int]) -> Mapping[int, LatestOutcome]:
    newest = (
        sa.select(sa.func.max(OutcomeRecord.id))
        .where(OutcomeRecord.contact_id.in_(ids))
        .group_by(OutcomeRecord.contact_id)
    )
    rows = session.scalars(sa.select(OutcomeRecord).where(OutcomeRecord.id.in_(newest)))
    return {row.contact_id: latest_outcome(row) for row in rows}


def _line(
    contact: Contact,
    recipient: str,
    waybills: tuple[str, ...],
    dialed: Sequence[Any],
    newest: Mapping[int, LatestOutcome],
) -> ContactLine:
    settled = [each for each in dialed if each.settled_at is not None]
    last = settled[-1] if settled else None
    return ContactLine(
        contact_id=contact.id,
        recipient=recipient,
        phone=contact.phone,
        time_zone=contact.time_zone,
        waybills=waybills,
        status=contact.status,
        attempts=len(dialed),
        next_call_at=contact.next_call_at,
        last_called_at=dialed[-1].dialed_at if dialed else None,
        last_attempt_id=None if last is None else last.id,
        recording="" if last is None else last.recording,
        latest=newest.get(contact.id),
    )
