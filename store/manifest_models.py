"""The tables of what dispatch hands over: files of deliveries, and what became of their rows."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from store.columns import word
from store.schema import Base
from store.types import SheetFormat


class Manifest(Base):
    """One file of deliveries as dispatch handed it over, kept whole so that it can be completed."""

    __tablename__ = "manifests"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "content_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaigns.id"))
    file_name: Mapped[str]
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the bytes, hexadecimal."""
    rows_done: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rows that are in, while an import goes on."""
    finished_at: Mapped[datetime | None]
    """None: the import goes on, or broke off."""
    format: Mapped[SheetFormat] = mapped_column(word(SheetFormat, "format"))
    imported_at: Mapped[datetime]
    import_day: Mapped[date]
    """The day that 今天 and 明天 in the file count from."""
    content: Mapped[bytes] = deferred(mapped_column(sa.LargeBinary, nullable=False))
    rows: Mapped[list[ManifestRow]] = relationship(back_populates="manifest")


class ManifestRow(Base):
    """What became of one row of a manifest: a delivery, or the problems that kept it out."""

    __tablename__ = "manifest_rows"
    __table_args__ = (sa.UniqueConstraint("manifest_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    manifest_id: Mapped[int] = mapped_column(sa.ForeignKey("manifests.id", ondelete="CASCADE"))
    number: Mapped[int]
    """Row number as a spreadsheet shows it; the header is 1."""
    delivery_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deliveries.id"), index=True)
    problems: Mapped[list[str]] = mapped_column(default=list)
    manifest: Mapped[Manifest] = relationship(back_populates="rows")
