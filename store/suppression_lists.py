"""Whole lists of numbers that are never called, taken in at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.merchant_lists import close_for
from store.models import Suppression
from store.types import SuppressionReason
from store.wake_ups import Topic, wake


@dataclass(frozen=True, slots=True)
class ListedNumber:
    """One line of a list."""

    phone: str
    """E.164."""
    reason: SuppressionReason
    at: datetime
    merchant: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ListTaken:
    """What became of some lines of a list."""

    new: int
    known: int
    closed: int
    """Contacts who waited to be called."""


def suppress_all(
    session: Session, lines: Sequence[ListedNumber], source: str, now: datetime
) -> ListTaken:
    """Do with many numbers what `store.suppression.suppress` does with one.

    Some hundred lines at a time: others wait meanwhile on SQLite.
    """
    phones = sorted({line.phone for line in lines})
    rows = session.scalars(sa.select(Suppression).where(Suppression.phone.in_(phones)))
    known = {(row.phone, row.merchant): row for row in rows}
    wished = {
        (line.phone, line.merchant): line
        for line in lines
        if line.reason is SuppressionReason.OPTED_OUT
    }
    for key in known.keys() & wished.keys():
        if known[key].reason is not SuppressionReason.OPTED_OUT:
            row, line = known[key], wished[key]
            row.reason, row.at, row.source, row.evidence = (
                line.reason, line.at, source, line.evidence,
            )  # fmt: skip
    session.flush()
    fresh = {(each.phone, each.merchant): each for each in reversed(lines)} | wished
    added = _insert(session, [fresh[key] for key in sorted(fresh.keys() - known.keys())], source)
    by_merchant: dict[str, list[str]] = {}
    for phone, merchant in added:
        by_merchant.setdefault(merchant, []).append(phone)
    closed = sum(
        close_for(session, numbers, merchant, now) for merchant, numbers in by_merchant.items()
    )
    if added:
        wake(session, Topic.SUPPRESSIONS)
    return ListTaken(new=len(added), known=len(lines) - len(added), closed=closed)


def _insert(
    session: Session, lines: Iterable[ListedNumber], source: str
) -> Sequence[tuple[str, str]]:
    """Insert what nobody else inserts at this moment; return it."""
    values = [
        {
            "phone": line.phone,
            "merchant": line.merchant,
            "reason": line.reason,
            "at": line.at,
            "source": source,
            "evidence": line.evidence,
        }
        for line in lines
    ]
    if not values:
        return []
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert(Suppression) if is_sqlite else postgresql.insert(Suppression)
    statement = insert.on_conflict_do_nothing().returning(Suppression.phone, Suppression.merchant)
    return [(phone, merchant) for phone, merchant in session.execute(statement, values)]
