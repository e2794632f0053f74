"""When people may be rung."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.calling_window import CallingWindow

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
DAYTIME = CallingWindow(time(9), time(20, 30), SHANGHAI)


def shanghai(hour: int, minute: int = 0, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [(8, 59, False), (9, 0, True), (14, 0, True), (20, 29, True), (20, 30, False), (0, 0, False)],
)
def test_the_window_opens_with_its_first_minute_and_closes_before_its_last(
    hour: int, minute: int, is_open: bool
) -> None:
    assert DAYTIME.is_open(shanghai(hour, minute)) is is_open


def test_the_wall_clock_of_the_recipient_counts_not_ours() -> None:
    assert DAYTIME.is_open(datetime(2026, 11, 22, 1, 0, tzinfo=UTC))
    assert not DAYTIME.is_open(datetime(2026, 11, 22, 13, 0, tzinfo=UTC))


def test_an_open_window_opens_now() -> None:
    assert DAYTIME.next_opening(shanghai(12, 34)) == shanghai(12, 34)


def test_before_the_window_it_opens_today() -> None:
    assert DAYTIME.next_opening(shanghai(6)) == shanghai(9)


def test_after_the_window_it_opens_tomorrow() -> None:
    assert DAYTIME.next_opening(shanghai(21)) == shanghai(9, day=23)


@pytest.mark.parametrize(
    ("hour", "is_open"), [(20, False), (21, True), (23, True), (0, True), (1, True), (2, False)]
)
def test_a_window_may_run_past_midnight(hour: int, is_open: bool) -> None:
    night = CallingWindow(time(21), time(2), SHANGHAI)
    assert night.is_open(shanghai(hour)) is is_open


def test_a_window_may_close_at_midnight() -> None:
    evening = CallingWindow(time(18), time(0), SHANGHAI)
    assert evening.is_open(shanghai(23, 59))
    assert not evening.is_open(shanghai(0))
    assert evening.next_opening(shanghai(0)) == shanghai(18)


def test_a_window_with_equal_ends_is_always_open() -> None:
    always = CallingWindow(time(0), time(0), SHANGHAI)
    assert all(always.is_open(shanghai(hour)) for hour in range(24))


def test_an_opening_that_the_spring_jump_skips_comes_with_the_jump() -> None:
    window = CallingWindow(time(2, 30), time(5), BERLIN)
    now = datetime(2026, 3, 29, 0, 0, tzinfo=BERLIN)
    opening = window.next_opening(now)
    assert opening.astimezone(UTC) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert window.is_open(opening)


def test_a_window_that_the_spring_jump_skips_whole_opens_the_day_after() -> None:
    window = CallingWindow(time(2, 10), time(2, 50), BERLIN)
    opening = window.next_opening(datetime(2026, 3, 29, 0, 0, tzinfo=BERLIN))
    assert opening == datetime(2026, 3, 30, 2, 10, tzinfo=BERLIN)


def test_in_the_repeated_hour_of_autumn_the_window_opens_again() -> None:
    window = CallingWindow(time(2, 30), time(5), BERLIN)
    # 02:15, the second time: the first half hour of the window has passed and comes again.
    now = datetime(2026, 10, 25, 1, 15, tzinfo=UTC)
    assert not window.is_open(now)
    assert window.next_opening(now).astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("zone", [BERLIN, ZoneInfo("America/Sao_Paulo"), SHANGHAI])
@pytest.mark.parametrize(
    ("opens", "closes"), [(time(0), time(6)), (time(9), time(20)), (time(22), time(1))]
)
def test_every_quarter_of_an_hour_of_a_year_agrees_with_the_clock(
    zone: ZoneInfo, opens: time, closes: time
) -> None:
    window = CallingWindow(opens, closes, zone)
    now = datetime(2018, 1, 1, tzinfo=UTC)
    for _ in range(4 * 24 * 365 // 7):
        opening = window.next_opening(now)
        assert opening.timestamp() >= now.timestamp()
        assert window.is_open(opening)
        assert opening.timestamp() - now.timestamp() < 25 * 3600
        just_before = (opening.astimezone(UTC)) - timedelta(seconds=1)
        assert just_before < now or not window.is_open(just_before)
        now += timedelta(minutes=105)
