"""The rows that a claim writes, for many contacts at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.candidate_queries import Found
from store.candidates import Wait
from store.columns import UtcDateTime
from store.many import POSTGRESQL, among, many
from store.models import Attempt, Contact
from store.types import AttemptStatus, ContactStatus

_ATTEMPTS: Final = cast(sa.Table, Attempt.__table__)
_CONTACTS: Final = cast(sa.Table, Contact.__table__)
_NEW: Final = (Attempt.id, Attempt.contact_id)


@cache
def _opening(dialect: str) -> tuple[sa.Insert, sa.Update]:
    """Return how attempts are opened, and how their contacts are taken."""
    if dialect == POSTGRESQL:
        arrays = (
            sa.bindparam(name, type_=postgresql.ARRAY(kind))
            for name, kind in (
                ("contacts", sa.Integer()),
                ("numbers", sa.Integer()),
                ("phones", sa.String()),
            )
        )
        unnested = sa.func.unnest(*arrays).table_valued("contact_id", "number", "phone")
        row = unnested.render_derived()
        columns: tuple[Any, ...] = (row.c.contact_id, row.c.number, row.c.phone)
    else:
        each = sa.func.json_each(sa.bindparam("rows", type_=sa.Text)).table_valued("value")
        columns = tuple(sa.func.json_extract(each.c.value, f"$[{place}]") for place in range(3))
    selected = sa.select(
        *columns,
        sa.literal(AttemptStatus.CLAIMED.value),
        sa.bindparam("engine", type_=sa.Text),
        sa.bindparam("now", type_=UtcDateTime()),
        sa.bindparam("lease", type_=UtcDateTime()),
    ).where(sa.true())
    names = (
        "contact_id",
        "number",
        "phone",
        "status",
        "claimed_by",
        "claimed_at",
        "lease_until",
    )
    insert = postgresql.insert if dialect == POSTGRESQL else sqlite.insert
    opening = insert(_ATTEMPTS).from_select(names, selected)
    taking = (
        sa.update(_CONTACTS)
        .where(among(dialect, _CONTACTS.c.id, "contacts"))
        .values(status=ContactStatus.IN_CALL, held="")
    )
    return opening.on_conflict_do_nothing().returning(*_NEW), taking


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
    if not found:
        return {}
    dialect = session.get_bind().dialect.name
    # In one order for all engines, so that no two wait for each other.
    rows = [
        (each.row.id, each.dialings + 1, each.row.phone)
        for each in sorted(found, key=lambda each: each.row.phone)
    ]
    wanted: dict[str, object] = {"engine": engine, "now": now, "lease": lease_until}
    if dialect == POSTGRESQL:
        names = ("contacts", "numbers", "phones")
        wanted |= {
            name: list(each) for name, each in zip(names, zip(*rows, strict=True), strict=True)
        }
    else:
        wanted["rows"] = json.dumps(rows)
    opening, taking = _opening(dialect)
    attempts = {contact: attempt for attempt, contact in session.execute(opening, wanted)}
    session.execute(taking, {"contacts": many(dialect, attempts)})
    return attempts


def put_off(session: Session, waits: Iterable[tuple[int, Wait]]) -> None:
    """Let contacts wait until their moment, with the reason."""
    rows = [{"contact": each, "until": wait.until, "why": wait.why} for each, wait in waits]
    if rows:
        session.connection().execute(_PUT_OFF, rows)
