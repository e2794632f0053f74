"""Pages: a list in parts, each naming where the next begins by an opaque cursor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")

MOST: Final = 200
USUAL: Final = 50
LARGEST_ID: Final = 2**31 - 1
"""Of a row in the store."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_ID: Final = "[0-7][0-9a-f]{7}"
_MOMENT: Final = "[0-9a-f]{14}"
_WHAT: Final = "`next` of the page before; empty: from the beginning."

Cursor = Annotated[str, Field(default="", pattern=f"^({_ID})?$", description=_WHAT)]
"""Of a list in the order of ids: whatever is written so is a place."""

MomentCursor = Annotated[str, Field(default="", pattern=f"^({_MOMENT}-{_ID})?$", description=_WHAT)]
"""Of a list in the order of time."""

Limit = Annotated[int, Field(default=USUAL, ge=1, le=MOST, description="Items of a page at most.")]


class Query(BaseModel):
    """What narrows a list; a name that it doesn't know is an error."""

    model_config = ConfigDict(extra="forbid")


class PageQuery(Query):
    """Where a page begins and how long it is."""

    limit: Limit = USUAL
    cursor: Cursor = ""


class Page(BaseModel, Generic[Item]):
    """One part of a list."""

    items: list[Item]
    next: str | None = Field(description="Cursor of the next page; null: there is none.")


def page_of(shown: list[Item], following: str | None) -> Page[Item]:
    """Return a page; `following` is the cursor of the next one, None: there is none."""
    return Page(items=shown, next=following)


def cursor_at(place: int) -> str:
    """Return the cursor behind an id."""
    return f"{place:08x}"


def id_at(cursor: str) -> int | None:
    """Return the id after which a page begins; None: at the beginning."""
    return int(cursor, 16) if cursor else None


def moment_cursor_at(at: datetime, place: int) -> str:
    """Return the cursor behind an id at a time of this century."""
    return f"{(at - _EPOCH) // timedelta(microseconds=1):014x}-{place:08x}"


def moment_at(cursor: str) -> tuple[datetime, int] | None:
    """Return time and id after which a page begins; None: at the beginning."""
    if not cursor:
        return None
    at, _, place = cursor.partition("-")
    return _EPOCH + timedelta(microseconds=int(at, 16)), int(place, 16)
