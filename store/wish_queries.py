"""Wishes: kept once a call, and counted."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.ticket_models import Wish
from store.ticket_values import WishCount


def add_wish(
    session: Session, tag: str, delivery_id: int | None, attempt_id: int, words: str, at: datetime
) -> None:
    """Keep a wish; the same call counts once, however often it says so."""
    known = sa.select(Wish.id).where(Wish.attempt_id == attempt_id, Wish.tag == tag)
    if session.scalar(known) is None:
        session.add(
            Wish(tag=tag, delivery_id=delivery_id, attempt_id=attempt_id, words=words, at=at)
        )
        session.flush()


def wish_counts(
    session: Session, since: datetime | None = None, before: datetime | None = None
) -> tuple[WishCount, ...]:
    """Return the wishes of a time, the most frequent first."""
    query = sa.select(Wish).order_by(Wish.at, Wish.id)
    if since is not None:
        query = query.where(Wish.at >= since)
    if before is not None:
        query = query.where(Wish.at < before)
    counts: dict[str, WishCount] = {}
    for row in session.scalars(query):
        seen = counts.get(row.tag)
        counts[row.tag] = WishCount(
            tag=row.tag,
            count=1 if seen is None else seen.count + 1,
            last_at=row.at,
            words=row.words or ("" if seen is None else seen.words),
        )
    return tuple(sorted(counts.values(), key=lambda each: (-each.count, each.tag)))
