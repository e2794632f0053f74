"""The calendars of countries: `chinesecalendar` for China's with its make-up workdays, `holidays`
for the others. Each is read once and remembers the days it was asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Final

import chinese_calendar

from campaigns.when.days import Calendar, Day, DayKind, WeekdaysOnly

log = logging.getLogger(__name__)

CHINA: Final = "CN"
_DAYS_KEPT: Final = 4096
_SPRING_FESTIVAL: Final = timedelta(days=8)
"""From New Year's Eve on; so long it has been since 2024."""
_GOLDEN_WEEKS: Final = (((5, 1), (5, 5), "劳动节"), ((10, 1), (10, 7), "国庆节"))
"""First and last days (month, day) on which China has been off work in every year since 2020."""
_EVE: Final = "Chinese New Year's Eve"
_CHINESE_NAMES: Final = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}


@cache
def calendar_of(country: str) -> Calendar:
    """Return the calendar of a country (ISO code); one that nobody knows has weekends alone."""
    if country == CHINA:
        return ChineseCalendar()
    # The package takes a tenth of a second to import, and most campaigns call in China alone.
    import holidays

    if country in holidays.list_supported_countries():
        return PublicHolidays(country)
    if country:
        log.warning(
            "no calendar of %s is known: its public holidays count as ordinary days", country
        )
    return WeekdaysOnly()


class ChineseCalendar:
    """China's days, with days off in lieu and make-up workdays as the State Council sets them.

    The package knows the years that were announced when it was released. In a later year weekends
    stay weekends, since nobody knows which are worked, and the days that were off in every recent
    year are holidays: fewer calls rather than one in somebody's holiday.
    """

    def __init__(self) -> None:
        self._ask = lru_cache(maxsize=_DAYS_KEPT)(self._look_up)
        self._later: Callable[[date], Day] | None = None
        self._told: set[int] = set()

    def day(self, on: date) -> Day:
        """Return what a day is."""
        return self._ask(on)

    def _look_up(self, on: date) -> Day:
        try:
            is_off, name = chinese_calendar.get_holiday_detail(on)
        except NotImplementedError:
            return self._safe(on)
        if name is not None:
            kind = DayKind.HOLIDAY if is_off else DayKind.MAKE_UP_WORKDAY
            return Day(kind, _CHINESE_NAMES.get(name, name))
        return Day(DayKind.WEEKEND if is_off else DayKind.WORKDAY)

    def _safe(self, on: date) -> Day:
        if on.year not in self._told:
            self._told.add(on.year)
            log.warning(
                "China's holidays of %d are not known to the installed chinesecalendar: weekends "
                "count as weekends, the usual festival weeks as holidays. Update it: "
                "pip install --upgrade chinesecalendar",
                on.year,
            )
        if self._later is None:
            self._later = _usual_days()
        return self._later(on)


def _usual_days() -> Callable[[date], Day]:
    """Return what says which days are off in a year that was not announced yet."""
    import holidays

    statutory = holidays.country_holidays(CHINA, language="en_US")

    def usual(on: date) -> Day:
        eves = (
            on - timedelta(days=before)
            for before in range(_SPRING_FESTIVAL.days)
            if _EVE in statutory.get(on - timedelta(days=before), "")
        )
        if any(eves):
            return Day(DayKind.HOLIDAY, "春节", is_certain=False)
        for first, last, name in _GOLDEN_WEEKS:
            if first <= (on.month, on.day) <= last:
                return Day(DayKind.HOLIDAY, name, is_certain=False)
        if (name := statutory.get(on)) is not None:
            return Day(DayKind.HOLIDAY, _CHINESE_NAMES.get(name, name), is_certain=False)
        kind = DayKind.WEEKEND if on.weekday() >= 5 else DayKind.WORKDAY
        return Day(kind, is_certain=False)

    return usual


class PublicHolidays:
    """The days of a country by the package `holidays`; those of its regions are not known here."""

    def __init__(self, country: str) -> None:
        """`country` is one that the package supports."""
        import holidays

        self._holidays = holidays.country_holidays(country)
        self._ask = lru_cache(maxsize=_DAYS_KEPT)(self._look_up)

    def day(self, on: date) -> Day:
        """Return what a day is."""
        return self._ask(on)

    def _look_up(self, on: date) -> Day:
        name = self._holidays.get(on)
        is_certain = self._holidays.start_year <= on.year <= self._holidays.end_year
        if name is not None:
            return Day(DayKind.HOLIDAY, str(name), is_certain)
        is_weekend = on.weekday() in self._holidays.weekend
        return Day(DayKind.WEEKEND if is_weekend else DayKind.WORKDAY, "", is_certain)
