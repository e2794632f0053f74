"""Times, durations and money as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from console.web import formats
from console.web.words import Language

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "shown"),
    [(timedelta(hours=2), "10:00"), (timedelta(hours=13), "11-20 23:00"),
     (timedelta(days=365), "2025-11-21 12:00")],
)  # fmt: skip
def test_a_time_says_no_more_than_is_needed(ago, shown) -> None:
    assert formats.moment(NOW - ago, CHINA, NOW) == shown


def test_an_exact_time_is_on_the_clock_of_the_zone() -> None:
    assert formats.exact(NOW, CHINA) == "2026-11-21 12:00:00"


@pytest.mark.parametrize(
    ("seconds", "chinese", "english", "counter"),
    [(8.4, "8 秒", "8 s", "0:08"), (125, "2 分 05 秒", "2 min 05 s", "2:05"),
     (59.7, "1 分 00 秒", "1 min 00 s", "0:59"),
     (3780, "1 小时 03 分", "1 h 03 min", "1:03:00"), (-3, "0 秒", "0 s", "0:00")],
)  # fmt: skip
def test_a_length_of_time_is_said_in_both_languages(seconds, chinese, english, counter) -> None:
    assert formats.duration(seconds, Language.CHINESE) == chinese
    assert formats.duration(timedelta(seconds=seconds), Language.ENGLISH) == english
    assert formats.stopwatch(seconds) == counter
    assert formats.stopwatch(timedelta(seconds=seconds)) == counter


@pytest.mark.parametrize(
    ("fen", "chinese", "english"),
    [
        (1250, "12.50 元", "¥12.50"),
        (120000000, "1,200,000 元", "¥1,200,000"),
        (5, "0.05 元", "¥0.05"),
    ],
)
def test_money_is_said_in_yuan(fen, chinese, english) -> None:
    assert formats.money(fen, Language.CHINESE) == chinese
    assert formats.money(fen, Language.ENGLISH) == english


def test_shares_and_counts() -> None:
    assert formats.share(0.305) == "30%"
    assert formats.share(0.305, 1) == "30.5%"
    assert formats.count(1234567) == "1,234,567"


def test_what_is_not_known_is_a_dash() -> None:
    unknown = (
        formats.moment(None, CHINA, NOW), formats.exact(None, CHINA), formats.stopwatch(None),
        formats.duration(None, Language.CHINESE), formats.money(None, Language.CHINESE),
        formats.share(None), formats.count(None),
    )  # fmt: skip
    assert set(unknown) == {"–"}
