"""The spoken grammar of times in English, as far as delivery calls need it."""

from __future__ import annotations

import re
from dataclasses import replace

from ivr.nlu.day_words import Day
from ivr.nlu.english_numbers import ORDINAL, number, ordinal
from ivr.nlu.time_words import Clock, Edge, Spoken, TimeSpan

_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_MINUTES = (
    r"(?:twenty|thirty|forty|fifty)(?: (?:one|two|three|four|five|six|seven|eight|nine))?"
    r"|oh five|ten|fifteen|[0-5]\d"
)
_SMALL = (
    rf"(?:{_HOURS}|fifteen|twenty|thirty|forty five|forty|fifty|\d{{1,2}}"
    r"|a couple of|a few|half an|an|a)"
)
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH_NAMES = (
    "january february march april may june july august september october november december"
)
_MONTHS = _MONTH_NAMES.split()
_HOLIDAYS = {"christmas": "圣诞", "new year": "元旦", "new year's": "元旦"}
_HALF_OF_DAY = (
    r"o'clock|oclock|a m|p m|am|pm|in the morning|in the afternoon|in the evening|at night"
)


def _clock(name: str) -> str:
    return (
        rf"(?:(?P<{name}past>half past|(?:quarter|ten|twenty|five) (?:past|to)) )?"
        rf"(?P<{name}hour>{_HOURS}|\d{{1,2}})"
        rf"(?: (?P<{name}minute>{_MINUTES})(?! (?:minutes|hours|days)))?"
        rf"(?: ?(?P<{name}half>{_HALF_OF_DAY}))?"
    )


_IN_A_WHILE = re.compile(
    rf"\b(?:in|after|within|give me) (?P<count>{_SMALL}) (?P<and_half>and a half )?"
    r"(?P<unit>minutes?|hours?)(?P<too> and a half)?\b"
)
_DAY = re.compile(
    r"\b(?:on |by |until |till |before |after )?(?:the )?"
    r"(?:(?P<plain>the day after tomorrow|day after tomorrow|today|tonight|tomorrow)"
    rf"|(?P<shift>next |this |coming )?(?P<weekday>{'|'.join(_WEEKDAYS)})"
    rf"|in (?P<in_count>{_HOURS}|\d{{1,2}}|a couple of|a few) (?P<in_unit>days?|weeks?)"
    r"|(?P<weekend>(?:this |next |the )?weekend)|(?P<week>next week)|(?P<month>next month)"
    r"|(?P<edge_of_month>(?:end|beginning|start) of (?:the|this|next) month)"
    rf"|(?P<of_month>{'|'.join(_MONTHS)}) (?:the )?(?P<month_date>{ORDINAL})"
    rf"|(?P<date>{ORDINAL})(?: of (?P<date_month>{'|'.join(_MONTHS)}))?"
    rf"|(?P<holiday>{'|'.join(sorted(_HOLIDAYS, key=len, reverse=True))})(?: day| eve)?)\b"
    r"(?! (?:floor|street|avenue|road|time|thing|one|door|flat|class))"
)
_PART = re.compile(
    r"\b(?:(?P<edge>before|until|after|by) )?(?:in the |this |at |around |the |during the )?"
    r"(?P<part>early morning|late morning|first thing|morning|midday|noon|lunch ?time|after lunch"
    r"|lunch"
    r"|early afternoon|late afternoon|afternoon|evening|after work|after dinner|before work|all day"
    r"|midnight|night)\b"
)
_CLOCK = re.compile(
    rf"\b(?:(?P<between>between|from) {_clock('a_')} (?:and|to|till|until) {_clock('z_')}"
    rf"|(?P<edge>any time after|anytime after|not before|after|before|around about|around|about|at"
    rf"|from|until|till|by|past)? ?{_clock('')}"
    rf"(?: (?:to|till|until) {_clock('to_')})?(?P<or_later> or later| onwards)?)\b"
)
_EDGES = {
    "any time after": Edge.AFTER,
    "anytime after": Edge.AFTER,
    "not before": Edge.AFTER,
    "after": Edge.AFTER,
    "from": Edge.AFTER,
    "past": Edge.AFTER,
    "before": Edge.BEFORE,
    "until": Edge.BEFORE,
    "till": Edge.BEFORE,
    "by": Edge.BEFORE,
    "around": Edge.ABOUT,
    "around about": Edge.ABOUT,
    "about": Edge.ABOUT,
}
_PARTS = {
    "early morning": "morning",
    "late morning": "morning",
    "first thing": "morning",
    "midday": "noon",
    "lunchtime": "noon",
    "lunch time": "noon",
    "lunch": "noon",
    "after lunch": "afternoon",
    "early afternoon": "afternoon",
    "late afternoon": "afternoon",
    "after work": "evening",
    "after dinner": "evening",
    "before work": "morning",
    "all day": "",
}
_HALVES = {
    "am": "morning",
    "a m": "morning",
    "in the morning": "morning",
    "pm": "afternoon",
    "p m": "afternoon",
    "in the afternoon": "afternoon",
    "in the evening": "evening",
    "at night": "evening",
}
_GLUE = {"", "in the", "on", "the", "at", "around", "in", "sometime", "some time", "like", "please"}


def find_times(text: str) -> list[TimeSpan]:
    """Return the expressions of time in a text of English words, in order."""
    spans: list[TimeSpan] = []
    for start, end, spoken in _apart(_found(text)):
        between = text[spans[-1].end : start].strip() if spans else "x"
        if spans and between in _GLUE and _joins(spans[-1].spoken, spoken):
            before = spans.pop()
            spans.append(TimeSpan(before.start, end, _joined(before.spoken, spoken)))
        else:
            spans.append(TimeSpan(start, end, spoken))
    return spans


_Found = tuple[int, int, Spoken]


def _found(text: str) -> list[_Found]:
    found: list[_Found] = [
        (match.start(), match.end(), _ahead(match)) for match in _IN_A_WHILE.finditer(text)
    ]
    for match in _DAY.finditer(text):
        day = _day(match)
        if day is not None:
            words = match.group()
            edge = _EDGES.get(words.split()[0], Edge.AT)
            part = "evening" if match["plain"] == "tonight" else ""
            found.append((match.start(), match.end(), Spoken(day=day, part=part, edge=edge)))
    for match in _PART.finditer(text):
        part = _PARTS.get(match["part"], match["part"])
        edge = _EDGES.get(match["edge"] or "", Edge.AT)
        if part:
            found.append((match.start(), match.end(), Spoken(part=part, edge=edge)))
    for match in _CLOCK.finditer(text):
        spoken = _spoken(match)
        if spoken is not None:
            found.append((match.start(), match.end(), spoken))
    return found


def _apart(found: list[_Found]) -> list[_Found]:
    """Keep of overlapping finds the longest, in order."""
    kept: list[_Found] = []
    for one in sorted(found, key=lambda each: each[0] - each[1]):
        if all(one[1] <= other[0] or one[0] >= other[1] for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda each: each[0])


def _joins(earlier: Spoken, later: Spoken) -> bool:
    if earlier.minutes_ahead is not None or later.minutes_ahead is not None:
        return False
    taken = (earlier.day and later.day) or (earlier.part and later.part)
    return not taken and not (earlier.clock and later.clock)


def _joined(earlier: Spoken, later: Spoken) -> Spoken:
    edge = earlier.edge if later.edge is Edge.AT else later.edge
    return Spoken(
        day=earlier.day or later.day,
        part=earlier.part or later.part,
        clock=earlier.clock or later.clock,
        until=earlier.until or later.until,
        edge=edge,
    )


def _ahead(match: re.Match[str]) -> Spoken:
    counted = match["count"]
    count = {"a": 1.0, "an": 1.0, "half an": 0.5, "a couple of": 2.0, "a few": 3.0}.get(counted)
    if count is None:
        count = float(number(counted) or 0)
    if match["and_half"] or match["too"]:
        count += 0.5
    minutes = count * (60 if match["unit"].startswith("hour") else 1)
    edge = Edge.BEFORE if match.group().startswith("within") else Edge.AT
    return Spoken(minutes_ahead=int(minutes), edge=edge)


def _spoken(match: re.Match[str]) -> Spoken | None:
    if match["between"]:
        begins, ends = _clock_of(match, "a_"), _clock_of(match, "z_")
        part = _half(match, "a_") or _half(match, "z_")
        return replace(_named(begins, part), until=ends) if begins and ends else None
    edge = match["edge"]
    until = _clock_of(match, "to_") if match["to_hour"] else None
    named = edge or match["past"] or match["half"] or until or match["or_later"]
    clock = _clock_of(match, "")
    if clock is None or not (named or match["minute"]):
        return None
    if match["or_later"]:
        edge = "after"
    part = _half(match, "") or (_half(match, "to_") if until else "")
    spoken = _named(clock, part)
    return replace(
        spoken, until=until, edge=_EDGES.get(edge or "", Edge.AT) if not until else Edge.AT
    )


def _named(clock: Clock | None, part: str) -> Spoken:
    return Spoken(part=part, clock=clock)


def _half(match: re.Match[str], name: str) -> str:
    return _HALVES.get(match[f"{name}half"] or "", "")


def _clock_of(match: re.Match[str], name: str) -> Clock | None:
    hour = number(match[f"{name}hour"])
    if hour is None or hour > 24:
        return None
    past = match[f"{name}past"]
    if past:
        minutes = {"half": 30, "quarter": 15}.get(past.split()[0]) or number(past.split()[0]) or 0
        if past.endswith("to"):
            return Clock(hour - 1 if hour > 1 else 12, 60 - minutes)
        return Clock(hour, minutes)
    minute = number((match[f"{name}minute"] or "zero").replace("oh ", ""))
    return Clock(hour, minute or 0)


def _day(match: re.Match[str]) -> Day | None:
    if match["weekday"]:
        shift = {"next": 1, "this": 0, "coming": 0}.get((match["shift"] or "").strip(), -1)
        return Day("weekday", _WEEKDAYS.index(match["weekday"]), shift)
    if match["weekend"]:
        return Day("weekend", shift=1 if "next" in match["weekend"] else -1)
    if match["week"]:
        return Day("week", shift=1)
    if match["month"]:
        return Day("few_weeks")
    if match["edge_of_month"]:
        said = match["edge_of_month"]
        return Day("month_edge", int(not said.startswith("end")), int("next" in said))
    if match["in_count"]:
        said = match["in_count"]
        few = {"a couple of": 2, "a few": 3}.get(said)
        week = 7 if match["in_unit"].startswith("week") else 1
        return Day("few_days" if few else "today_plus", week * (few or number(said) or 0))
    if match["holiday"]:
        return Day("festival", name=_HOLIDAYS[match["holiday"]])
    if match["month_date"] or match["date"]:
        month = match["of_month"] or match["date_month"]
        value = ordinal(match["month_date"] or match["date"])
        if value is None or (not month and not match.group().startswith(("on", "the", "by"))):
            return None
        return Day("date", value, -1, _MONTHS.index(month) + 1 if month else 0)
    ahead = {"today": 0, "tonight": 0, "tomorrow": 1}.get(match["plain"], 2)
    return Day("today_plus", ahead)
