"""The tables of the nodes of a parcel's way: when it passed them, and which it passed too late."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.event_models import WAYBILL_LENGTH
from store.schema import Base


class NodeTime(Base):
    """One node of the way of one parcel."""

    __tablename__ = "node_times"
    __table_args__ = (
        sa.UniqueConstraint("waybill", "node"),
        sa.Index(
            "ix_node_times_due",
            "due_at",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    waybill: Mapped[str] = mapped_column(sa.String(WAYBILL_LENGTH))
    node: Mapped[str] = mapped_column(sa.String(32))
    """Of `campaigns/incoming/nodes.yaml`."""
    at: Mapped[datetime | None]
    """When the parcel passed it; None: not yet."""
    due_at: Mapped[datetime | None]
    """While it is watched: later than that is late."""


class NodeAlert(Base):
    """A parcel that did not pass a node in time."""

    __tablename__ = "node_alerts"
    __table_args__ = (
        sa.UniqueConstraint("waybill", "node"),
        sa.Index(
            "ix_node_alerts_open",
            "id",
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    waybill: Mapped[str] = mapped_column(sa.String(WAYBILL_LENGTH))
    node: Mapped[str] = mapped_column(sa.String(32))
    owner: Mapped[str] = mapped_column(sa.String(32))
    """A department of the responsibility matrix."""
    due_at: Mapped[datetime]
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = mapped_column(default="", server_default="")
    cleared_at: Mapped[datetime | None]
    """When the parcel passed this node or a later one, or its way ended."""
