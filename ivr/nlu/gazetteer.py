"""What jionlp knows that our own grammar does not: festivals, lunar days, provinces and cities.

Everything of jionlp is imported here, on first use, because the import takes half a second and
prints a banner.
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from datetime import datetime
from functools import cache
from importlib import import_module
from types import ModuleType

from ivr.meaning import Window

_FESTIVAL = re.compile(
    r"节|元旦|国庆|中秋|春节|端午|清明|除夕|五一|十一(?!点)|双十一|圣诞|腊月|正月|大年|初[一二三四五六七八九十]|冬至|农历|阴历"
)
_REGION = re.compile(r"省|自治区|市|区|县")


@cache
def _jionlp() -> ModuleType:
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module("jionlp")


def prepare() -> None:
    """Load jionlp now, so that no caller waits for it in the middle of a conversation."""
    _jionlp()
    region_of("浙江省杭州市")


def festival_window(text: str, now: datetime) -> tuple[Window, int, int] | None:
    """Return the day a festival or lunar date falls on and where it was said; None without one.

    Such a day is never certain: people mean the holiday around it.
    """
    if not _FESTIVAL.search(text):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = _jionlp().ner.extract_time(text, time_base=now.timestamp(), with_parsing=True)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        # jionlp raises any of these on words it takes for a time and cannot read.
        return None
    for entity in found:
        span = entity["detail"].get("time")
        start, end = entity["offset"]
        if not isinstance(span, list) or not _FESTIVAL.search(text[start:end]):
            continue
        first, last = (_moment(word, now) for word in span)
        if first is None or last is None or last <= now:
            continue
        return Window(first.replace(hour=9), last.replace(hour=21, minute=0), False), start, end
    return None


def _moment(written: str, now: datetime) -> datetime | None:
    try:
        return datetime.fromisoformat(written).replace(second=0, tzinfo=now.tzinfo)
    except ValueError:
        return None


def region_of(text: str) -> str:
    """Return the province, city and district at the head of a place, as they are said there."""
    if not _REGION.search(text):
        return ""
    try:
        parsed = _jionlp().parse_location(text)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        # jionlp's trie raises on places it knows only in part.
        return ""
    if not parsed["province"] and not parsed["city"]:
        return ""
    detail = parsed["detail"] or ""
    whole = parsed["orig_location"] or ""
    return whole[: len(whole) - len(detail)] if detail and whole.endswith(detail) else ""
