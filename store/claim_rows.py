"""The rows that a claim writes, for many contacts at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.candidate_queries import Found
from store.candidates import Wait
from store.models import Attempt, Contact
from store.types import AttemptStatus, ContactStatus

_ATTEMPTS: Final = cast(sa.Table, Attempt.__table__)
_CONTACTS: Final = cast(sa.Table, Contact.__table__)
_NEW: Final = (Attempt.id, Attempt.contact_id)
_ON_POSTGRESQL: Final = postgresql.insert(_ATTEMPTS).on_conflict_do_nothing().returning(*_NEW)
_ON_SQLITE: Final = sqlite.insert(_ATTEMPTS).on_conflict_do_nothing().returning(*_NEW)

_TAKEN: Final = (
    sa.update(_CONTACTS)
    .where(_CONTACTS.c.id.in_(sa.bindparam("contacts", expanding=True)))
    .values(status=ContactStatus.IN_CALL, held="")
)
_PUT_OFF: Final = (
    sa.update(_CONTACTS)
    .where(_CONTACTS.c.id == sa.bindparam("contact"))
    .values(
        status=ContactStatus.WAITING,
        next_call_at=sa.bindparam("until"),
        held=sa.bindparam("why"),
    )
)


def open_attempts(
    session: Session, found: Sequence[Found], now: datetime, engine: str, lease_until: datetime
) -> Mapping[int, int]:
    """Open an attempt for each and return them by contact; left out is whose number another open
    attempt rings, since a moment ago.
    """
    rows = [
        {
            "contact_id": each.row.id,
            "number": each.dialings + 1,
            "phone": each.row.phone,
            "status": AttemptStatus.CLAIMED,
            "claimed_by": engine,
            "claimed_at": now,
            "lease_until": lease_until,
        }
        # In one order for all engines, so that no two wait for each other.
        for each in sorted(found, key=lambda each: each.row.phone)
    ]
    if not rows:
        return {}
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    opened = session.execute(_ON_POSTGRESQL if on_postgresql else _ON_SQLITE, rows)
    attempts = {contact: attempt for attempt, contact in opened}
    session.execute(_TAKEN, {"contacts": list(attempts)})
    return attempts


def put_off(session: Session, waits: Iterable[tuple[int, Wait]]) -> None:
    """Let contacts wait until their moment, with the reason."""
    rows = [{"contact": each, "until": wait.until, "why": wait.why} for each, wait in waits]
    if rows:
        session.connection().execute(_PUT_OFF, rows)
