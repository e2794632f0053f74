"""Pages: a list in parts, each naming where the next begins by an opaque cursor."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Final, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from console.api.problems import ProblemError

Item = TypeVar("Item")

MOST: Final = 200
USUAL: Final = 50
LARGEST_ID: Final = 2**31 - 1
"""Of a row in the store."""

Cursor = Annotated[
    str,
    Field(
        default="",
        max_length=200,
        pattern=r"^[A-Za-z0-9_=-]*$",
        description="`next` of the page before; empty: from the beginning.",
    ),
]
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


def page_of(shown: list[Item], last: Sequence[int | str] | None) -> Page[Item]:
    """Return a page; `last` is the place after which the next one begins, None: there is none."""
    return Page(items=shown, next=None if last is None else cursor_at(last))


def cursor_at(place: Sequence[int | str]) -> str:
    """Return the cursor of a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode()


def place_at(cursor: str, *kinds: type[int] | type[str]) -> tuple[int | str, ...] | None:
    """Return the place that a cursor names; None: the beginning. Raises ProblemError."""
    if not cursor:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _no_cursor() from error
    if not isinstance(place, list) or len(place) != len(kinds):
        raise _no_cursor()
    for each, kind in zip(place, kinds, strict=True):
        if type(each) is not kind or (isinstance(each, int) and not 0 <= each <= LARGEST_ID):
            raise _no_cursor()
    return tuple(place)


def id_at(cursor: str) -> int | None:
    """Return the id after which a page begins; None: at the beginning. Raises ProblemError."""
    place = place_at(cursor, int)
    return None if place is None else int(place[0])


def _no_cursor() -> ProblemError:
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "The cursor is none of ours; send `next` of the last page."
    )
