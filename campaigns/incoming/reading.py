"""Reading events: what another system sends becomes an event, and its data a row of a manifest.

The data of an event are told as the columns of a manifest are, so both are understood alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import isfinite
from typing import Any, Final
from zoneinfo import ZoneInfo

from campaigns.manifest import (
    ManifestDefaults,
    ManifestDelivery,
    ManifestError,
    ManifestReader,
)
from campaigns.manifest_columns import Column
from campaigns.tables import Row
from ivr.facts import facts_known
from ivr.flow_needs import FlowNeeds
from store.live_events import EventTold

SOURCES_OWN: Final = frozenset({"api", "menling", "file"})
"""Names that no other system may have."""
MOST_DATA: Final = 80
_LONGEST_TEXT: Final = 300
_EVENT_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,80}")
_EVENT: Final = re.compile(r"[a-z][a-z0-9_]{0,30}(\.[a-z][a-z0-9_]{0,30}){1,2}")
_WAYBILL: Final = re.compile(r"[A-Za-z0-9-]{4,40}")
_KEYS: Final = frozenset({"event_id", "event", "waybill", "at", "data"})
_INSTANT: Final = r"20\d\d-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)"
_ONE_INSTANT: Final = re.compile(_INSTANT, re.IGNORECASE | re.ASCII)
_INTERVAL: Final = re.compile(f"({_INSTANT})/({_INSTANT})", re.IGNORECASE | re.ASCII)
_OTHER_NAMES: Final = {"recipient": Column.NAME.value, "sender": Column.MERCHANT.value}


class EventError(ValueError):
    """The event can't be used; the message says what to send instead, without personal data."""


def event_in(source: str, body: object, now: datetime, event_id: str = "") -> EventTold:
    """Return the event that a body of JSON tells; raises EventError.

    `event_id` counts where the body names none, as does `now` for when it happened.
    """
    if not isinstance(body, Mapping):
        raise EventError('Send an object: {"event_id": …, "event": …, "waybill": …, "at": …}')
    strange = sorted(str(each)[:40] for each in set(body) - _KEYS)
    if strange:
        raise EventError(
            f"There is no field {strange[0]}; there are {', '.join(sorted(_KEYS))}. "
            "What is known of the parcel and its recipient goes into data"
        )
    told_id = _text(body, "event_id", _EVENT_ID, "1 to 80 letters, digits or ._:-", event_id)
    event = _text(body, "event", _EVENT, "a name such as order.placed")
    waybill = _text(body, "waybill", _WAYBILL, "4 to 40 letters, digits or -")
    data = body.get("data")
    return EventTold(source, told_id, event, waybill, _at(body.get("at"), now), _data(data))


def delivery_in(
    told: EventTold,
    known: Mapping[str, str],
    now: datetime,
    defaults: ManifestDefaults,
    needs: FlowNeeds,
) -> ManifestDelivery:
    """Return whom to call about what; `known` is what we have of the parcel, in the same words.

    Raises EventError naming all that is missing or wrong.
    """
    sent = {_name(name): value for name, value in told.payload.items()}
    texts = dict(known) | {name: text for name, text in sent.items() if text is not None}
    zone = _zone(str(texts.get(Column.TIME_ZONE) or ""), defaults)
    cells = {
        name: _cell(value, zone)
        for name, value in texts.items()
        if name in set(Column) or name in facts_known()
    }
    cells[Column.WAYBILL.value] = told.waybill
    header = Row(1, tuple(cells))
    try:
        reader = ManifestReader(header, now, defaults, needs)
        read = reader.read(Row(1, tuple(cells.values())))
    except ManifestError as error:
        raise EventError(str(error)) from error
    if not isinstance(read, ManifestDelivery):
        raise EventError(" ".join(each.text for each in read))
    return replace(read, row=1)


def _name(written: str) -> str:
    plain = written.strip().lower()
    return _OTHER_NAMES.get(plain, plain)


def _cell(value: object, zone: ZoneInfo) -> str:
    """Return a value as a cell of a manifest; instants as the recipient's clock shows them."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value).strip()
    between = _INTERVAL.fullmatch(text)
    if between is not None:
        start, end = (_local(each, zone) for each in between.groups())
        return f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}"
    if _ONE_INSTANT.fullmatch(text):
        return f"{_local(text, zone):%Y-%m-%d %H:%M}"
    return text


def _local(text: str, zone: ZoneInfo) -> datetime:
    try:
        return datetime.fromisoformat(text.upper()).astimezone(zone)
    except (ValueError, OverflowError) as error:
        raise EventError(f"{text} is no time; write one as 2026-11-22T14:00:00+08:00") from error


def _zone(name: str, defaults: ManifestDefaults) -> ZoneInfo:
    try:
        return ZoneInfo(name or defaults.time_zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(defaults.time_zone)  # The row is refused for it, in its own words.


def _text(
    body: Mapping[Any, Any], key: str, form: re.Pattern[str], what: str, otherwise: str = ""
) -> str:
    value = body.get(key, otherwise) or otherwise
    if not isinstance(value, str) or not form.fullmatch(value):
        raise EventError(f"{key} is {'missing' if not value else 'wrong'}; send {what}")
    return value


def _at(value: object, now: datetime) -> datetime:
    if value is None:
        return now
    if not isinstance(value, str) or not _ONE_INSTANT.fullmatch(value):
        raise EventError("at is wrong; send a time with its zone, such as 2026-11-22T04:00:00Z")
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError as error:
        raise EventError("at is wrong; there is no such day or hour") from error


def _data(data: object) -> Mapping[str, Any]:
    if data is None:
        return {}
    if not isinstance(data, Mapping) or len(data) > MOST_DATA:
        raise EventError(f'data is an object of at most {MOST_DATA} fields, {{"phone": …}}')
    kept: dict[str, Any] = {}
    for name, value in data.items():
        if value is None:
            continue
        is_number = isinstance(value, int | float) and isfinite(value)
        if not (isinstance(value, str) or is_number) or len(str(value)) > _LONGEST_TEXT:
            raise EventError(
                f"data.{str(name)[:40]} is wrong; send a text of at most {_LONGEST_TEXT} letters, "
                "a number, true or false"
            )
        kept[_printed(str(name)[:64])] = _printed(value) if isinstance(value, str) else value
    return kept


def _printed(text: str) -> str:
    """Return a text without what no database takes: control characters, halves of letters."""
    return "".join(each for each in text if each.isprintable())
