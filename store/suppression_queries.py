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
