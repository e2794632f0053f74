"""Column types with the product's laws in them: UTC instants and closed vocabularies."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator

WORD_LENGTH = 32
"""Room for every word of `store.types`, and for longer ones to come without a migration."""

PHONE_LENGTH = 20
"""A plus sign, fifteen digits of E.164, and air."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: written as UTC, read back aware, refused when it has no zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone; it would mean another instant on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; pass an aware datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant its zone back; SQLite keeps none."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def word(vocabulary: type[StrEnum], name: str) -> sa.Enum:
    """Return the column type for a StrEnum: its values as text, under a check constraint."""
    return sa.Enum(
        vocabulary,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=WORD_LENGTH,
        values_callable=lambda words: [member.value for member in words],
    )
