"""What kinds of days there are in China and elsewhere."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest

from campaigns.when.calendars import ChineseCalendar, calendar_of
from campaigns.when.days import DayKind, Hours
from campaigns.when.pieces import pieces_of

CHINA = calendar_of("CN")


@pytest.mark.parametrize(
    ("day", "kind", "name"),
    [
        ("2025-01-26", DayKind.MAKE_UP_WORKDAY, "春节"),
        ("2025-01-28", DayKind.HOLIDAY, "春节"),
        ("2025-02-04", DayKind.HOLIDAY, "春节"),
        ("2025-02-05", DayKind.WORKDAY, ""),
        ("2025-02-08", DayKind.MAKE_UP_WORKDAY, "春节"),
        ("2025-04-27", DayKind.MAKE_UP_WORKDAY, "劳动节"),
        ("2025-10-08", DayKind.HOLIDAY, "国庆节"),
        ("2025-10-11", DayKind.MAKE_UP_WORKDAY, "国庆节"),
        ("2026-01-01", DayKind.HOLIDAY, "元旦"),
        ("2026-01-04", DayKind.MAKE_UP_WORKDAY, "元旦"),
        ("2026-02-14", DayKind.MAKE_UP_WORKDAY, "春节"),
        ("2026-02-23", DayKind.HOLIDAY, "春节"),
        ("2026-02-28", DayKind.MAKE_UP_WORKDAY, "春节"),
        ("2026-10-10", DayKind.MAKE_UP_WORKDAY, "国庆节"),
        ("2026-11-21", DayKind.WEEKEND, ""),
        ("2026-11-23", DayKind.WORKDAY, ""),
    ],
)
def test_china_has_holidays_and_works_for_them(day: str, kind: DayKind, name: str) -> None:
    told = CHINA.day(date.fromisoformat(day))
    assert (told.kind, told.name, told.is_certain) == (kind, name, True)


def test_every_make_up_workday_of_two_years_lies_at_a_weekend() -> None:
    days = [date(2025, 1, 1) + timedelta(days=each) for each in range(730)]
    worked = [day for day in days if CHINA.day(day).kind is DayKind.MAKE_UP_WORKDAY]
    assert worked
    assert all(day.weekday() >= 5 for day in worked)


def test_a_year_that_was_not_announced_keeps_the_usual_weeks_and_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calendar = ChineseCalendar()
    with caplog.at_level(logging.WARNING):
        # 2035: New Year is on the 8th of February, its eve on the 7th.
        festival = [calendar.day(date(2035, 2, 7) + timedelta(days=each)) for each in range(8)]
        assert {each.kind for each in festival} == {DayKind.HOLIDAY}
        assert not any(each.is_certain for each in festival)
        assert calendar.day(date(2035, 10, 5)).kind is DayKind.HOLIDAY
        assert calendar.day(date(2035, 3, 3)).kind is DayKind.WEEKEND
        assert calendar.day(date(2035, 3, 5)).kind is DayKind.WORKDAY
    told = [each for each in caplog.messages if "2035" in each]
    assert len(told) == 1
    assert "pip install --upgrade chinesecalendar" in told[0]


@pytest.mark.parametrize(
    ("country", "day", "name"),
    [("US", "2026-11-26", "Thanksgiving"), ("GB", "2026-12-25", "Christmas"),
     ("FR", "2026-07-14", ""), ("DE", "2026-10-03", "")],
)  # fmt: skip
def test_other_countries_have_holidays_of_their_own(country: str, day: str, name: str) -> None:
    told = calendar_of(country).day(date.fromisoformat(day))
    assert told.kind is DayKind.HOLIDAY
    assert name in told.name
    assert calendar_of(country).day(date(2026, 11, 24)).kind is DayKind.WORKDAY


def test_a_country_that_nobody_knows_has_weekends_alone(caplog: pytest.LogCaptureFixture) -> None:
    calendar = calendar_of("XX")
    assert "no calendar of XX is known" in caplog.text
    assert calendar.day(date(2026, 12, 25)).kind is DayKind.WORKDAY
    assert calendar.day(date(2026, 12, 26)).kind is DayKind.WEEKEND
    assert calendar_of("").day(date(2026, 12, 26)).kind is DayKind.WEEKEND


def test_a_day_without_hours_of_its_own_has_those_of_the_next_of_kin() -> None:
    hours = Hours(pieces_of("9:00-20:00"), weekend=pieces_of("10:00-18:00"))
    saturday = date(2026, 11, 21)
    assert hours.on(saturday, DayKind.HOLIDAY) == pieces_of("10:00-18:00")
    assert hours.on(saturday, DayKind.WEEKEND) == pieces_of("10:00-18:00")
    assert hours.on(saturday, DayKind.MAKE_UP_WORKDAY) == pieces_of("9:00-20:00")


def test_the_hours_of_a_weekday_give_way_to_a_holiday() -> None:
    hours = Hours(pieces_of("9:00-20:00"), holiday=(), weekdays={5: pieces_of("10:00-12:00")})
    saturday = date(2026, 11, 21)
    assert hours.on(saturday, DayKind.WEEKEND) == pieces_of("10:00-12:00")
    assert hours.on(saturday, DayKind.HOLIDAY) == ()
    assert hours.on(saturday, DayKind.MAKE_UP_WORKDAY) == pieces_of("9:00-20:00")
