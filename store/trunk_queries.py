"""What trunks need of the store: how many calls are on them, and who else calls over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import EngineSign
from store.models import Attempt, Contact
from store.types import AttemptStatus, ContactStatus


@dataclass(frozen=True, slots=True)
class TrunkLoads:
    """What all engines of a store have on their trunks."""

    engines: tuple[str, ...]
    """Those that gave a sign of life, by name."""
    calls: Mapping[str, int]
    """Open calls by trunk."""


def trunk_loads(session: Session, alive_since: datetime) -> TrunkLoads:
    """Return who calls and how many calls each trunk carries; open attempts have an index."""
    alive = sa.select(EngineSign.name).where(EngineSign.seen_at >= alive_since)
    open_calls = (
        sa.select(Attempt.trunk, sa.func.count())
        .where(Attempt.status != AttemptStatus.SETTLED, Attempt.trunk != "")
        .group_by(Attempt.trunk)
    )
    return TrunkLoads(
        engines=tuple(session.scalars(alive.order_by(EngineSign.name))),
        calls={row[0]: row[1] for row in session.execute(open_calls)},
    )


def call_at_once(session: Session, contact_id: int, later: datetime, now: datetime) -> None:
    """Call a contact now who waits until `later` because a trunk failed; else leave it as it is."""
    session.execute(
        sa.update(Contact)
        .where(
            Contact.id == contact_id,
            Contact.status == ContactStatus.WAITING,
            Contact.next_call_at == later,
        )
        .values(next_call_at=now)
    )
