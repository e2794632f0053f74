"""The table of events that other systems tell us as they happen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.columns import word
from store.event_models import KEY_LENGTH, WAYBILL_LENGTH
from store.live_event_types import LiveEventStatus
from store.schema import Base


class LiveEvent(Base):
    """Something happened, as another system tells it; nobody is called about it twice."""

    __tablename__ = "live_events"
    __table_args__ = (
        sa.UniqueConstraint("source", "event_id"),
        sa.Index(
            "ix_live_events_open",
            "next_try_at",
            "id",
            sqlite_where=sa.text("status = 'taken'"),
            postgresql_where=sa.text("status = 'taken'"),
        ),
        sa.Index(None, "contact_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(64))
    """Who tells it: a name of the settings, `api`, or `menling` itself."""
    event_id: Mapped[str] = mapped_column(sa.String(KEY_LENGTH))
    """The sender's name for it; the same one counts once."""
    event: Mapped[str] = mapped_column(sa.String(64))
    """A word of `campaigns/incoming/rules.yaml`, such as order.placed."""
    waybill: Mapped[str] = mapped_column(sa.String(WAYBILL_LENGTH))
    at: Mapped[datetime]
    """When it happened."""
    received_at: Mapped[datetime]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What it tells; emptied once it is handled, for then it stands elsewhere."""
    status: Mapped[LiveEventStatus] = mapped_column(word(LiveEventStatus, "status"))
    next_try_at: Mapped[datetime]
    error: Mapped[str] = mapped_column(default="", server_default="")
    """Why it was refused, or what did not follow."""
    contact_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contacts.id"))
    """Who is called because of it."""
    handled_at: Mapped[datetime | None]
