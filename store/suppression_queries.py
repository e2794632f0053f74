"""The do-not-call list as people look through it, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.errors import StoreError
from store.models import Suppression
from store.types import SuppressionReason

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class SuppressedNumber:
    """A number that nobody calls."""

    id: int
    phone: str
    reason: SuppressionReason
    at: datetime
    source: str
    merchant: str = ""
    """About whose parcels it is not called; empty: about nobody's."""
    evidence: str = ""
    """What proves the wish."""


@dataclass(frozen=True, slots=True)
class SuppressionPage:
    """Some suppressed numbers, the newest first."""

    lines: tuple[SuppressedNumber, ...]
    next: int | None
    """The entry after which the next page begins; None: there are no more."""


def suppressions(
    session: Session,
    phone: str = "",
    reason: SuppressionReason | None = None,
    before: int | None = None,
    limit: int = PAGE,
    merchant: str | None = None,
) -> SuppressionPage:
    """Return a page of the do-not-call list; `before` is the `next` of the page before.

    `merchant`: whose list; empty: the one of all; None: both.
    """
    query = sa.select(Suppression).order_by(Suppression.id.desc()).limit(limit + 1)
    if phone:
        query = query.where(Suppression.phone == phone)
    if reason is not None:
        query = query.where(Suppression.reason == reason)
    if merchant is not None:
        query = query.where(Suppression.merchant == merchant)
    if before is not None:
        query = query.where(Suppression.id < before)
    rows = session.scalars(query).all()
    lines = tuple(map(_number, rows[:limit]))
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
    was = _number(row)
    session.delete(row)
    session.flush()
    return was


def listed_after(
    session: Session, after: int, limit: int, merchant: str | None = None
) -> tuple[SuppressedNumber, ...]:
    """Return so many entries with higher ids, the oldest first: the list as it is exported."""
    query = sa.select(Suppression).where(Suppression.id > after).order_by(Suppression.id)
    if merchant is not None:
        query = query.where(Suppression.merchant == merchant)
    return tuple(map(_number, session.scalars(query.limit(limit))))


def _number(row: Suppression) -> SuppressedNumber:
    return SuppressedNumber(
        row.id, row.phone, row.reason, row.at, row.source, row.merchant, row.evidence
    )
