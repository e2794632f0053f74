"""Times, durations, money and shares as people say them, in Chinese and in English."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.web.words import Language

MISSING = "–"


def moment(at: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """Return a time on the clock of `zone`: 14:05, 11-21 14:05 or 2025-11-21 14:05, as needed."""
    if at is None:
        return MISSING
    there, today = at.astimezone(zone), now.astimezone(zone)
    if there.date() == today.date():
        return f"{there:%H:%M}"
    return f"{there:%m-%d %H:%M}" if there.year == today.year else f"{there:%Y-%m-%d %H:%M}"


def exact(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a time to the second: 2026-11-21 14:05:09."""
    return MISSING if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def duration(length: float | timedelta | None, language: Language) -> str:
    """Return a length of time (seconds, where it is a number): 8 秒, 2 分 05 秒, 1 小时 03 分."""
    if length is None:
        return MISSING
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    chinese = language is Language.CHINESE
    if hours:
        return f"{hours} 小时 {minutes:02d} 分" if chinese else f"{hours} h {minutes:02d} min"
    if minutes:
        return f"{minutes} 分 {rest:02d} 秒" if chinese else f"{minutes} min {rest:02d} s"
    return f"{rest} 秒" if chinese else f"{rest} s"


def stopwatch(length: float | timedelta | None) -> str:
    """Return a length of time as a counter shows it: 0:08, 2:05, 1:03:00."""
    if length is None:
        return MISSING
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def money(fen: int | None, language: Language) -> str:
    """Return an amount: 12.50 元, ¥12.50."""
    if fen is None:
        return MISSING
    yuan = f"{fen / 100:,.2f}".removesuffix(".00")
    return f"{yuan} 元" if language is Language.CHINESE else f"¥{yuan}"


def share(part: float | None, places: int = 0) -> str:
    """Return a share (0 to 1) in percent."""
    return MISSING if part is None else f"{part * 100:.{places}f}%"


def count(number: int | None) -> str:
    """Return a number with its thousands apart."""
    return MISSING if number is None else f"{number:,}"
