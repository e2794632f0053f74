"""The tables of published flows: every version that ever ran, and which of them runs now."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column

from store.columns import word
from store.schema import Base
from store.types import PublicationStep

FLOW_LENGTH = 64
LANGUAGE_LENGTH = 16


class FlowVersion(Base):
    """A flow as it was published, with every file it consists of."""

    __tablename__ = "flow_versions"
    __table_args__ = (
        sa.UniqueConstraint("flow", "language", "version"),
        sa.UniqueConstraint("flow", "language", "digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    flow: Mapped[str] = mapped_column(sa.String(FLOW_LENGTH))
    language: Mapped[str] = mapped_column(sa.String(LANGUAGE_LENGTH))
    version: Mapped[str] = mapped_column(sa.String(32))
    digest: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 over its files, as attempts record it."""
    main: Mapped[str]
    """Name of the flow's own file among `files`."""
    files: Mapped[dict[str, str]] = deferred(mapped_column(sa.JSON, nullable=False))
    """Texts by name."""


class FlowPublication(Base):
    """One change of what is said from then on; the newest of a flow counts."""

    __tablename__ = "flow_publications"
    __table_args__ = (sa.Index(None, "flow", "language", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    flow: Mapped[str] = mapped_column(sa.String(FLOW_LENGTH))
    language: Mapped[str] = mapped_column(sa.String(LANGUAGE_LENGTH))
    flow_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("flow_versions.id"))
    """None: from then on what ships with Menling is said."""
    step: Mapped[PublicationStep] = mapped_column(word(PublicationStep, "step"))
    at: Mapped[datetime]
    who: Mapped[str]
    note: Mapped[str]
