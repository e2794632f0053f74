"""The spoken grammar of times in Chinese: which words of an utterance speak of a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ivr.nlu.numerals import number

_NUMERAL = "[零〇一二两三四五六七八九十0-9]"
_SMALL = f"(?:{_NUMERAL}{{1,3}}|半)"
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "七": 6}

_DAY = (
    r"(?P<day>大后天|后天|明天|明日|明儿个?|今天|今日|今儿个?|后儿|当天|第二天|隔天"
    rf"|(?P<in_days>{_NUMERAL}{{1,3}})天(?:以后|之后|过后|后)"
    rf"|过(?P<pass_days>[三四五六七八九十])天"
    r"|(?P<few_days>过(?:了)?(?:一)?(?:几|两)(?:三)?天|(?:这|那)?几天(?:以后|之后|后))"
    r"|(?P<few_weeks>过(?:几|两)(?:个)?(?:周|星期|礼拜)|下(?:个)?月(?!底|初|[一二三四五六七八九十]))"
    r"|(?P<weekend>(?P<weekend_shift>下下|下|这|本)?个?(?:周|星期|礼拜)末)"
    r"|(?P<weekday>(?P<week_shift>下下|下|这|本|上)?个?(?:周|星期|礼拜)(?P<weekday_name>[一二三四五六日天七])(?!点|个|次|分))"
    r"|(?P<week>(?P<whole_week_shift>下下|下|这|本)个?(?:周|星期|礼拜))"
    r"|(?P<month_end>(?:这个|本|下个?)?月(?P<month_edge>底|末|初))"
    rf"|(?:(?P<month>{_NUMERAL}{{1,2}})月(?:份)?|(?P<next_month>下个?月)|这个月|本月)?"
    rf"(?P<date>{_NUMERAL}{{1,3}})(?:号|日)(?!楼|院|门|栋|座|幢|线|店|柜|单元|[零〇一二两三四五六七八九十0-9]))"
)
_SHORT_DAY_PART = r"(?P<day_part>今早|明早|后早|今晚|明晚|后晚|当晚)上?"
_PART = (
    r"(?P<part>一大早|大清早|清早|清晨|早晨|早上|一早|上午|午前|中午|午饭|午后|下午|傍晚|黄昏|晚上|晚间|夜里|夜间|半夜"
    r"|下了?班(?:了)?(?:以后|之后|过后|后|时间|回来)|放学(?:以后|之后|后)|午饭(?:以后|之后|后)|吃过?完?午饭(?:以后|之后|后)?"
    r"|晚饭(?:以后|之后|后)|吃过?完?晚饭(?:以后|之后|后)?|白天|全天|整天|一整天|一天)"
)
_AFTER = r"(?:以后|之后|过后|往后|一后|已后|后头|后(?!天|面|门))"
_BEFORE = r"(?:以前|之前|前头|一前|已前|前(?!天|面|门|台|几))"


def _clock(name: str) -> str:
    return (
        rf"(?P<{name}hour>{_NUMERAL}{{1,3}})(?:点钟?|时(?!候|间)|[:：])"
        rf"(?:(?P<{name}half>半)|(?P<{name}quarter>[一三])刻钟?|过?(?P<{name}minute>{_NUMERAL}{{1,3}})分?(?!个|号|天|点|楼|单元)|整)?"
    )


_FILL = r"(?:的|那个|呃|嗯|就|在|啊|吧|嘛|时候)?"
_SPAN = r"(?:到|至|和|跟|与|或者|或|-|~)"
_SUFFIX = rf"(?:(?P<after>{_AFTER})|(?P<before>{_BEFORE})|(?P<about>左右|前后|上下|差不多|的?样子))"

_EXPRESSION = re.compile(
    rf"(?:(?:{_DAY}|{_SHORT_DAY_PART}){_FILL})?(?:{_PART}{_FILL})?"
    rf"(?:{_clock('')}(?:(?:{_AFTER}|开始)?{_SPAN}(?:(?P<end_part>早上|上午|中午|下午|傍晚|晚上))?{_clock('end_')}|{_FILL})"
    rf"(?:之间|中间)?)?(?:{_SUFFIX})?"
)
_ANY_START = re.compile(
    rf"[大后明今当第隔过这那几改下本上周星礼月晚早清午中傍黄夜半放吃白全整一{_NUMERAL[1:-1]}]"
)
_IN_A_WHILE = re.compile(
    rf"(?:(?P<hours>{_SMALL})(?P<and_half>个半)?个?(?:小时|钟头)|(?P<minutes>{_NUMERAL}{{1,3}})分钟"
    rf"|(?P<quarters>[一三两])刻钟){_AFTER}"
)
_A_BIT = re.compile(r"(?:慢|快|大|早|晚|小|高|好|轻|多|少|远|近|有|差|便宜|清楚)$")
_A_BIT_AFTER = re.compile(r"[也都不儿声响]|以内|意见|问题")


_SAME_PART = (
    ("下班|下了班", "下班"),
    ("放学", "放学"),
    ("吃?过?完?晚饭", "晚饭后"),
    ("吃?过?完?午饭", "午饭后"),
    ("午后", "午后"),
    ("上午|午前", "上午"),
    ("中午", "中午"),
    ("下午", "下午"),
    ("傍晚|黄昏", "傍晚"),
    ("夜|半夜", "夜里"),
    ("晚", "晚上"),
    ("白天|全天|整天|一整天|一天", "全天"),
    (".*[早晨]", "早上"),
)
"""Words for one part of the day, as the beginning of a pattern, and its name in the table."""


class Edge(StrEnum):
    """On which side of the named hour the recipient is free."""

    AT = "at"
    AFTER = "after"
    BEFORE = "before"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was said, not yet on the calendar."""

    kind: str
    """today_plus, few_days, weekday, weekend, week, month_edge, few_weeks, date."""
    value: int = 0
    shift: int = 0
    """Weeks or months ahead that were named; -1: none was."""
    month: int = 0


@dataclass(frozen=True, slots=True)
class Clock:
    """An hour as it was said; `minutes` is past the hour."""

    hour: int
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Spoken:
    """One expression of time; what was not said is None or empty."""

    day: Day | None = None
    part: str = ""
    """The Chinese word; the phrase file says from when to when it lasts."""
    clock: Clock | None = None
    until: Clock | None = None
    until_part: str = ""
    edge: Edge = Edge.AT
    minutes_ahead: int | None = None
    """Half an hour from now is 30; set alone."""

    def corrected_by(self, later: Spoken) -> Spoken:
        """Return what is meant when `later` was said after this: the new parts replace the old."""
        if later.minutes_ahead is not None:
            return later
        if later.clock is None and not later.part:
            edge = self.edge if later.edge is Edge.AT else later.edge
            return replace(self, day=later.day or self.day, edge=edge, minutes_ahead=None)
        merged = replace(later, day=later.day or self.day)
        if not later.part and later.clock is not None:
            return replace(merged, part=self.part if later.clock.hour <= 12 else "")
        return merged


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """Where in the text a time was said."""

    start: int
    end: int
    spoken: Spoken


def find_times(text: str) -> list[TimeSpan]:
    """Return the expressions of time in a text of Hanzi, in order."""
    spans: list[TimeSpan] = []
    position = 0
    while position < len(text):
        if not _ANY_START.match(text, position):
            position += 1
            continue
        found = _relative(text, position) or _expression(text, position)
        if found is None:
            position += 1
        else:
            spans.append(found)
            position = found.end
    return spans


def _relative(text: str, position: int) -> TimeSpan | None:
    match = _IN_A_WHILE.match(text, position)
    if match is None:
        return None
    if match["minutes"]:
        ahead = number(match["minutes"]) or 0
    elif match["quarters"]:
        ahead = 15 * (number(match["quarters"]) or 0)
    else:
        hours = 0.5 if match["hours"] == "半" else float(number(match["hours"]) or 0)
        ahead = int(60 * (hours + (0.5 if match["and_half"] else 0.0)))
    return TimeSpan(position, match.end(), Spoken(minutes_ahead=ahead))


def _expression(text: str, position: int) -> TimeSpan | None:
    match = _EXPRESSION.match(text, position)
    if match is None or match.end() == position:
        return None
    words = match.groupdict()
    day = _day(words)
    part = _part(words["part"])
    if words["day_part"]:
        part = part or ("早上" if "早" in words["day_part"] else "晚上")
    clock = _clock_of(words, "")
    if clock is not None and _is_a_bit(text, match):
        return None
    if day is None and not part and clock is None:
        return None
    if part == "全天" and day is None and clock is None:
        return None
    edge = Edge.AT
    for name in (Edge.AFTER, Edge.BEFORE, Edge.ABOUT):
        if words[name.value]:
            edge = name
    end = match.end()
    spoken = Spoken(day, part, clock, _clock_of(words, "end_"), _part(words["end_part"]), edge=edge)
    return TimeSpan(position, end, spoken)


def _part(said: str | None) -> str:
    for pattern, name in _SAME_PART:
        if said and re.match(pattern, said):
            return name
    return ""


def _is_a_bit(text: str, match: re.Match[str]) -> bool:
    """Tell 慢一点 and 一点也不 from one o'clock."""
    if match["hour"] != "一" or match["part"] or match["day"] or match["day_part"]:
        return False
    if match["half"] or match["quarter"] or match["minute"] or match["end_hour"]:
        return False
    return bool(_A_BIT.search(text[: match.start()]) or _A_BIT_AFTER.match(text, match.end()))


def _clock_of(words: Mapping[str, str | None], name: str) -> Clock | None:
    hour = number(words[f"{name}hour"] or "")
    if hour is None or hour > 24:
        return None
    if words[f"{name}half"]:
        return Clock(hour, 30)
    quarter = words[f"{name}quarter"]
    if quarter:
        return Clock(hour, 15 * (number(quarter) or 0))
    minute = number(words[f"{name}minute"] or "") or 0
    return Clock(hour, minute if minute < 60 else 0)


_SHIFTS = {"下下": 2, "下": 1, "这": 0, "本": 0}
_SIMPLE_DAYS = (
    ("大后天", 3),
    ("后", 2),
    ("明", 1),
    ("第二天", 1),
    ("隔天", 1),
    ("今", 0),
    ("当", 0),
)


def _day(words: Mapping[str, str | None]) -> Day | None:
    said = words["day"] or words["day_part"]
    if not said:
        return None
    for name in ("in_days", "pass_days"):
        if words[name]:
            return Day("today_plus", number(words[name] or "") or 0)
    if words["few_days"]:
        return Day("few_days", 2)
    if words["few_weeks"]:
        return Day("few_weeks")
    if words["weekend"]:
        return Day("weekend", shift=_SHIFTS.get(words["weekend_shift"] or "", -1))
    if words["weekday"]:
        value = _WEEKDAYS[words["weekday_name"] or ""]
        return Day("weekday", value, _SHIFTS.get(words["week_shift"] or "", -1))
    if words["week"]:
        return Day("week", shift=_SHIFTS[words["whole_week_shift"] or ""])
    if words["month_end"]:
        return Day("month_edge", int(words["month_edge"] == "初"), int("下" in said))
    if words["date"]:
        value = number(words["date"]) or 0
        if not 1 <= value <= 31:
            return None
        month = number(words["month"] or "") or 0
        return Day("date", value, 1 if words["next_month"] else -1, month)
    for beginning, days in _SIMPLE_DAYS:
        if said.startswith(beginning):
            return Day("today_plus", days)
    return None
