"""The table of promised callbacks."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.schema import Base


class Callback(Base):
    """A customer was told in a call until when a person calls back."""

    __tablename__ = "callbacks"
    __table_args__ = (sa.Index(None, "done_at", "due_at"),)

    attempt_id: Mapped[int] = mapped_column(
        sa.ForeignKey("attempts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    """The call in which it was promised."""
    due_at: Mapped[datetime]
    """No later than this, as it was said."""
    taken_by: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    """Who calls back, or has; None: nobody yet."""
    taken_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    """When it was made, or became void."""
