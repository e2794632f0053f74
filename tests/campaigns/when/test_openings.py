"""Openings on the wall clocks of the world, over every change of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.calling_window import CallingWindow
from campaigns.when.openings import HORIZON, Openings, next_midnight
from campaigns.when.pieces import ALL_DAY, Pieces, between, holds, pieces_of, united

BERLIN = ZoneInfo("Europe/Berlin")
SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = sorted(
    zone for zone in available_timezones() if zone not in ("Factory", "localtime", "posixrules")
)

zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(
    datetime(2024, 12, 1), datetime(2027, 2, 1), timezones=st.just(UTC)  # noqa: DTZ001 - bounds
)  # fmt: skip


@st.composite
def weeks(draw: st.DrawFn) -> tuple[Pieces, ...]:
    """Draw what is open on each day of the week, once at least."""
    hours = st.integers(0, 95).map(lambda quarter: quarter * 900)

    def day() -> Pieces:
        pairs = draw(st.lists(st.tuples(hours, hours), max_size=3))
        return united((min(pair), max(pair) + 900) for pair in pairs)

    week = [day() for _ in range(7)]
    week[draw(st.integers(0, 6))] = pieces_of("01:15-03:30, 10:00-11:00")
    return tuple(week)


def weekly(zone: ZoneInfo, week: tuple[Pieces, ...]) -> Openings:
    return Openings(zone, lambda on: week[on.weekday()])


def open_by_the_clock(zone: ZoneInfo, week: tuple[Pieces, ...], at: datetime) -> bool:
    local = at.astimezone(zone)
    return holds(week[local.weekday()], local.hour * 3600 + local.minute * 60 + local.second)


@settings(max_examples=80, deadline=None)
@given(zones, weeks(), moments)
def test_the_next_opening_is_open_and_the_first_by_the_clock_of_the_zone(
    zone: ZoneInfo, week: tuple[Pieces, ...], now: datetime
) -> None:
    opening = weekly(zone, week).next_opening(now)
    assert opening.timestamp() >= now.timestamp()
    assert open_by_the_clock(zone, week, opening)
    quarter = timedelta(minutes=15)
    at = now
    while at.timestamp() < opening.timestamp():
        assert not open_by_the_clock(zone, week, at)
        at += quarter
    just_before = opening.astimezone(UTC) - timedelta(seconds=1)
    assert just_before < now or not open_by_the_clock(zone, week, just_before)


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Havana",
                     "Australia/Lord_Howe", "Asia/Beirut", "Africa/Casablanca"]).map(ZoneInfo),
    st.integers(0, 23), st.integers(1, 24), moments,
)  # fmt: skip
def test_one_window_for_all_days_is_what_the_calling_window_says(
    zone: ZoneInfo, opens: int, hours: int, now: datetime
) -> None:
    closes = time((opens + hours) % 24)
    old = CallingWindow(time(opens), closes, zone)
    new = Openings(zone, lambda _: between(time(opens), closes))
    assert new.is_open(now) is old.is_open(now)
    assert new.next_opening(now).timestamp() == old.next_opening(now).timestamp()


@settings(max_examples=50, deadline=None)
@given(zones, moments)
def test_days_follow_each_other_without_gap_or_overlap(zone: ZoneInfo, now: datetime) -> None:
    openings = Openings(zone, lambda _: ALL_DAY)
    today = now.astimezone(zone).date()
    spans = sorted(
        span for ahead in range(-2, 3) for span in openings.spans(today + timedelta(days=ahead))
    )
    assert all(end == start for (_, end), (start, _) in pairwise(spans))
    assert next_midnight(now, zone).astimezone(zone).date() > today


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    openings = Openings(BERLIN, lambda _: pieces_of("02:30-05:00"))
    times = (time(0, 30), time(1), time(1, 30), time(4))
    ends = [datetime.combine(date(2026, 10, 25), each, UTC) for each in times]
    assert [at for span in openings.spans(date(2026, 10, 25)) for at in span] == [
        int(end.timestamp()) for end in ends
    ]


def test_an_hour_that_is_skipped_is_never_open() -> None:
    openings = Openings(BERLIN, lambda _: pieces_of("02:10-02:50"))
    assert openings.spans(date(2026, 3, 29)) == ()
    opening = openings.next_opening(datetime(2026, 3, 29, tzinfo=BERLIN))
    assert opening == datetime(2026, 3, 30, 2, 10, tzinfo=BERLIN)


def test_whole_closed_weeks_are_passed_over() -> None:
    openings = Openings(
        SHANGHAI, lambda on: pieces_of("9:00-20:30") if on >= date(2026, 12, 31) else ()
    )
    opening = openings.next_opening(datetime(2026, 1, 1, tzinfo=UTC))
    assert opening == datetime(2026, 12, 31, 9, tzinfo=SHANGHAI)


def test_what_never_opens_is_looked_at_again_when_the_horizon_ends() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert Openings(SHANGHAI, lambda _: ()).next_opening(now) == now + HORIZON


def test_a_day_is_asked_for_once() -> None:
    asked: list[date] = []

    def pieces_on(on: date) -> Pieces:
        asked.append(on)
        return pieces_of("9:00-20:30")

    openings = Openings(SHANGHAI, pieces_on)
    for minute in range(0, 1440, 10):
        openings.next_opening(datetime(2026, 11, 22, tzinfo=SHANGHAI) + timedelta(minutes=minute))
    assert len(asked) == len(set(asked)) <= 4


@pytest.mark.parametrize("hour", [8, 9, 12, 13, 14, 20, 21])
def test_several_stretches_of_a_day_are_open_each(hour: int) -> None:
    openings = Openings(SHANGHAI, lambda _: pieces_of("9:00-12:00, 14:00-21:00"))
    at = datetime(2026, 11, 22, hour, tzinfo=SHANGHAI)
    assert openings.is_open(at) is (hour in (9, 14, 20))
