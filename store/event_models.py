"""The tables of what other systems tell us: parcels that moved on, and requests not done twice."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from store.schema import Base

WAYBILL_LENGTH = 64
KEY_LENGTH = 128


class ParcelEvent(Base):
    """A parcel moved on, as the dispatch system tells it; rows are added, never changed."""

    __tablename__ = "parcel_events"
    __table_args__ = (sa.Index(None, "waybill", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(sa.String(KEY_LENGTH), unique=True)
    """The sender's name for it; the same event comes in once."""
    waybill: Mapped[str] = mapped_column(sa.String(WAYBILL_LENGTH))
    status: Mapped[str] = mapped_column(sa.String(32))
    """Of `campaigns/parcel_statuses.yaml`."""
    at: Mapped[datetime]
    """When it happened to the parcel."""
    received_at: Mapped[datetime]
    withdrawn: Mapped[int] = mapped_column(default=0)
    """Contacts that are not called any more because of it."""


class IdempotencyKey(Base):
    """A request that created something, so that sending it again creates nothing further."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (sa.UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    """Who asked; the keys of others are none of his business."""
    key: Mapped[str] = mapped_column(sa.String(KEY_LENGTH))
    digest: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of what was asked, hexadecimal."""
    created_id: Mapped[int]
    """What it created, in the table of its kind."""
    at: Mapped[datetime] = mapped_column(index=True)
