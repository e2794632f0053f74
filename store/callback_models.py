"""The table of promised callbacks."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.schema import Base
from store.ticket_models import Ticket


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


def is_open() -> sa.ColumnElement[bool]:
    """Say that a promise was neither kept nor void, nor had by a ticket of the same call."""
    of_call = sa.select(Ticket.id).where(Ticket.attempt_id == Callback.attempt_id)
    unanswered = of_call.where(Ticket.callback_by.is_not(None))
    return sa.and_(Callback.done_at.is_(None), sa.or_(~of_call.exists(), unanswered.exists()))


def still_due(attempt_id: Mapped[int | None]) -> sa.ScalarSelect[datetime]:
    """Select until when the callback that was promised in a call is to be made."""
    return (
        sa.select(Callback.due_at)
        .where(Callback.attempt_id == attempt_id, is_open())
        .correlate_except(Callback)
        .scalar_subquery()
    )
