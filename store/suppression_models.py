"""The table of who is never called."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.columns import PHONE_LENGTH, word
from store.schema import Base
from store.types import SuppressionReason


class Suppression(Base):
    """A number that is never called, by any campaign, or never for one merchant."""

    __tablename__ = "suppressions"
    __table_args__ = (sa.UniqueConstraint("phone", "merchant"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    phone: Mapped[str] = mapped_column(sa.String(PHONE_LENGTH))
    merchant: Mapped[str] = mapped_column(default="", server_default="")
    """Whose parcels the number is not called about; empty: nobody's."""
    reason: Mapped[SuppressionReason] = mapped_column(word(SuppressionReason, "reason"))
    at: Mapped[datetime]
    source: Mapped[str] = mapped_column(default="")
    """Where it came from: a campaign's call, an operator, a list."""
    evidence: Mapped[str] = mapped_column(default="", server_default="")
    """What proves the wish: words, a letter, a file."""
