"""The table of who does, of all engines on a store, what must be done once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.schema import Base


class Leader(Base):
    """Who holds an office, or held it last."""

    __tablename__ = "leaders"

    office: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(255), default="", server_default="")
    """Name of the engine; empty: it gave the office back."""
    term: Mapped[int] = mapped_column(default=0, server_default="0")
    """Grows with every change, so that whoever was put off can tell."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    """Until when it is the holder's; None: as long as its connection holds (PostgreSQL)."""
