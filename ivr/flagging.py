"""Flagging: what makes a call worth a person's eye, by the rules of `flagging.yaml`; pure.

    heard -> flagged(rules, so_far, heard) -> (so_far, new flags)

A rule fires once in a call, on the first utterance that fits it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from statistics import median
from types import MappingProxyType

import yaml

from ivr.meaning import FactValue, Intent
from ivr.people import Flag, Line

FEN = 100
FEWEST_LEVELS = 4
"""So many utterances must have been heard before one of them can be called loud."""
PLAIN_PRIORITY = 10
"""Of a wish for a person that no rule speaks of."""
AGAIN_PRIORITY = 100
"""Added for a customer whose agent was lost: he has waited before."""


@dataclass(frozen=True, slots=True)
class FlagRule:
    """One rule of `flagging.yaml`; what it doesn't look at is empty."""

    id: str
    priority: int
    line: Line
    transfer: bool
    label: Mapping[str, str]
    intents: frozenset[Intent] = frozenset()
    words: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    """By the language's first two letters."""
    unless: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    misses: int = 0
    louder_by: float = 0.0
    """Decibels above the person's own median."""
    utterances: int = 0
    vip: bool = False
    value_from: int = 0
    """Yuan."""

    def flag(self, words: str) -> Flag:
        """Return the flag that this rule raises for what was said."""
        return Flag(self.id, self.priority, self.line, self.label, words, self.transfer)


@dataclass(frozen=True, slots=True)
class HeardBy:
    """One utterance as the rules see it."""

    text: str
    intents: frozenset[Intent] = frozenset()
    level_dbfs: float | None = None
    """None: a key was pressed."""
    misses: int = 0
    """Answers in a row that the open question could not use."""
    problem: bool = False
    """Something is wrong with the parcel, or the customer complains."""


@dataclass(frozen=True, slots=True)
class FlaggedSoFar:
    """What the rules remember of a call."""

    language: str
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    raised: tuple[Flag, ...] = ()
    levels: tuple[float, ...] = ()

    @property
    def highest(self) -> Flag | None:
        """The flag that decides who is served first."""
        return max(self.raised, key=lambda flag: flag.priority, default=None)


@cache
def flag_rules() -> tuple[FlagRule, ...]:
    """Return the rules that ship with Menling, in the order of their file."""
    table = yaml.safe_load((files("ivr") / "flagging.yaml").read_text(encoding="utf-8"))
    return tuple(_rule(name, given) for name, given in table.items())


def flagged(
    rules: tuple[FlagRule, ...], so_far: FlaggedSoFar, heard: HeardBy
) -> tuple[FlaggedSoFar, tuple[Flag, ...]]:
    """Return what the rules remember after one more utterance, and the flags that are new."""
    if heard.level_dbfs is not None:
        so_far = replace(so_far, levels=(*so_far.levels, heard.level_dbfs))
    known = {flag.rule for flag in so_far.raised}
    new: list[Flag] = []
    for rule in rules:
        problem = heard.problem or bool(new)
        fits = _fits(rule, so_far, replace(heard, problem=problem))
        if rule.id not in known and fits:
            new.append(rule.flag(heard.text))
    return replace(so_far, raised=(*so_far.raised, *new)), tuple(new)


def wanted_by(so_far: FlaggedSoFar, reason: str, words: str, *, again: bool = False) -> Flag:
    """Return the flag under which a person is asked for: the highest, or a plain wish."""
    plain = Flag("wish", PLAIN_PRIORITY, Line.FIRST, {"zh": reason, "en": reason})
    flag = so_far.highest or plain
    flag = replace(flag, words=words or flag.words)
    return replace(flag, priority=flag.priority + AGAIN_PRIORITY) if again else flag


def _fits(rule: FlagRule, so_far: FlaggedSoFar, heard: HeardBy) -> bool:
    if rule.intents & heard.intents and not _is_innocent(rule, so_far.language[:2], heard.text):
        return True
    if rule.words and _says(rule, so_far.language[:2], heard.text):
        return True
    if rule.misses and heard.misses >= rule.misses:
        return True
    if rule.louder_by and _is_loud(rule, so_far.levels):
        return True
    return heard.problem and _is_important(rule, so_far.facts)


def _says(rule: FlagRule, language: str, text: str) -> bool:
    words, unless = rule.words.get(language), rule.unless.get(language)
    if words is None:
        return False
    rest = unless.sub("|", text) if unless is not None else text
    return words.search(rest) is not None


def _is_innocent(rule: FlagRule, language: str, text: str) -> bool:
    unless = rule.unless.get(language)
    return unless is not None and unless.search(text) is not None


def _is_loud(rule: FlagRule, levels: tuple[float, ...]) -> bool:
    if len(levels) < FEWEST_LEVELS:
        return False
    usual = median(levels)
    return sum(level >= usual + rule.louder_by for level in levels) >= rule.utterances


def _is_important(rule: FlagRule, facts: Mapping[str, FactValue]) -> bool:
    if rule.vip and facts.get("vip") is True:
        return True
    value = facts.get("value")
    return bool(rule.value_from) and isinstance(value, int) and value >= rule.value_from * FEN


def _rule(name: str, given: Mapping[str, object]) -> FlagRule:
    label, words, unless = (_mapping(given.get(key)) for key in ("label", "words", "unless"))
    intents = given.get("intents")
    return FlagRule(
        id=name,
        priority=_number(given.get("priority")),
        line=Line(str(given["line"])),
        transfer=given["transfer"] is True,
        label={key: str(value) for key, value in label.items()},
        intents=frozenset(map(Intent, intents)) if isinstance(intents, list) else frozenset(),
        words=_patterns(words),
        unless=_patterns(unless),
        misses=_number(given.get("misses")),
        louder_by=float(_number(given.get("louder_by"))),
        utterances=_number(given.get("utterances")),
        vip=given.get("vip") is True,
        value_from=_number(given.get("value_from")),
    )


def _mapping(given: object) -> Mapping[str, object]:
    return given if isinstance(given, Mapping) else {}


def _number(given: object) -> int:
    return given if isinstance(given, int) else 0


def _flat(phrases: list[object]) -> Iterator[str]:
    """Yield the expressions of a list that may hold lists which are shared between rules."""
    for each in phrases:
        if isinstance(each, list):
            yield from _flat(each)
        else:
            yield str(each)


def _patterns(given: Mapping[str, object]) -> Mapping[str, re.Pattern[str]]:
    return MappingProxyType(
        {
            language: re.compile("|".join(f"(?:{each})" for each in _flat(phrases)), re.I)
            for language, phrases in given.items()
            if isinstance(phrases, list)
        }
    )
