"""The tables of call review: what was listened to, said about it, and kept of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.columns import word
from store.review_values import ReviewReason
from store.schema import Base

TAG_LENGTH = 32


class Review(Base):
    """A call on the list of a week, until somebody has listened to it and scored it."""

    __tablename__ = "reviews"
    __table_args__ = (
        sa.UniqueConstraint("attempt_id", "week"),
        sa.Index(None, "week", "done_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("attempts.id", ondelete="CASCADE"))
    week: Mapped[date]
    """The Monday it begins with."""
    reason: Mapped[ReviewReason] = mapped_column(word(ReviewReason, "reason"))
    detail: Mapped[str] = mapped_column(default="")
    """What the rule saw: why a person had to look at it, a flag, a length, a grade."""
    listed_at: Mapped[datetime]
    sheet: Mapped[str] = mapped_column(sa.String(32), default="")
    """Version of the scoring sheet that the marks were given on."""
    marks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Points by criterion."""
    remark: Mapped[str] = mapped_column(default="")
    done_by: Mapped[str] = mapped_column(sa.String(64), default="")
    done_at: Mapped[datetime | None]


class CallComment(Base):
    """What somebody wrote about one moment of a call."""

    __tablename__ = "call_comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(
        sa.ForeignKey("attempts.id", ondelete="CASCADE"), index=True
    )
    at_seconds: Mapped[float]
    """Seconds of call audio."""
    text: Mapped[str]
    written_by: Mapped[str] = mapped_column(sa.String(64))
    written_at: Mapped[datetime]


class CallCase(Base):
    """A call from which others shall learn (案例库)."""

    __tablename__ = "call_cases"

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(
        sa.ForeignKey("attempts.id", ondelete="CASCADE"), unique=True
    )
    title: Mapped[str]
    lesson: Mapped[str] = mapped_column(default="")
    saved_by: Mapped[str] = mapped_column(sa.String(64))
    saved_at: Mapped[datetime]


class CaseTag(Base):
    """A word under which a case is found."""

    __tablename__ = "case_tags"
    __table_args__ = (sa.PrimaryKeyConstraint("case_id", "tag"),)

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("call_cases.id", ondelete="CASCADE"))
    tag: Mapped[str] = mapped_column(sa.String(TAG_LENGTH), index=True)
