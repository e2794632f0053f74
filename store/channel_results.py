"""What worked with whom: counts by number and channel, to be read, written and forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
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
    return counts_of(session, [phone]).get(phone, ())


def counts_of(session: Session, phones: Collection[str]) -> Mapping[str, tuple[ChannelCounts, ...]]:
    """Return what is known of the channels to numbers; who is not in it, nothing is known of."""
    found: dict[str, tuple[ChannelCounts, ...]] = {}
    for row in session.scalars(sa.select(ChannelResult).where(ChannelResult.phone.in_(phones))):
        counts = ChannelCounts(row.channel, row.worked, row.failed, row.at)
        found[row.phone] = (*found.get(row.phone, ()), counts)
    return found


def keep_counts(session: Session, counts: Mapping[str, ChannelCounts]) -> None:
    """Write the counts of one channel to each number, in place of the earlier ones."""
    rows = [
        {
            "phone": phone,
            "channel": each.channel,
            "worked": each.worked,
            "failed": each.failed,
            "at": each.at,
        }
        for phone, each in counts.items()
    ]
    if not rows:
        return
    postgres = session.get_bind().dialect.name == "postgresql"
    put: Any = (postgresql if postgres else sqlite).insert(ChannelResult)
    changed = {name: getattr(put.excluded, name) for name in ("worked", "failed", "at")}
    session.execute(
        put.on_conflict_do_update(
            index_elements=[ChannelResult.phone, ChannelResult.channel], set_=changed
        ),
        rows,
    )
    session.expire_all()


def forget_results(session: Session, phones: Collection[str]) -> None:
    """Forget what worked with the owners of these numbers."""
    session.execute(sa.delete(ChannelResult).where(ChannelResult.phone.in_(phones)))
