"""Contacts, manifests and the do-not-call list as people look through them, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    Manifest,
    ManifestRow,
    OutcomeRecord,
    Recipient,
    Suppression,
)
from store.reading import latest_outcome
from store.types import ContactStatus, SuppressionReason
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


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One manifest of a campaign."""

    id: int
    file_name: str
    imported_at: datetime
    rows: int
    problem_rows: int
    """Rows that stayed out."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row of a manifest stayed out."""

    row: int
    """As a spreadsheet shows it."""
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SuppressedNumber:
    """A number that nobody calls."""

    id: int
    phone: str
    reason: SuppressionReason
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class SuppressionPage:
    """Some suppressed numbers, the newest first."""

    lines: tuple[SuppressedNumber, ...]
    next: int | None
    """The entry after which the next page begins; None: there are no more."""


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


def manifest_lines(session: Session, campaign_id: int) -> tuple[ManifestLine, ...]:
    """Return the manifests of a campaign, the newest first; it reads all their rows."""
    bad = sa.case((ManifestRow.delivery_id.is_(None), 1), else_=0)
    rows = session.execute(
        sa.select(
            Manifest.id,
            Manifest.file_name,
            Manifest.imported_at,
            sa.func.count(ManifestRow.id),
            sa.func.coalesce(sa.func.sum(bad), 0),
        )
        .join(ManifestRow, ManifestRow.manifest_id == Manifest.id, isouter=True)
        .where(Manifest.campaign_id == campaign_id)
        .group_by(Manifest.id, Manifest.file_name, Manifest.imported_at)
        .order_by(Manifest.id.desc())
    )
    return tuple(ManifestLine(*row) for row in rows)


def row_problems(
    session: Session, manifest_id: int, limit: int | None = None
) -> tuple[RowProblem, ...]:
    """Return the rows of a manifest that stayed out, in its order."""
    rows = session.execute(
        sa.select(ManifestRow.number, ManifestRow.problems)
        .where(ManifestRow.manifest_id == manifest_id, ManifestRow.delivery_id.is_(None))
        .order_by(ManifestRow.number)
        .limit(limit)
    )
    return tuple(RowProblem(number, tuple(problems)) for number, problems in rows if problems)


def suppressions(
    session: Session,
    phone: str = "",
    reason: SuppressionReason | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> SuppressionPage:
    """Return a page of the do-not-call list; `before` is the `next` of the page before."""
    query = sa.select(Suppression).order_by(Suppression.id.desc()).limit(limit + 1)
    if phone:
        query = query.where(Suppression.phone == phone)
    if reason is not None:
        query = query.where(Suppression.reason == reason)
    if before is not None:
        query = query.where(Suppression.id < before)
    rows = session.scalars(query).all()
    lines = tuple(
        SuppressedNumber(row.id, row.phone, row.reason, row.at, row.source) for row in rows[:limit]
    )
    return SuppressionPage(lines, lines[-1].id if len(rows) > limit else None)


def unsuppress(session: Session, suppression_id: int) -> SuppressedNumber:
    """Take a number off the do-not-call list and return what stood there.

    Contacts that were closed because of it stay closed. Raises StoreError when it isn't listed, or
    when its owner asked not to be called, which holds for ever.
    """
    row = session.get(Suppression, suppression_id)
    if row is None:
        raise StoreError("This number is not on the list any more; look for it again")
    if row.reason is SuppressionReason.OPTED_OUT:
        raise StoreError("The owner of this number asked never to be called again; it stays listed")
    was = SuppressedNumber(row.id, row.phone, row.reason, row.at, row.source)
    session.delete(row)
    session.flush()
    return was


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
