"""A wished delivery window: is it still possible, and is it enough to go by."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from ivr.meaning import Window

WHOLE_DAY = timedelta(hours=9)
"""A window this long names a day but no part of it."""

_DAY_WORDS = ("今", "明", "后天", "周", "星期", "礼拜", "号", "月", "日", "下个", "天后")


def names_only_a_day(window: Window) -> bool:
    """Return True when the part of the day is missing: 明天."""
    if window.end is None:
        return window.start.time() == time(0)
    return WHOLE_DAY <= window.end - window.start <= timedelta(days=1)


def names_several_days(window: Window) -> bool:
    """Return True when the day is missing: 周末, 下周."""
    return window.end is not None and window.end - window.start > timedelta(days=1)


def is_past(window: Window, now: datetime, service_ends: time) -> bool:
    """Return True when no courier could come any more in this window."""
    end = window.end or datetime.combine(window.start.date(), service_ends, window.start.tzinfo)
    return end <= now


def is_outside_service(window: Window, begins: time, ends: time) -> bool:
    """Return True when no courier is on the road in this window."""
    if names_only_a_day(window) or names_several_days(window):
        return False
    if window.start.time() >= ends:
        return True
    if window.end is None:
        return window.start.time() < begins
    opening = datetime.combine(window.start.date(), begins, window.start.tzinfo)
    return window.end <= opening


def is_too_far(window: Window, now: datetime, latest_days: int) -> bool:
    """Return True when the parcel can't be kept that long."""
    return (window.start.date() - now.date()).days > latest_days


def covers(window: Window, start: datetime, end: datetime) -> bool:
    """Return True when the whole of start to end lies within `window`."""
    return window.start <= start and (window.end is None or end <= window.end)


def names_a_day(words: str) -> bool:
    """Return True when a day is spoken of, and not only an hour."""
    return any(word in words for word in _DAY_WORDS)


def reply_by(now: datetime, minutes: int, begins: time, ends: time) -> datetime:
    """Return when `minutes` of service have passed, on the quarter of an hour after it."""
    opens = datetime.combine(now.date(), begins, now.tzinfo)
    closes = datetime.combine(now.date(), ends, now.tzinfo)
    due = max(now, opens) + timedelta(minutes=minutes)
    if due > closes:
        due = opens + timedelta(days=1) + (due - max(now, closes))
    return due.replace(second=0, microsecond=0) + timedelta(minutes=-due.minute % 15)


def completed(held: Window, heard: Window) -> Window:
    """Return the day already agreed with the hours just heard.

    明天 ... 下午三点 -> 明天下午三点
    """
    if not names_only_a_day(held) or names_several_days(held):
        return heard
    days = held.start.date() - heard.start.date()
    end = heard.end + days if heard.end else None
    start = (heard.begins or heard.start) if days else heard.start
    return Window(start=start + days, end=end, certain=heard.certain)


def is_meant(heard: Window, window: Window, other: Window) -> bool:
    """Return True when `heard` is `window` and not `other`, by what parts them: day or hour.

    四点, asked 明天下午三点还是四点: the second one, though no day was said.
    """
    pairs = list(zip(_parts(window), _parts(other), _parts(heard), strict=True))
    telling = [(said == mine, said == its) for mine, its, said in pairs if mine != its]
    return any(mine for mine, _ in telling) and not any(its for _, its in telling)


def _parts(window: Window) -> tuple[object, ...]:
    return (window.start.date(), window.start.time())
