"""Nodes of parcels' ways: kept, watched, told of when they are late."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.errors import StoreError
from store.node_models import NodeAlert, NodeTime


@dataclass(frozen=True, slots=True)
class LateNode:
    """A node that should have been passed."""

    waybill: str
    node: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert, for lists."""

    id: int
    waybill: str
    node: str
    owner: str
    due_at: datetime
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    cleared_at: datetime | None


def times_of(session: Session, waybill: str) -> Mapping[str, datetime]:
    """Return when a parcel passed the nodes of its way, as far as it did."""
    rows = session.execute(
        sa.select(NodeTime.node, NodeTime.at).where(
            NodeTime.waybill == waybill, NodeTime.at.is_not(None)
        )
    )
    return {node: at for node, at in rows if at is not None}


def note_passed(session: Session, waybill: str, node: str, at: datetime) -> None:
    """Note that a parcel passed a node; told twice, the earlier time counts."""
    row = _time(session, waybill, node)
    row.at = at if row.at is None else min(row.at, at)
    row.due_at = None


def watch(session: Session, waybill: str, node: str, due_at: datetime) -> None:
    """Watch whether a parcel passes a node in time."""
    _time(session, waybill, node).due_at = due_at


def watch_no_more(session: Session, waybill: str, nodes: Collection[str], now: datetime) -> None:
    """End the watch over nodes of a parcel, and clear what was raised about them."""
    session.execute(
        sa.update(NodeTime)
        .where(NodeTime.waybill == waybill, NodeTime.node.in_(nodes))
        .values(due_at=None)
    )
    session.execute(
        sa.update(NodeAlert)
        .where(
            NodeAlert.waybill == waybill,
            NodeAlert.node.in_(nodes),
            NodeAlert.cleared_at.is_(None),
        )
        .values(cleared_at=now)
    )


def anything_late(session: Session, now: datetime) -> bool:
    """Say whether a node is late that was not told of."""
    late = sa.select(NodeTime.id).where(NodeTime.due_at.is_not(None), NodeTime.due_at <= now)
    return session.scalar(late.limit(1)) is not None


def late_nodes(session: Session, now: datetime, at_most: int) -> tuple[LateNode, ...]:
    """Return nodes that are late and not told of, locked."""
    rows = session.scalars(
        sa.select(NodeTime)
        .where(NodeTime.due_at.is_not(None), NodeTime.due_at <= now)
        .order_by(NodeTime.due_at, NodeTime.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    return tuple(LateNode(each.waybill, each.node, each.due_at or now) for each in rows)


def raise_alert(session: Session, late: LateNode, owner: str, now: datetime) -> int | None:
    """Raise an alert, once for a node of a parcel; return it, or None: there was one before."""
    _time(session, late.waybill, late.node).due_at = None
    known = sa.select(NodeAlert.id).where(
        NodeAlert.waybill == late.waybill, NodeAlert.node == late.node
    )
    if session.scalar(known) is not None:
        return None
    row = NodeAlert(
        waybill=late.waybill, node=late.node, owner=owner, due_at=late.due_at, raised_at=now
    )
    session.add(row)
    session.flush()
    return row.id


def alerts(
    session: Session, *, owner: str = "", cleared: bool = False, at_most: int = 100
) -> tuple[AlertLine, ...]:
    """Return alerts that are not cleared, the longest overdue first; or all, the newest first."""
    query = sa.select(NodeAlert).limit(at_most)
    if cleared:
        query = query.order_by(NodeAlert.id.desc())
    else:
        query = query.where(NodeAlert.cleared_at.is_(None))
        query = query.order_by(NodeAlert.due_at, NodeAlert.id)
    if owner:
        query = query.where(NodeAlert.owner == owner)
    return tuple(map(_line, session.scalars(query)))


def acknowledge(session: Session, number: int, who: str, now: datetime) -> None:
    """Note that somebody sees to an alert; the first one stays. Raises StoreError."""
    row = session.get(NodeAlert, number, with_for_update=True)
    if row is None:
        raise StoreError(f"There is no alert {number}; `menling alerts list` shows them")
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = now, who


def _time(session: Session, waybill: str, node: str) -> NodeTime:
    row = session.scalar(
        sa.select(NodeTime)
        .where(NodeTime.waybill == waybill, NodeTime.node == node)
        .with_for_update()
    )
    if row is None:
        row = NodeTime(waybill=waybill, node=node)
        session.add(row)
        session.flush()
    return row


def _line(row: NodeAlert) -> AlertLine:
    return AlertLine(
        row.id,
        row.waybill,
        row.node,
        row.owner,
        row.due_at,
        row.raised_at,
        row.acknowledged_at,
        row.acknowledged_by,
        row.cleared_at,
    )
