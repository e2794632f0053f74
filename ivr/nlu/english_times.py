"""The spoken grammar of times in English, as far as delivery calls need it."""

from __future__ import annotations

import re

from ivr.nlu.day_words import Day
from ivr.nlu.time_words import Clock, Edge, Spoken, TimeSpan

_NUMBERS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
}
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_NUMBER = "|".join((*list(_NUMBERS)[1:], r"\d{1,2}"))
_WORD = re.compile(
    r"\b(?:(?P<day>the day after tomorrow|day after tomorrow|today|tonight|tomorrow"
    rf"|(?:(?P<shift>next|this) )?(?P<weekday>{'|'.join(_WEEKDAYS)})"
    rf"|in (?P<in_days>{_NUMBER}) days|(?P<weekend>(?:this |next |the )?weekend)"
    r"|(?P<week>next week))"
    r"|(?:in the |this )?(?P<part>morning|afternoon|evening|noon|night)"
    rf"|(?P<edge>after|before|around|about|at|from|until|by|past)? ?(?P<half>half past )?"
    rf"(?P<hour>{_NUMBER})(?P<thirty> thirty)?(?: ?(?P<clock>o'clock|oclock|a m|p m|am|pm))?)\b"
)
_EDGES = {
    "after": Edge.AFTER,
    "from": Edge.AFTER,
    "past": Edge.AFTER,
    "before": Edge.BEFORE,
    "until": Edge.BEFORE,
    "by": Edge.BEFORE,
    "around": Edge.ABOUT,
    "about": Edge.ABOUT,
}


def find_times(text: str) -> list[TimeSpan]:
    """Return the expressions of time in a text of English words, in order."""
    spans: list[TimeSpan] = []
    for match in _WORD.finditer(text):
        spoken = _spoken(match)
        if spoken is None:
            continue
        between = text[spans[-1].end : match.start()].strip() if spans else "x"
        if spans and between in {"", "in the", "on", "the"} and _joins(spans[-1].spoken, spoken):
            before = spans.pop()
            spans.append(TimeSpan(before.start, match.end(), before.spoken.corrected_by(spoken)))
        else:
            spans.append(TimeSpan(match.start(), match.end(), spoken))
    return spans


def _joins(earlier: Spoken, later: Spoken) -> bool:
    taken = (earlier.day and later.day) or (earlier.part and later.part)
    return not taken and not (earlier.clock and later.clock)


def _spoken(match: re.Match[str]) -> Spoken | None:
    if match["day"]:
        day = _day(match)
        return Spoken(day=day, part="evening" if match["day"] == "tonight" else "")
    if match["part"]:
        return Spoken(part="evening" if match["part"] == "night" else match["part"])
    if not (match["edge"] or match["half"] or match["clock"]):
        return None
    said = match["hour"]
    hour = _NUMBERS[said] if said in _NUMBERS else int(said)
    if hour > 24:
        return None
    clock = Clock(hour, 30 if match["half"] or match["thirty"] else 0)
    half = (match["clock"] or "").replace(" ", "")
    part = {"am": "morning", "pm": "afternoon"}.get(half, "")
    return Spoken(part=part, clock=clock, edge=_EDGES.get(match["edge"] or "", Edge.AT))


def _day(match: re.Match[str]) -> Day:
    if match["weekday"]:
        shift = {"next": 1, "this": 0}.get(match["shift"] or "", -1)
        return Day("weekday", _WEEKDAYS.index(match["weekday"]), shift)
    if match["weekend"]:
        return Day("weekend", shift=1 if "next" in match["weekend"] else -1)
    if match["week"]:
        return Day("week", shift=1)
    if match["in_days"]:
        said = match["in_days"]
        return Day("today_plus", _NUMBERS[said] if said in _NUMBERS else int(said))
    ahead = {"today": 0, "tonight": 0, "tomorrow": 1}.get(match["day"], 2)
    return Day("today_plus", ahead)
