"""Values as people say them in English on the telephone."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from tts.codes import characters, last_characters

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow", 2: "the day after tomorrow"}


def number(value: int) -> str:
    """Return `value` in words: 105 is one hundred and five."""
    if value < 0:
        return f"minus {number(-value)}"
    if value < 20:
        return _ONES[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return _TENS[tens] + (f" {_ONES[ones]}" if ones else "")
    for scale, word in _SCALES:
        if value >= scale:
            many, rest = divmod(value, scale)
            joint = " and " if rest and rest < 100 else " "
            return f"{number(many)} {word}" + (f"{joint}{number(rest)}" if rest else "")
    raise AssertionError(value)


def ordinal(value: int) -> str:
    """Return first, second, twenty-second as words."""
    *before, last = number(value).split()
    if last in _ORDINALS:
        last = _ORDINALS[last]
    elif last.endswith("y"):
        last = f"{last[:-1]}ieth"
    else:
        last = f"{last}th"
    return " ".join([*before, last])


def figures(text: str) -> str:
    """Return digits and letters one by one; everything else is left out."""
    return " ".join(
        _ONES[int(char)] if char.isdecimal() else char.upper()
        for char in text
        if char.isascii() and char.isalnum()
    )


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


def _half(value: datetime | time) -> str:
    return "AM" if value.hour < 12 else "PM"


def _clock(value: datetime | time) -> str:
    hour = number(value.hour % 12 or 12)
    if value.minute == 0:
        return hour
    if value.minute < 10:
        return f"{hour} oh {number(value.minute)}"
    return f"{hour} {number(value.minute)}"


def hour(value: datetime, now: datetime) -> str:
    """Return the time of day: two thirty PM, noon, midnight."""
    value = value.astimezone(now.tzinfo)
    if value.time() == time(12):
        return "noon"
    if value.time() == time(0):
        return "midnight"
    return f"{_clock(value)} {_half(value)}"


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
    begins = _clock(start) if plain and _half(start) == _half(end) else hour(start, now)
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


def money(fen: int) -> str:
    """Return an amount of yuan: 1250 fen is twelve yuan fifty."""
    if fen < 0:
        raise ValueError(f"an amount to collect can't be negative: {fen} fen")
    yuan, rest = divmod(fen, 100)
    if not rest:
        return f"{number(yuan)} yuan"
    if not yuan:
        return f"{number(rest)} fen"
    return f"{number(yuan)} yuan {'oh ' if rest < 10 else ''}{number(rest)}"


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
    else:
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return ", ".join(figures(group) for group in groups)


def speakable(text: str) -> str:
    """Return English text in words: times, percentages, money and numbers resolved."""
    spoken = text
    for pattern, replacement in _RULES:
        spoken = pattern.sub(replacement, spoken)
    return " ".join(spoken.split())


def address(text: str) -> str:
    """Return an address: numbers of three and more figures are read one by one."""
    return speakable(re.sub(r"\d{3,}", lambda m: figures(m[0]), text))


def _time_of_day(match: re.Match[str]) -> str:
    at = time(int(match[1]) % 24, int(match[2]))
    half = (match[3] or "").replace(".", "").upper()
    return f"{_clock(at)} {half or _half(at)}"


def _decimal(text: str) -> str:
    whole, _, fraction = text.partition(".")
    return number(int(whole)) + (f" point {figures(fraction)}" if fraction else "")


_RULES = (
    (
        re.compile(r"\b([01]?\d|2[0-4]):([0-5]\d)\s*([ap]\.?m\.?)?(?!\w)", re.IGNORECASE),
        _time_of_day,
    ),
    (
        re.compile(r"(?:\xa5|\uffe5|CNY|RMB)\s*(\d+)(?:\.(\d\d))?"),
        lambda m: money(int(m[1]) * 100 + int(m[2] or 0)),
    ),
    (re.compile(r"(\d+(?:\.\d+)?)\s*%"), lambda m: f"{_decimal(m[1])} percent"),
    (re.compile(r"(\d+(?:\.\d+)?)\s*kg\b"), lambda m: f"{_decimal(m[1])} kilograms"),
    (re.compile(r"(?<!\d)(\d+)(?:st|nd|rd|th)\b"), lambda m: ordinal(int(m[1]))),
    (re.compile(r"\d{5,}"), lambda m: figures(m[0])),
    (re.compile(r"\d+\.\d+"), lambda m: _decimal(m[0])),
    (re.compile(r"(?<=[A-Za-z])\d+"), lambda m: f" {figures(m[0])}"),
    (re.compile(r"\d+"), lambda m: number(int(m[0]))),
    (re.compile(r"\s*&\s*"), " and "),
    (re.compile(r"#"), " number "),
)
