"""The promised window as dispatchers write it: `明天 14:00-16:00`, `11月22日上午`."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class WindowFault(StrEnum):
    """Why a window can't be used."""

    UNREADABLE = "window_unreadable"
    NO_SUCH_DATE = "window_no_such_date"
    END_NOT_AFTER_START = "window_end_not_after_start"
    NIGHT = "window_at_night"


class WindowError(ValueError):
    """A window that can't be used; `fault` says why."""

    def __init__(self, fault: WindowFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


_DAYS_AHEAD = {
    "大后天": 3, "后天": 2, "明天": 1, "明日": 1, "次日": 1, "tomorrow": 1,
    "今天": 0, "今日": 0, "当天": 0, "today": 0,
}  # fmt: skip

_MORNING = (time(9), time(12))
_NOON = (time(11, 30), time(13, 30))
_AFTERNOON = (time(14), time(18))
_EVENING = (time(18), time(21))
_DAYTIME = (time(9), time(18))
_PARTS = {
    "上午": _MORNING, "早上": _MORNING, "morning": _MORNING,
    "中午": _NOON, "noon": _NOON,
    "下午": _AFTERNOON, "afternoon": _AFTERNOON,
    "晚上": _EVENING, "evening": _EVENING,
    "全天": _DAYTIME, "all day": _DAYTIME,
}  # fmt: skip
_SECOND_HALF = (_AFTERNOON, _EVENING)

_EARLIEST_HOUR = 6
"""Nobody delivers before; "2:00-4:00" means the afternoon, and it is not ours to guess."""

_YEAR_TURNS = timedelta(days=180)
"""A date without a year lies at most this far back; otherwise next year is meant."""

_DATE = re.compile(
    rf"(?P<word>{'|'.join(_DAYS_AHEAD)})"
    r"|(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})(?!\d)[日号]?"
    r"|(?P<only_month>\d{1,2})[/月](?P<only_day>\d{1,2})(?!\d)[日号]?"
)
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::\d{2})?|[点时](?:(?P<past>\d{1,2})分?|(?P<half>半))?)?"
)
_DASH = re.compile(r"\s*(?:[-~\u2010-\u2015\u2212至到]+|to)\s*")
_BETWEEN = re.compile(r"[\s,、t]*")


def promised_window(text: str, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return both ends, in UTC, of a window written on `day` for somebody in `zone`.

    Raises WindowError with the fault.
    """
    # NFKC turns full-width digits, colons and tildes into the plain ones.
    rest = unicodedata.normalize("NFKC", text).casefold().strip()
    on, rest = _date(rest, day)
    on = on or day
    part = next((name for name in _PARTS if rest.startswith(name)), None)
    if part is not None:
        rest = rest.removeprefix(part).strip()
        if not rest:
            opens, closes = _PARTS[part]
            return _utc(on, opens, zone), _utc(on, closes, zone)
    start_at, end_on, end_at = _hours(rest, on, day)
    if part is not None and _PARTS[part] in _SECOND_HALF and start_at < timedelta(hours=12):
        start_at += timedelta(hours=12)
    if part is not None and end_on == on and end_at <= start_at < timedelta(hours=12) + end_at:
        # 下午2点-4点, 上午10点-1点: the second hour is said on the twelve-hour clock, too.
        end_at += timedelta(hours=12)
    if end_at > timedelta(hours=24) or start_at >= timedelta(hours=24):
        raise WindowError(WindowFault.UNREADABLE)
    if start_at < timedelta(hours=_EARLIEST_HOUR):
        raise WindowError(WindowFault.NIGHT)
    start, end = _after_midnight(on, start_at, zone), _after_midnight(end_on, end_at, zone)
    if end <= start:
        raise WindowError(WindowFault.END_NOT_AFTER_START)
    return start, end


def _date(text: str, day: date) -> tuple[date | None, str]:
    found = _DATE.match(text)
    if found is None:
        return None, text
    rest = text[found.end() :]
    rest = rest[_match_length(_BETWEEN, rest) :]
    if found["word"]:
        return day + timedelta(days=_DAYS_AHEAD[found["word"]]), rest
    try:
        if found["year"]:
            return date(int(found["year"]), int(found["month"]), int(found["day"])), rest
        month, of_month = int(found["only_month"]), int(found["only_day"])
        this_year = date(day.year, month, of_month)
        if this_year < day - _YEAR_TURNS:
            return date(day.year + 1, month, of_month), rest
    except ValueError as error:
        raise WindowError(WindowFault.NO_SUCH_DATE) from error
    return this_year, rest


def _hours(text: str, on: date, day: date) -> tuple[timedelta, date, timedelta]:
    start, rest = _clock(text)
    dash = _match_length(_DASH, rest)
    if not dash:
        raise WindowError(WindowFault.UNREADABLE)
    end_on, rest = _date(rest[dash:], day)
    end, rest = _clock(rest)
    if rest:
        raise WindowError(WindowFault.UNREADABLE)
    return start, end_on or on, end


def _clock(text: str) -> tuple[timedelta, str]:
    found = _CLOCK.match(text)
    if found is None:
        raise WindowError(WindowFault.UNREADABLE)
    minute = 30 if found["half"] else int(found["minute"] or found["past"] or 0)
    if minute > 59:
        raise WindowError(WindowFault.UNREADABLE)
    return timedelta(hours=int(found["hour"]), minutes=minute), text[found.end() :].strip()


def _match_length(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return 0 if found is None else found.end()


def _utc(on: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, at, zone).astimezone(UTC)


def _after_midnight(on: date, after: timedelta, zone: ZoneInfo) -> datetime:
    return (datetime.combine(on, time(), zone) + after).astimezone(UTC)
