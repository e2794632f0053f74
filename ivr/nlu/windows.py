"""From a spoken time to a span on the calendar, seen from now."""

from __future__ import annotations

import calendar as months
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from ivr.meaning import Window, WindowProblem
from ivr.nlu.day_words import Day
from ivr.nlu.holidays import next_festival
from ivr.nlu.time_words import Clock, Edge, Spoken


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """From when to when a part of the day lasts, in hours."""

    begins: float
    ends: float
    afternoon: bool | None
    """Whether an hour up to twelve said with it counts from noon; None: it does not say."""
    else_part: str = ""
    """The part that is meant once this one has passed (饭后); the name alone is a guess then."""


@dataclass(frozen=True, slots=True)
class DayTable:
    """The parts of the day of one language."""

    parts: Mapping[str, PartOfDay]
    whole_day: PartOfDay
    """When couriers are about; what a day without an hour means."""


def window_of(spoken: Spoken, now: datetime, table: DayTable) -> Window | None:
    """Return the span meant, in the zone of `now`; None when there is no such day.

    `certain` is False when a half of the day or a day had to be guessed, or when the time named
    has passed and the next one like it was taken.
    """
    if spoken.minutes_ahead is not None:
        return _within(spoken, now)
    days = _days(spoken.day, now.date())
    if days is None:
        return None
    first, last, day_certain = days
    if spoken.day is not None and spoken.edge is Edge.BEFORE and not spoken.part:
        if spoken.clock is None:
            return _until_day(first, now, table)
    elif spoken.day is not None and spoken.day.kind == "festival" and spoken.edge is Edge.AFTER:
        first = last = _day_after(spoken.day, now.date())
    on_day = _on(first, spoken, now, table)
    other = table.parts.get(spoken.part)
    if other is not None and other.else_part:
        day_certain = False
        if on_day.past:
            spoken = replace(spoken, part=other.else_part)
            on_day = _on(first, spoken, now, table)
    problem: WindowProblem | None = None
    if spoken.day is None and on_day.past:
        first = last = first + timedelta(days=1)
        on_day = _on(first, spoken, now, table)
    if on_day.past:
        day_certain = False
        if spoken.day is not None and spoken.day.kind == "weekday":
            step = 7
            problem = WindowProblem.PAST if spoken.day.shift == 0 else None
        else:
            step = max(1, (now.date() - first).days + 1)
            problem = WindowProblem.PAST
        first = last = first + timedelta(days=step)
        on_day = _on(first, spoken, now, table)
    end = on_day.end
    if last != first and end is not None:
        end += last - first
    if problem is None and last == first and _is_closed(on_day, table):
        problem = WindowProblem.CLOSED
    certain = on_day.certain and day_certain and problem is None
    return Window(on_day.start, end, certain, problem, on_day.begins)


def _day_after(day: Day, today: date) -> date:
    """Return the first day of work after a festival."""
    span = next_festival(day.name, today)
    return (span[1] if span else today) + timedelta(days=1)


def _within(spoken: Spoken, now: datetime) -> Window:
    minutes = timedelta(minutes=spoken.minutes_ahead or 0)
    if spoken.edge is Edge.BEFORE:
        start = _rounded(now)
        return Window(start, max(_rounded(now + minutes), start + timedelta(minutes=15)))
    start = _rounded(now + minutes)
    return Window(start, start + timedelta(hours=1))


def _until_day(first: date, now: datetime, table: DayTable) -> Window | None:
    """周五之前: from now on, and no later than the evening before it."""
    opening, closing = time(int(table.whole_day.begins)), time(int(table.whole_day.ends))
    last = datetime.combine(first - timedelta(days=1), closing, now.tzinfo)
    start = max(datetime.combine(now.date(), opening, now.tzinfo), _rounded(now))
    if start >= last:
        return Window(start, start + timedelta(hours=1), False, WindowProblem.PAST)
    return Window(start, last, certain=False)


def _is_closed(on_day: _OnDay, table: DayTable) -> bool:
    """Return whether no courier of any company would come: long before or after the day's work."""
    begins, ends = table.whole_day.begins - 2, table.whole_day.ends + 1
    start = on_day.start.hour + on_day.start.minute / 60
    if start >= ends:
        return True
    if on_day.end is None or on_day.end.date() != on_day.start.date():
        return start < begins and on_day.end is not None
    return on_day.end.hour + on_day.end.minute / 60 <= begins


_At = Callable[[float], datetime]


@dataclass(frozen=True, slots=True)
class _OnDay:
    start: datetime
    end: datetime | None
    certain: bool
    past: bool
    begins: datetime | None = None
    """Where it began, when some of it is over."""


def _days(day: Day | None, today: date) -> tuple[date, date, bool] | None:
    """Return the first and last day meant, and whether none of it is a guess."""
    if day is None:
        return today, today, True
    monday = today - timedelta(days=today.weekday())
    match day.kind:
        case "today_plus":
            return _one(today + timedelta(days=day.value), certain=True)
        case "few_days":
            return _one(today + timedelta(days=day.value), certain=False)
        case "days":
            first = today + timedelta(days=day.value)
            return first, first + timedelta(days=day.shift), False
        case "festival":
            span = next_festival(day.name, today)
            if span is None:
                return None
            first = max(span[0], today)
            return first, span[1] if day.value else first, False
        case "few_weeks":
            return today + timedelta(days=14), today + timedelta(days=30), False
        case "weekend":
            saturday = monday + timedelta(days=5 + 7 * max(day.shift, 0))
            first = max(saturday, today)
            return first, saturday + timedelta(days=1), False
        case "weekday":
            return _weekday(day, monday, today)
        case "week":
            first = monday + timedelta(days=7 * day.shift)
            return max(first, today), first + timedelta(days=6), False
        case "month_edge":
            return _month_edge(day, today)
        case "date":
            return _date(day, today)
    raise ValueError(f"no kind of day is called {day.kind!r}; see Day.kind")


def _one(day: date, *, certain: bool) -> tuple[date, date, bool]:
    return day, day, certain


def _weekday(day: Day, monday: date, today: date) -> tuple[date, date, bool]:
    meant = monday + timedelta(days=day.value)
    if day.shift > 0:
        on_sunday = today.weekday() == 6
        return _one(meant + timedelta(days=7 * day.shift), certain=not on_sunday)
    if meant < today:
        return _one(meant + timedelta(days=7), certain=day.shift < 0)
    return _one(meant, certain=True)


def _month_edge(day: Day, today: date) -> tuple[date, date, bool] | None:
    year, month = today.year, today.month
    starts_next = day.value == 1 and today.day > 5
    if day.shift > 0 or starts_next:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    if day.value == 1:
        first = max(date(year, month, 1), today)
        return first, date(year, month, 5), False
    last = date(year, month, months.monthrange(year, month)[1])
    return max(last - timedelta(days=2), today), last, False


def _date(day: Day, today: date) -> tuple[date, date, bool] | None:
    year, month = today.year, day.month or today.month
    if day.shift > 0:
        month += day.shift
    elif day.month:
        if day.month < today.month:
            year += 1
    elif day.value < today.day:
        month += 1
    if not 1 <= month <= 24:
        return None
    if month > 12:
        year, month = year + 1, month - 12
    if day.value > months.monthrange(year, month)[1]:
        return None
    return _one(date(year, month, day.value), certain=True)


def _on(day: date, spoken: Spoken, now: datetime, table: DayTable) -> _OnDay:
    part = table.parts.get(spoken.part)
    zone = now.tzinfo

    def at(hour: float) -> datetime:
        whole = datetime.combine(day, time(), zone)
        return whole + timedelta(minutes=round(hour * 60))

    if spoken.clock is None:
        return _part_on(at, part or table.whole_day, spoken.edge, now)
    hour, certain = _hour(spoken.clock, part, earliest=now if day == now.date() else None)
    if spoken.day is None and part is None and spoken.clock.hour < 12:
        certain = False
    start = at(hour)
    if spoken.until is not None:
        until_part = table.parts.get(spoken.until_part, part)
        until, _ = _hour(spoken.until, until_part, earliest=None)
        if until <= hour:
            until = until + 12 if until + 12 > hour and until + 12 <= 24 else hour + 1
        return _OnDay(start, at(until), certain, at(until) <= now)
    match spoken.edge:
        case Edge.AFTER:
            return _OnDay(start, None, certain, at(table.whole_day.ends) <= now)
        case Edge.BEFORE:
            begins = (part or table.whole_day).begins
            if begins >= hour > table.whole_day.begins:
                begins = table.whole_day.begins
            earliest = at(min(begins, hour - 1))
            if day == now.date():
                earliest = max(earliest, _rounded(now))
            return _OnDay(min(earliest, start), start, certain, start <= now)
        case Edge.ABOUT:
            half = timedelta(minutes=30)
            return _OnDay(start - half, start + half, certain, start <= now)
        case Edge.AT:
            return _OnDay(start, start + timedelta(hours=1), certain, start <= now)


def _part_on(at: _At, part: PartOfDay, edge: Edge, now: datetime) -> _OnDay:
    start, end = at(part.begins), at(part.ends)
    if edge is Edge.BEFORE:
        start, end = at(min(9.0, part.begins - 1)), start
    begins = start
    if start <= now < end:
        start = min(_rounded(now), end - timedelta(minutes=15))
    return _OnDay(start, None if edge is Edge.AFTER else end, True, end <= now, begins)


def _hour(clock: Clock, part: PartOfDay | None, earliest: datetime | None) -> tuple[float, bool]:
    """Return the hour on the 24-hour clock, and whether its half of the day is sure."""
    hour = clock.hour + clock.minutes / 60
    if clock.hour > 12 or clock.hour == 0:
        return hour, True
    if part is not None and part.afternoon is not None:
        if part.afternoon and (clock.hour < 12 and hour + 12 < 24):
            early_noon = part.begins == 12 and clock.hour >= 10
            return (hour if early_noon else hour + 12), True
        if part.afternoon and clock.hour == 12 and part.begins > 14:
            return 24.0, True
        return hour, True
    if clock.hour == 12:
        return hour, True
    likely = hour + 12 if clock.hour < 8 else hour
    if earliest is not None:
        passed = earliest.hour + earliest.minute / 60
        if likely <= passed < likely + 12 and likely < 12:
            return likely + 12, True
        if likely >= 12 and passed >= likely - 12:
            return likely, True
    return likely, False


def _rounded(moment: datetime) -> datetime:
    """Return the next quarter of an hour; nobody asks for 15:07."""
    minutes = -moment.minute % 15
    whole = moment.replace(second=0, microsecond=0)
    if moment != whole and minutes == 0:
        minutes = 15
    return whole + timedelta(minutes=minutes)
