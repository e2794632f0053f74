"""What texts, numbers and times of the API look like: limits that the contract names."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from console.api.paging import LARGEST_ID

_PRINTED: Final = r"^[^\x00-\x1f\x7f-\x9f]*$"
_RFC3339: Final = (
    r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])$"
)
_SENT_INSTANT: Final = re.compile(
    r"20\d\d-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def _instant(value: Any) -> Any:
    if not isinstance(value, str) or not _SENT_INSTANT.fullmatch(value):
        raise ValueError("write a time of this century as RFC 3339, such as 2026-11-22T04:00:00Z")
    return datetime.fromisoformat(value.upper())


def _digits(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,10}", value):
        raise ValueError("write a whole number")
    return value


def whole(value: Any) -> Any:
    """Refuse what JSON doesn't call a number. Raises ValueError."""
    is_none = isinstance(value, bool | str)
    if is_none:
        raise ValueError("write a whole number")
    return value


Id = Annotated[int, Field(ge=1, le=LARGEST_ID), BeforeValidator(_digits)]
"""Of a row in the store, in a path or a query."""

Printed = Annotated[str, Field(max_length=200, pattern=_PRINTED)]
"""A line of text: no control characters."""

Named = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f-\x9f]*\S[^\x00-\x1f\x7f-\x9f]*$")]  # fmt: skip  # noqa: E501
"""A line of text that isn't blank."""

Word = Annotated[str, Field(max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
"""The id of a flow, a status, a kind."""

Waybill = Annotated[str, Field(min_length=4, max_length=40, pattern=r"^[A-Za-z0-9-]+$")]

Phone = Annotated[
    str,
    Field(min_length=8, max_length=16, pattern=r"^\+[1-9][0-9]{6,14}$"),
]
"""E.164, with its plus sign."""

TimeZone = Annotated[
    str,
    Field(max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"),
]
"""Of the tz database; what there is depends on the machine."""

SentInstant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "pattern": _RFC3339}, mode="validation"),
]
"""A time that comes in: RFC 3339, of this century, with its zone."""


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[
    datetime,
    PlainSerializer(_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A time that goes out: RFC 3339, UTC, to the millisecond."""
