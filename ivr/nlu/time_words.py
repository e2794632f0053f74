"""The spoken grammar of times in Chinese: which words of an utterance speak of a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ivr.nlu.day_words import AFTER, BEFORE, DAY, NUMERAL, PAST, Day, day_of
from ivr.nlu.numerals import number

_SMALL = f"(?:{NUMERAL}{{1,3}}|半)"
_SHORT_DAY_PART = r"(?P<day_part>今早|明早|后早|今晚|明晚|后晚|当晚)上?"
_PART = (
    r"(?P<part>一大早|大清早|大早上|清早|清晨|凌晨|早晨|早上|一早|头晌|上午|午前|中午|晌午|午饭(?:以后|之后|后)|午饭|午休(?:时间)?|午后|后晌|下午"
    r"|傍晚|黄昏|下晚|晚上|晚间|夜晚|大半夜|半夜|三更半夜|深更半夜|深夜|夜里|夜间"
    r"|(?:上班|上学|出门)(?:以前|之前|前)|(?<=等我)下了?班了?(?!以|之|后)|下班(?:以前|之前|前)|睡觉(?:以前|之前|前)|天黑(?:以前|之前|前)|天黑(?:了|以后|之后|后)"
    r"|下了?班(?:了|儿)?(?:以后|之后|过后|后|时间|回来|的时候|再)|放学(?:以后|之后|后)"
    r"|吃过?完?午饭(?:以后|之后|后)?|吃过?完?中饭(?:以后|之后|后)?|睡过?完?午觉(?:以后|之后|后)?"
    r"|晚饭(?:以后|之后|后)|吃过?完?了?晚饭(?:以后|之后|后)?|吃(?:完|过|了)饭(?:以后|之后|后)?|饭后"
    r"|上半天|上半晌|前半天|下半天|下半晌|后半天|白天|全天|整天|一整天|一天)"
)


def _clock(name: str) -> str:
    return (
        rf"(?P<{name}hour>{NUMERAL}{{1,3}})(?:点(?:多钟?|来钟|钟)?|时(?!候|间)|[:：])"
        rf"(?:(?P<{name}half>半)|(?P<{name}quarter>[一三])刻钟?|差(?P<{name}short>一刻|{NUMERAL}{{1,2}}分)"
        rf"|过?(?P<{name}minute>{NUMERAL}{{1,3}})分?(?!个|号|天|点|楼|单元|栋|幢|座|层|室)|整)?"
    )


_FILL = r"(?:的|那个|呃|嗯|就|在|啊|吧|嘛|时候|大概|大约|差不多)?"
_SPAN = r"(?:到|至|和|跟|与|或者|或|-|~)"
_HOME_BY_THEN = r"(?=我?(?:才能?(?!送|来)|下班|到家|回家|回来|回到家|能到家|以?后?才))"
_SUFFIX = (
    rf"(?:(?P<after>{AFTER}|开始|起)|(?P<before>{BEFORE}|为止|截止)"
    r"|(?P<about>左右|前后|上下|差不多|的?样子))"
)
_SHORT_OF = rf"差(?P<before_hour>一刻|{NUMERAL}{{1,2}}分)钟?(?:就|到)?"
_END_DAY = r"(?:(?P<end_part>早上|上午|中午|下午|傍晚|晚上))?"

_EXPRESSION = re.compile(
    rf"(?:(?:{DAY}|{_SHORT_DAY_PART}){_FILL})?(?:{_PART}{_FILL})?"
    rf"(?:(?P<early>{_SHORT_OF}|快|不到)?(?:(?P<from_hour>{NUMERAL}{{1,2}})(?:到|至))?{_clock('')}(?:(?:{AFTER}|开始)?{_SPAN}{_END_DAY}{_clock('end_')}|{_FILL})"
    rf"(?:之间|中间|的?时候)?(?P<home>{_HOME_BY_THEN})?)?(?:{_SUFFIX})?"
)
_PAST = re.compile(PAST)
_ANY_START = re.compile(
    rf"[现马立大后明今当第隔过再这那几改下本上周星礼月晚早清午中晌头傍黄夜半深三凌出睡天放吃饭白全整一差快不年节假收元除春农正情妇女三端七教国重双平圣五六劳儿十{NUMERAL[1:-1]}]"
)
_IN_A_WHILE = re.compile(
    rf"(?P<past>再?过)?(?:(?P<hours>{_SMALL})(?P<and_half>个半)?个?(?P<half_too>半)?(?:小时|钟头)|(?P<minutes>{NUMERAL}{{1,3}})分钟"
    rf"|(?P<quarters>[一三两])刻钟)(?P<then>{AFTER}|(?P<within>之内|以内|内))?"
)
_NOW = re.compile(
    r"(?:现在|马上|立刻|立马|这会儿|这就)"
    r"(?=(?:就|就能|能|可以)?(?:给我)?(?:送|来|过来|拿))"
)
_A_BIT = re.compile(r"(?:慢|快|大|响|声|低|急|重|早|晚|小|高|好|轻|多|少|远|近|有|差|便宜|清楚)$")
_A_BIT_AFTER = re.compile(r"[也都不没儿声响]|以内|意见|问题")


_SAME_PART = (
    ("(?:上班|上学|出门)", "上班前"),
    ("下班(?:以|之)?前", "下班前"),
    ("睡觉", "睡前"),
    ("天黑(?:以|之)?前", "天黑前"),
    ("天黑", "晚上"),
    ("下班|下了班", "下班"),
    ("放学", "放学"),
    ("(?:吃过?完?了?)?晚饭", "晚饭后"),
    ("(?:吃过?完?)?[午中]饭|睡过?完?午觉", "午饭后"),
    ("吃|饭后", "饭后"),
    ("午休", "中午"),
    ("午后", "午后"),
    ("上午|午前|头晌|上半|前半", "上午"),
    ("中午|晌午", "中午"),
    ("下午|后晌|下半|后半", "下午"),
    ("傍晚|黄昏|下晚", "傍晚"),
    ("凌晨", "凌晨"),
    (".*半夜|深夜", "半夜"),
    ("夜晚", "晚上"),
    ("夜", "夜里"),
    ("晚", "晚上"),
    ("白天|全天|整天|一整天|一天", "全天"),
    (".*早", "早上"),
)
"""Words for one part of the day, as the beginning of a pattern, and its name in the table."""


class Edge(StrEnum):
    """On which side of the named hour the recipient is free."""

    AT = "at"
    AFTER = "after"
    BEFORE = "before"
    ABOUT = "about"


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
    """Half an hour from now is 30; set alone, or with the edge BEFORE: within it."""
    over: bool = False
    """昨天, 上次: spoken of, but no time to deliver."""

    def corrected_by(self, later: Spoken) -> Spoken:
        """Return what is meant when `later` was said after this: the new parts replace the old."""
        if later.minutes_ahead is not None:
            return later
        if later.clock is not None and replace(later, edge=self.edge, day=self.day) == self:
            return self  # 六点吧我六点到家 says it twice.
        if later.part == "下班" and self.clock is not None and not (later.day or later.clock):
            return replace(self, edge=Edge.AFTER)  # 我五点半下班下班以后都行
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
    while start := _ANY_START.search(text, position):
        position = start.start()
        found = _over(text, position) or _relative(text, position) or _expression(text, position)
        if found is None:
            position += 1
        else:
            spans.append(found)
            position = found.end
    return spans


def _over(text: str, position: int) -> TimeSpan | None:
    match = _PAST.match(text, position)
    if match is None:
        return None
    return TimeSpan(position, match.end(), Spoken(over=True))


def _relative(text: str, position: int) -> TimeSpan | None:
    at_once = _NOW.match(text, position)
    if at_once:
        return TimeSpan(position, at_once.end(), Spoken(minutes_ahead=0))
    match = _IN_A_WHILE.match(text, position)
    if match is None or not (match["past"] or match["then"]):
        return None
    if match["minutes"]:
        ahead = number(match["minutes"]) or 0
    elif match["quarters"]:
        ahead = 15 * (number(match["quarters"]) or 0)
    else:
        hours = 0.5 if match["hours"] == "半" else float(number(match["hours"]) or 0)
        ahead = int(60 * (hours + (0.5 if match["and_half"] or match["half_too"] else 0.0)))
    edge = Edge.BEFORE if match["within"] else Edge.AT
    return TimeSpan(position, match.end(), Spoken(minutes_ahead=ahead, edge=edge))


def _expression(text: str, position: int) -> TimeSpan | None:
    match = _EXPRESSION.match(text, position)
    if match is None or match.end() == position:
        return None
    words = match.groupdict()
    day = day_of(words)
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
        if words[name.value] is not None:
            edge = name
    until = _clock_of(words, "end_")
    if edge is Edge.AT and until is None:
        if words["home"] is not None:
            edge = Edge.AFTER
        elif words["early"] in {"快", "不到"}:
            edge = Edge.ABOUT
    first = number(words["from_hour"] or "")
    if first is not None and until is None and clock is not None:
        clock, until = Clock(first), clock
    second = _second_of_two(words["hour"])
    if second is not None and until is None:
        # 五六点以后 begins at five, 五六点以前 ends at six.
        clock = second if edge is Edge.BEFORE else clock
        until = second if edge in {Edge.AT, Edge.ABOUT} else None
    spoken = Spoken(day, part, clock, until, _part(words["end_part"]), edge=edge)
    return TimeSpan(position, match.end(), spoken)


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


_TWO_HOURS = re.compile(
    "(?P<ten>十?)(?P<first>[一二两三四五六七八九])(?P<second>[二三四五六七八九])"
)


def _two_hours(said: str | None) -> tuple[int, int] | None:
    """Read 三四 in 三四点 as three to four, not as thirty-four."""
    match = _TWO_HOURS.fullmatch(said or "")
    if match is None:
        return None
    first, second = number(match["first"]) or 0, number(match["second"]) or 0
    if second != first + 1:
        return None
    tens = 10 if match["ten"] else 0
    return tens + first, tens + second


def _second_of_two(said: str | None) -> Clock | None:
    hours = _two_hours(said)
    return Clock(hours[1]) if hours else None


def _clock_of(words: Mapping[str, str | None], name: str) -> Clock | None:
    said = words[f"{name}hour"]
    hours = _two_hours(said)
    hour = hours[0] if hours else number(said or "")
    if hour is None or hour > 24:
        return None
    if words[f"{name}half"]:
        return Clock(hour, 30)
    quarter = words[f"{name}quarter"]
    if quarter:
        return Clock(hour, 15 * (number(quarter) or 0))
    short = words[f"{name}short"] or (words["before_hour"] if not name else None)
    if short and hour > 0:
        missing = 15 if "刻" in short else number(short.removesuffix("分")) or 0
        return Clock(hour - 1, 60 - missing) if 0 < missing < 60 else Clock(hour)
    minute = number(words[f"{name}minute"] or "") or 0
    return Clock(hour, minute if minute < 60 else 0)
