"""Live events: taken down once, handled once, and never lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.errors import StoreError
from store.live_event_models import LiveEvent
from store.live_event_types import LiveEventStatus


@dataclass(frozen=True, slots=True)
class EventTold:
    """An event as it was told."""

    source: str
    event_id: str
    event: str
    waybill: str
    at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event with what became of it."""

    id: int
    told: EventTold
    received_at: datetime
    status: LiveEventStatus
    error: str
    contact_id: int | None
    handled_at: datetime | None


def keep_event(
    session: Session, told: EventTold, now: datetime, refused: str = ""
) -> tuple[EventLine, bool]:
    """Keep an event and say whether it is to be handled; one that came before is returned.

    `refused`: why nothing follows from it. One that was refused before is taken again.
    """
    row = session.scalar(
        sa.select(LiveEvent)
        .where(LiveEvent.source == told.source, LiveEvent.event_id == told.event_id)
        .with_for_update()
    )
    if row is not None and row.status is not LiveEventStatus.REFUSED:
        return _line(row), False
    if row is None:
        row = LiveEvent(source=told.source, event_id=told.event_id, error="")
        session.add(row)
    row.event, row.waybill, row.at = told.event, told.waybill, told.at
    row.payload, row.received_at, row.next_try_at = dict(told.payload), now, now
    row.status = LiveEventStatus.REFUSED if refused else LiveEventStatus.TAKEN
    row.error, row.handled_at = refused, now if refused else None
    session.flush()
    return _line(row), not refused


def open_events(session: Session, now: datetime, at_most: int) -> tuple[int, ...]:
    """Return events that are to be handled now, those first that came first."""
    return tuple(
        session.scalars(
            sa.select(LiveEvent.id)
            .where(LiveEvent.status == LiveEventStatus.TAKEN, LiveEvent.next_try_at <= now)
            .order_by(LiveEvent.next_try_at, LiveEvent.id)
            .limit(at_most)
        )
    )


def locked_event(session: Session, number: int) -> EventLine | None:
    """Return an event that is to be handled, for this transaction alone; None: it was."""
    row = session.scalar(
        sa.select(LiveEvent)
        .where(LiveEvent.id == number, LiveEvent.status == LiveEventStatus.TAKEN)
        .with_for_update()
    )
    return None if row is None else _line(row)


def settle_event(
    session: Session,
    number: int,
    status: LiveEventStatus,
    now: datetime,
    *,
    error: str = "",
    contact_id: int | None = None,
) -> None:
    """Note what became of an event; of one that is handled nothing further is kept."""
    row = session.get_one(LiveEvent, number)
    row.status, row.error, row.handled_at = status, error, now
    row.contact_id = contact_id
    if status is LiveEventStatus.HANDLED:
        row.payload = {}


def put_off_event(session: Session, number: int, until: datetime, why: str) -> None:
    """Handle an event later."""
    row = session.get_one(LiveEvent, number)
    row.next_try_at, row.error = until, why


def retry_event(session: Session, number: int, now: datetime) -> EventLine:
    """Handle a refused event once more. Raises StoreError when it can't be."""
    row = session.get(LiveEvent, number, with_for_update=True)
    if row is None:
        raise StoreError(f"There is no event {number}; `menling events list` shows them")
    if row.status is not LiveEventStatus.REFUSED or not row.payload:
        raise StoreError(
            f"Event {number} is {row.status}"
            f"{'' if row.payload else ' and what it said is erased'}; "
            "let the other system send it again under an id of its own"
        )
    row.status, row.error, row.next_try_at = LiveEventStatus.TAKEN, "", now
    row.handled_at = None
    return _line(row)


def event_lines(
    session: Session,
    *,
    after: int | None = None,
    status: LiveEventStatus | None = None,
    waybill: str = "",
    at_most: int = 50,
) -> tuple[EventLine, ...]:
    """Return events behind an id in their order; without `after` the newest first."""
    query = sa.select(LiveEvent).limit(at_most)
    if after is None:
        query = query.order_by(LiveEvent.id.desc())
    else:
        query = query.where(LiveEvent.id > after).order_by(LiveEvent.id)
    if status is not None:
        query = query.where(LiveEvent.status == status)
    if waybill:
        query = query.where(LiveEvent.waybill == waybill)
    return tuple(map(_line, session.scalars(query)))


def empty_refused(session: Session, before: datetime, at_most: int) -> int:
    """Erase what refused events told that came before then; return how many it were."""
    rows = session.scalars(
        sa.select(LiveEvent)
        .where(
            LiveEvent.status == LiveEventStatus.REFUSED,
            LiveEvent.received_at < before,
            sa.cast(LiveEvent.payload, sa.Text) != "{}",
        )
        .limit(at_most)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.payload = {}
    return len(rows)


def _line(row: LiveEvent) -> EventLine:
    return EventLine(
        id=row.id,
        told=EventTold(row.source, row.event_id, row.event, row.waybill, row.at, row.payload),
        received_at=row.received_at,
        status=row.status,
        error=row.error,
        contact_id=row.contact_id,
        handled_at=row.handled_at,
    )
