"""The table of attempts whose fate is unknown, until somebody or something tells it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.columns import word
from store.schema import Base


class Evidence(StrEnum):
    """What told the fate of an attempt."""

    LATE_REPORT = "late_report"
    """The engine that held it came back with the report of the call."""
    CDR = "cdr"
    """The provider's list of calls."""
    RECORDING = "recording"
    OPERATOR = "operator"
    AGENT = "agent"
    """The form of whoever talked in the call."""


class Reconciliation(Base):
    """An attempt that may have rung and of which no report came; it is never dialled again unless
    it is certain that it did not ring.
    """

    __tablename__ = "reconciliations"
    __table_args__ = (
        sa.Index(
            "ix_reconciliations_open",
            "id",
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(
        sa.ForeignKey("attempts.id", ondelete="CASCADE"), unique=True
    )
    asked_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(default="", server_default="")
    """What became of the report."""
    resolved_at: Mapped[datetime | None]
    """None: nobody knows yet."""
    how: Mapped[Evidence | None] = mapped_column(word(Evidence, "how"))
    resolved_by: Mapped[str] = mapped_column(default="", server_default="")
    """Who entered it; empty: nobody had to."""
    evidence: Mapped[str] = mapped_column(default="", server_default="")
    """What proves it: a line of a list, a note."""
