"""The table of what is still to be erased from the disk."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.columns import word
from store.erasure_types import ErasureKind
from store.schema import Base


class Erasure(Base):
    """Files that hold something of a person who was forgotten; the row goes after the files.

    It is written in the transaction that forgets, so that whoever dies in between leaves no file
    that nobody looks for.
    """

    __tablename__ = "erasures"
    __table_args__ = (sa.UniqueConstraint("kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ErasureKind] = mapped_column(word(ErasureKind, "kind"))
    subject_id: Mapped[int]
    """An attempt or a manifest; it may be gone."""
    path: Mapped[str] = mapped_column(default="")
    """Where the recording was written, if the store knows."""
    asked_at: Mapped[datetime]
