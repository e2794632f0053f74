"""Values as people say them in English on the telephone."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from tts.codes import characters, last_characters
from tts.free_text_en import speakable
from tts.numerals_en import clock, figures, half, money, number, ordinal

__all__ = ["money"]

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow", 2: "the day after tomorrow"}


def day(value: datetime, now: datetime) -> str:
    """Return tomorrow, Wednesday, next Wednesday or December first."""
    value = value.astimezone(now.tzinfo)
    distance = (value.date() - now.date()).days
    if distance in _NEAR_DAYS:
        return _NEAR_DAYS[distance]
    weeks = (distance + now.weekday()) // 7
    weekday = _WEEKDAYS[value.weekday()]
    if distance > 0 and weeks == 0:
        return weekday
    return f"next {weekday}" if weeks == 1 else calendar_day(value, now)


def calendar_day(value: datetime, now: datetime) -> str:
    """Return month and day, with the year when it isn't this one."""
    value = value.astimezone(now.tzinfo)
    spoken = f"{_MONTHS[value.month - 1]} {ordinal(value.day)}"
    return spoken if value.year == now.year else f"{spoken}, {number(value.year)}"


def full_day(value: datetime, now: datetime) -> str:
    """Return a day that can't be taken for another: tomorrow, Sunday, November twenty second."""
    value = value.astimezone(now.tzinfo)
    near = _NEAR_DAYS.get((value.date() - now.date()).days, "")
    parts = (near, _WEEKDAYS[value.weekday()], calendar_day(value, now))
    return ", ".join(part for part in parts if part)


def hour(value: datetime, now: datetime) -> str:
    """Return the time of day: two thirty PM, noon, midnight."""
    value = value.astimezone(now.tzinfo)
    if value.time() == time(12):
        return "noon"
    if value.time() == time(0):
        return "midnight"
    return f"{clock(value)} {half(value)}"


def moment(value: datetime, now: datetime) -> str:
    """Return day and time: tomorrow at two thirty PM."""
    return f"{day(value, now)} at {hour(value, now)}"


def window(start: datetime, end: datetime | None, now: datetime) -> str:
    """Return a span of time: tomorrow between two and four PM."""
    start = start.astimezone(now.tzinfo)
    if end is None:
        return f"{day(start, now)} after {hour(start, now)}"
    end = end.astimezone(now.tzinfo)
    if start == end:
        return moment(start, now)
    ends_at_midnight = end.time() == time(0) and end - start <= timedelta(days=1)
    if ends_at_midnight and start.time() == time(0):
        return f"any time {day(start, now)}"
    if start.date() != end.date() and not ends_at_midnight:
        return f"from {moment(start, now)} to {moment(end, now)}"
    plain = time(12) not in (start.time(), end.time()) and not ends_at_midnight
    begins = clock(start) if plain and half(start) == half(end) else hour(start, now)
    return f"{day(start, now)} between {begins} and {hour(end, now)}"


def loose_window(start: datetime, end: datetime | None, now: datetime) -> str:
    """Return the part of the day when the window fills one, else the exact window."""
    start = start.astimezone(now.tzinfo)
    if end is not None:
        end = end.astimezone(now.tzinfo)
        hours = (start.hour, end.hour)
        if start.date() == end.date() and start.minute == end.minute == 0:
            if hours[0] in range(6, 10) and hours[1] == 12:
                return f"{day(start, now)} morning"
            if hours[0] in range(12, 15) and hours[1] in range(17, 19):
                return f"{day(start, now)} afternoon"
            if hours[0] in range(17, 20) and hours[1] in range(20, 24):
                return f"{day(start, now)} evening"
    return window(start, end, now)


def tail(code: str, length: int = 4) -> str:
    """Return the last characters of a waybill one by one.

    Raises ValueError when the code has no letter or digit.
    """
    return figures(last_characters(code, length))


def waybill(code: str) -> str:
    """Return a whole waybill number in groups of four."""
    kept = characters(code)
    return ", ".join(figures(kept[at : at + 4]) for at in range(0, len(kept), 4))


def phone(text: str) -> str:
    """Return a telephone number in groups.

    Raises ValueError when there is no digit in it.
    """
    digits = re.sub(r"\D", "", text)
    if not digits:
        raise ValueError(f"{text!r} is not a telephone number")
    if len(digits) == 13 and digits.startswith("861"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        groups = [digits[:3], digits[3:7], digits[7:]]
    elif len(digits) == 10:
        groups = [digits[:3], digits[3:6], digits[6:]]
    else:
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return ", ".join(figures(group) for group in groups)


def address(text: str) -> str:
    """Return an address: numbers of three and more figures are read one by one."""
    return speakable(re.sub(r"\d{3,}", lambda m: figures(m[0]), text))
