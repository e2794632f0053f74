"""A retry table in words, as an operator reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from campaigns.labels import LabelLanguage, Shelf, label
from campaigns.retry_table import REACHED, Consequence, Pace, RetryRule, RetryTable
from store.types import Disposition, Outcome


@dataclass(frozen=True, slots=True)
class RuleWords:
    """One row of a table."""

    clock: str
    """On which clock such a call counts."""
    end: str
    """How the call ended, with its outcome where that matters."""
    again: str
    """When we call again."""
    then: str
    """What follows beside that; empty for nothing."""


_CLOCKS: Final[Mapping[str, Mapping[LabelLanguage, str]]] = MappingProxyType(
    {
        "not_reached": {"zh": "未接通", "en": "not reached"},
        "unfinished": {"zh": "接通未谈妥", "en": "reached, unfinished"},
        "ours": {"zh": "不计次数", "en": "doesn't count"},
    }
)
_ORDER: Final = ("not_reached", "unfinished", "ours")
_THEN: Final[Mapping[Consequence, Mapping[LabelLanguage, str]]] = MappingProxyType(
    {
        Consequence.MERCHANT_TICKET: {
            "zh": "开工单请商家更正号码",
            "en": "a ticket asks the merchant for the right number",
        },
        Consequence.SHORT_SCRIPT: {
            "zh": "下次用简短开场",
            "en": "the next call opens with the short script",
        },
        Consequence.MESSAGE: {
            "zh": "不再拨打时发短信",
            "en": "a text message when no call follows",
        },
        Consequence.AGENT_READY: {
            "zh": "下次必须有坐席等着",
            "en": "the next call only with an agent kept for it",
        },
    }
)
_SENTENCES: Final[Mapping[str, Mapping[LabelLanguage, str]]] = MappingProxyType(
    {
        "never": {"zh": "不再拨打", "en": "never"},
        "exactly": {"zh": "按客户说的时间准点拨打", "en": "exactly when the recipient said"},
        "minutes": {"zh": "{wait}后", "en": "after {wait}"},
        "later_today": {
            "zh": "当天 {wait}后(来不及就依次缩短),当天没有空就下一个时段",
            "en": "later the same day, after {wait}, whichever fits first; else the next window",
        },
        "next_window": {
            "zh": "换一个时段(上午/下午/晚上)或第二天{least}",
            "en": "in another part of the day, or the next day{least}",
        },
        "least": {"zh": ",至少隔 {wait}", "en": ", at least {wait} later"},
        "sooner": {
            "zh": ";如果那时已经太晚,就 {wait}后",
            "en": "; after {wait} if that were too late",
        },
        "or": {"zh": "、", "en": ", "},
    }
)
_LIMITS: Final[Mapping[LabelLanguage, str]] = MappingProxyType(
    {
        "zh": "一共最多 {0} 次,其中接通没谈妥的最多 {1} 次;线路故障不计,最多 {2} 次;"
        "客户指定的时间另外最多 {3} 次。",
        "en": "At most {0} calls, {1} of them answered without settling anything; calls that the "
        "trunk lost don't count, up to {2}; {3} more at times that the recipient names.",
    }
)


def rows_of(table: RetryTable, language: LabelLanguage) -> Iterator[RuleWords]:
    """Yield the rules of a table, those for calls that reached nobody first."""
    order = sorted(
        table.rules, key=lambda key: (_clock(key[0]) != "not_reached", key[0] in REACHED)
    )
    for disposition, outcome in order:
        rule = table.rules[disposition, outcome]
        yield RuleWords(
            _CLOCKS[_clock(disposition)][language],
            _end(disposition, outcome, language),
            when_of(rule, language),
            _SENTENCES["or"][language].join(_THEN[each][language] for each in rule.then),
        )


def limits_of(table: RetryTable, language: LabelLanguage) -> str:
    """Return how often a contact is called at most."""
    limits = table.limits
    return _LIMITS[language].format(
        limits.max_attempts, limits.max_unfinished, limits.max_trunk_failures, limits.max_asked_for
    )


def when_of(rule: RetryRule, language: LabelLanguage) -> str:
    """Return when a rule calls again."""
    between = _SENTENCES["or"][language]
    if rule.pace is Pace.MINUTES:
        between = {"zh": "后,再 ", "en": ", then "}[language]
    waits = between.join(_duration(each, language) for each in rule.minutes)
    least = ""
    if rule.pace is Pace.NEXT_WINDOW and any(rule.minutes):
        least = _SENTENCES["least"][language].format(wait=waits)
    text = _SENTENCES[rule.pace.value][language].format(wait=waits, least=least)
    if rule.sooner is None:
        return text
    return text + _SENTENCES["sooner"][language].format(wait=_duration(rule.sooner, language))


def _clock(disposition: Disposition) -> str:
    if disposition is Disposition.TRUNK_FAILURE:
        return "ours"
    return "unfinished" if disposition in REACHED else "not_reached"


def _end(disposition: Disposition, outcome: Outcome | None, language: LabelLanguage) -> str:
    end = label(Shelf.DISPOSITION, disposition.value, language)
    if outcome is None:
        return end
    return f"{end} · {label(Shelf.OUTCOME, outcome.value, language)}"


def _duration(minutes: float, language: LabelLanguage) -> str:
    hours, rest = divmod(minutes, 60)
    if minutes >= 60 and not rest:
        return f"{hours:g} {'小时' if language == 'zh' else 'h'}"
    return f"{minutes:g} {'分钟' if language == 'zh' else 'min'}"
