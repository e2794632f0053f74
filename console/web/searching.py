"""What somebody typed into a search field: a waybill, a number or a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Path
from starlette.exceptions import HTTPException

from campaigns.manifest_cells import CellError, phone_in, region_of
from store.errors import StoreError

Found = TypeVar("Found")

LARGEST_ID: Final = 2**31 - 1
"""What a column of ids holds."""
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
"""The id of something, in the address of its page."""
_NUMBER = re.compile(r"\+?[\d\s()-]{7,20}")
_WAYBILL = re.compile(r"(?=.*\d)[A-Za-z0-9-]{4,40}")


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom somebody looks for; at most one is filled."""

    waybill: str = ""
    phone: str = ""
    """E.164."""
    name: str = ""


def sought_in(text: str, zone: ZoneInfo) -> Sought:
    """Return what is meant: a number that can be rung, else a waybill, else a name.

    `zone` says of which country a number without a country code is.
    """
    plain = text.strip()
    if _NUMBER.fullmatch(plain) and (phone := phone_of(plain, zone)):
        return Sought(phone=phone)
    if _WAYBILL.fullmatch(plain):
        return Sought(waybill=plain)
    return Sought(name=plain)


def phone_of(text: str, zone: ZoneInfo) -> str:
    """Return a number as E.164; empty when there is no such number."""
    try:
        return phone_in(text.strip(), region_of(zone))[0]
    except CellError:
        return ""


def existing(ask: Callable[[], Found]) -> Found:
    """Return what a store function returns; raises HTTPException (404) when it finds nothing."""
    try:
        return ask()
    except StoreError as error:
        raise HTTPException(404) from error


def id_in(text: str) -> int | None:
    """Return an id that somebody chose; None: it is none."""
    number = int(text) if text.isdecimal() and len(text) <= 10 else 0
    return number if 0 < number <= LARGEST_ID else None


def day_begins(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the first moment of a day written 2026-11-22; None: it isn't one."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time(), zone) if 2000 <= day.year <= 2200 else None


def day_ends(text: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment at which such a day is over; None: it isn't one."""
    begins = day_begins(text, zone)
    return None if begins is None else begins + timedelta(days=1)
