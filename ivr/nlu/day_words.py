"""The spoken grammar of days in Chinese: 大后天, 下礼拜三, 月底, 三五天后, 国庆以后."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.nlu import holidays
from ivr.nlu.numerals import number

NUMERAL = "[零〇一二两三四五六七八九十0-9]"
AFTER = r"(?:以后|之后|过后|往后|一后|已后|后头|后(?!天|面|门|备|来))"
BEFORE = r"(?:以前|之前|前头|一前|已前|前(?!天|面|门|台|几|头|两天|后))"

_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "七": 6}
_WEEK = "(?:周|星期|礼拜)"

PAST = (
    r"昨天|昨日|昨晚|昨儿|前天|大前天|前几天|前两天|前些天|前一阵|上次|上回|刚才|刚刚"
    rf"|上上?个?(?:{_WEEK}[一二三四五六日天末]?|月)"
)
"""Days which are over: nobody wants a delivery then."""

DAY = (
    r"(?P<day>(?P<two_days>今明两?天|明后两?天|明天后天(?!吧|上午|下午|晚上)|这两天)|大后天|后天|后日|明天|明日|明朝|明儿个?|明个儿?|今天|今日|今朝|今儿个?|今个儿?|后儿个?|当天|第二天|隔天"
    rf"|(?:过|再等)个?(?P<few>三五|两三|三四|四五|五六|一两)天(?:{AFTER})?"
    rf"|(?P<few_after>三五|两三|三四|四五|五六|一两)天{AFTER}"
    rf"|(?P<in_days>{NUMERAL}{{1,3}})天{AFTER}|过(?P<pass_days>[三四五六七八九十])天(?:{AFTER})?"
    rf"|(?P<in_weeks>[一两三])个?{_WEEK}{AFTER}|过(?P<pass_weeks>[一三])个?{_WEEK}(?![一二三四五六日天末])"
    rf"|(?P<half_month>半个月)(?:{AFTER})|(?P<in_months>[一两三])个月{AFTER}"
    r"|(?P<few_days>过(?:了)?(?:一)?(?:几|两)(?:三)?天|(?:这|那)?几天(?:以后|之后|后))"
    rf"|(?P<few_weeks>过(?:几|两)(?:个)?{_WEEK}|下(?:个)?月(?!底|初|[一二三四五六七八九十]))"
    rf"|(?P<weekend>(?P<weekend_shift>下下|下|这|本)?个?{_WEEK}末)"
    rf"|(?P<weekday>(?P<week_shift>下下|下|这|本)?个?{_WEEK}(?P<weekday_name>[一二三四五六日天七])(?!点|个|次|分))"
    rf"|(?P<week>(?P<whole_week_shift>下下|下|这|本)个?{_WEEK})"
    r"|(?P<month_end>(?:这个|本|下个?)?月(?P<month_edge>底|末|初))"
    rf"|(?P<festival>{holidays.NAMES})(?:节)?(?P<festival_holiday>假期|期间|放假|长假)?(?:那天|当天)?"
    rf"|(?P<some_holiday>年|节|过完节|过了节|假期?|放完假|收假)(?=(?:完|以后|之后|过后|后(?!天)|前(?!台|面)|以前|之前))"
    rf"|(?P<new_year_over>过(?:完|了)年)"
    rf"|(?P<bare_month>{NUMERAL}{{1,2}})月份?(?P<bare_date>(?:二十|三十|十)?{NUMERAL}|二十|三十|十)(?![号日个{NUMERAL[1:-1]}])"
    rf"|(?:(?P<month>{NUMERAL}{{1,2}})月(?:份)?|(?P<next_month>下个?月)|这个月|本月)?"
    rf"(?P<date>{NUMERAL}{{1,3}})(?:号|日)(?!楼|院|门|栋|座|幢|线|店|柜|单元|{NUMERAL}))"
)

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
_FEW = {"三五": 3, "两三": 2, "三四": 3, "四五": 4, "五六": 5, "一两": 1}


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was said, not yet on the calendar."""

    kind: str
    """today_plus, few_days, days, weekday, weekend, week, month_edge, few_weeks, date, festival."""
    value: int = 0
    shift: int = 0
    """Weeks or months ahead that were named; -1: none was. Days that follow the first of `days`."""
    month: int = 0
    name: str = ""
    """Of a festival; empty: the next one."""


def day_of(words: Mapping[str, str | None]) -> Day | None:
    """Return the day the groups of DAY (and `day_part`) speak of; None when there is none."""
    said = words["day"] or words["day_part"]
    if not said:
        return None
    if words["two_days"]:
        return Day("days", 1 if said.startswith("明") else 0, 1)
    ahead = _days_ahead(words)
    if ahead is not None:
        return ahead
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
    if words["festival"]:
        return Day("festival", int(bool(words["festival_holiday"])), name=words["festival"])
    if words["some_holiday"] or words["new_year_over"]:
        return Day("festival", name="年" if "年" in said else "")
    date = words["date"] or words["bare_date"]
    if date:
        value = number(date) or 0
        if not 1 <= value <= 31:
            return None
        month = number(words["month"] or words["bare_month"] or "") or 0
        return Day("date", value, 1 if words["next_month"] else -1, month)
    for beginning, days in _SIMPLE_DAYS:
        if said.startswith(beginning):
            return Day("today_plus", days)
    return None


def _days_ahead(words: Mapping[str, str | None]) -> Day | None:
    few = words["few"] or words["few_after"]
    if few:
        return Day("few_days", _FEW[few])
    for name in ("in_days", "pass_days"):
        if words[name]:
            return Day("today_plus", number(words[name] or "") or 0)
    for name in ("in_weeks", "pass_weeks"):
        if words[name]:
            return Day("today_plus", 7 * (number(words[name] or "") or 0))
    if words["half_month"]:
        return Day("few_days", 15)
    if words["in_months"]:
        return Day("few_days", 30 * (number(words["in_months"] or "") or 0))
    return None
