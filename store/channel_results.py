"""What worked with whom: counts by number and channel, to be read, written and forgotten."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.message_models import ChannelResult
from store.message_types import Channel


@dataclass(frozen=True, slots=True)
class ChannelCounts:
    """How often a channel worked with somebody, as far as it still counts."""

    channel: Channel
    worked: float
    failed: float
    at: datetime
    """The counts have faded up to here."""


def channel_counts(session: Session, phone: str) -> tuple[ChannelCounts, ...]:
    """Return what is known of the channels to a number (E.164)."""
    rows = session.scalars(sa.select(ChannelResult).where(ChannelResult.phone == phone))
    return tuple(ChannelCounts(row.channel, row.worked, row.failed, row.at) for row in rows)


def keep_counts(session: Session, phone: str, counts: ChannelCounts) -> None:
    """Write the counts of a channel to a number, in place of the earlier ones."""
    known = session.scalar(
        sa.select(ChannelResult)
        .where(ChannelResult.phone == phone, ChannelResult.channel == counts.channel)
        .with_for_update()
    )
    if known is None:
        known = ChannelResult(phone=phone, channel=counts.channel)
        session.add(known)
    known.worked, known.failed, known.at = counts.worked, counts.failed, counts.at
    session.flush()


def forget_results(session: Session, phones: Collection[str]) -> None:
    """Forget what worked with the owners of these numbers."""
    session.execute(sa.delete(ChannelResult).where(ChannelResult.phone.in_(phones)))
