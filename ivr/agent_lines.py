"""What a customer-service agent's line does: greets, apologises, explains, proposes, promises."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ivr.nlu import numerals
from ivr.nlu.language import language_of
from ivr.nlu.patterns import tokens_of
from ivr.nlu.reading import clean
from ivr.nlu.spotting import Spotter

LANGUAGE = "zh-CN"
"""The one in which trainees are rung."""

_READER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CLASS = re.compile("<([a-z_]+)>")
_CLAUSE_ENDS = re.compile(r"[,。!?;、…,.!?;:\n~—]+")
_COUNTED = f"(?<!了)(?:(?<![{numerals.CHARACTERS}])[{numerals.CHARACTERS}]+|半)个?半?"
_WITHIN = re.compile(
    rf"{_COUNTED}(?:小时|分钟|钟头|工作日|天(?:之?内|以内|左右|之?后|以后))(?!(?:以|之)?前)"
)
"""Spans that count from now; `find_times` reads only those a parcel can come in."""
_MONEY = re.compile(rf"(?P<yuan>[{numerals.CHARACTERS}]+)(?:元|块钱?)")
_PROMISES = re.compile(
    "给您|给你|回电|回复|答复|回您|联系|送|到|派|处理|解决|退|赔|取|办|结果|打给|换|补|查"
)
"""A time without one of these is only mentioned."""
_SURELY_PROMISES = re.compile("给您|给你|回电|回复|答复|回您|打给")
"""Promises also in a breath with what was, as it is heard without punctuation."""
_LIGHT = tuple("我您你的了就也都先再会把给那呢啊吧这个一下")


class AgentAct(StrEnum):
    """One thing an agent's line may do."""

    GREET = "greet"
    COMPANY = "company"
    NAME = "name"
    """He says who he is: a name or a staff number."""
    LISTEN = "listen"
    ASK_WAYBILL = "ask_waybill"
    IDENTIFY = "identify"
    """He makes sure whom he speaks with: name, telephone number, address."""
    ASK_DETAILS = "ask_details"
    EMPATHISE = "empathise"
    APOLOGISE = "apologise"
    WAIT = "wait"
    """He looks something up."""
    PROVE = "prove"
    """He lets a suspicious customer make sure."""
    EXPLAIN = "explain"
    """He names the cause that is on file."""
    PROPOSE = "propose"
    PROMISE_TIME = "promise_time"
    READ_BACK = "read_back"
    ANYTHING_ELSE = "anything_else"
    GOODBYE = "goodbye"
    LOUDER = "louder"
    OVERPROMISE = "overpromise"
    VAGUE = "vague"
    BLAME = "blame"
    SHIRK = "shirk"
    FORBIDDEN = "forbidden"
    REFUSE = "refuse"


_OF_THE_PAST = (
    AgentAct.EXPLAIN,
    AgentAct.APOLOGISE,
    AgentAct.EMPATHISE,
    AgentAct.ASK_DETAILS,
)
"""A time in the words of these acts promises nothing."""
OFFENCES = (AgentAct.BLAME, AgentAct.SHIRK, AgentAct.FORBIDDEN, AgentAct.OVERPROMISE)
"""What no customer should ever hear."""


class Solution(StrEnum):
    """What an agent may offer; the names are those of the responsibility matrix."""

    REDELIVER = "redeliver"
    REPLACE = "replace"
    REFUND = "refund"
    COMPENSATE = "compensate"
    RETURN = "return"
    SEND_MISSING = "send_missing"
    FETCH_SURPLUS = "fetch_surplus"
    INVESTIGATE = "investigate"
    APOLOGISE = "apologise"
    """The person in question says sorry himself."""
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One line of the agent, taken apart."""

    text: str
    acts: Mapping[AgentAct, str] = field(default_factory=dict)
    """By act the words in which it was found."""
    solutions: Mapping[Solution, str] = field(default_factory=dict)
    yuan: int = 0
    """The largest sum that was named."""
    longest: int = 0
    """Characters that were said without a pause."""
    interrupts: bool = False
    """The customer was still speaking."""

    @property
    def is_silent(self) -> bool:
        """Nothing was said."""
        return not self.text


class AgentEar:
    """Understands an agent: the common phrases, and those of one case."""

    def __init__(self, company: Iterable[str], cause: Iterable[str]) -> None:
        """`company` is how he may call it, `cause` by what the cause on file is known.

        Raises PatternError when a phrase can't be read.
        """
        of_the_case = {
            f"act.{AgentAct.COMPANY}": tuple(company),
            f"act.{AgentAct.EXPLAIN}": tuple(cause),
        }
        self._spotters = (_common(), Spotter(of_the_case, light=_LIGHT))

    def line(self, text: str, *, interrupts: bool = False) -> AgentLine:
        """Take a line apart; an empty one is silence."""
        words = text.strip()
        acts: dict[AgentAct, str] = {}
        solutions: dict[Solution, str] = {}
        clauses = [each.strip() for each in _CLAUSE_ENDS.split(words) if each.strip()]
        for clause in clauses:
            for kind in self._kinds(clause):
                group, _, name = kind.partition(".")
                if group == "act":
                    acts.setdefault(AgentAct(name), clause)
                else:
                    solutions.setdefault(Solution(name), clause)
        if AgentAct.REFUSE in acts:
            solutions = {each: at for each, at in solutions.items() if at != acts[AgentAct.REFUSE]}
        if solutions:
            acts[AgentAct.PROPOSE] = next(iter(solutions.values()))
        past = {acts.get(act) for act in _OF_THE_PAST}
        timed = next((each for each in clauses if _is_ahead(each, past) and names_a_time(each)), "")
        if timed and _PROMISES.search(words):
            acts[AgentAct.PROMISE_TIME] = timed
        if acts.keys() & {AgentAct.PROMISE_TIME, AgentAct.PROPOSE, AgentAct.WAIT}:
            acts.pop(AgentAct.VAGUE, None)
        return AgentLine(
            text=words,
            acts=acts,
            solutions=solutions,
            yuan=_yuan(words),
            longest=max(map(len, clauses), default=0),
            interrupts=interrupts,
        )

    def _kinds(self, clause: str) -> list[str]:
        said = clean(clause, language_of(LANGUAGE))
        tokens = tokens_of(said)
        return [spot.kind for each in self._spotters for spot in each.best_cover(tokens)]


def _is_ahead(clause: str, past: Collection[str | None]) -> bool:
    """Answer whether a time in a clause may be one to come."""
    return clause not in past or bool(_SURELY_PROMISES.search(clause))


def names_a_time(words: str) -> bool:
    """Answer whether a time is named at which, or within which, something will be."""
    if _WITHIN.search(words):
        return True
    language = language_of(LANGUAGE)
    return any(not span.spoken.over for span in language.find_times(clean(words, language)))


def _yuan(words: str) -> int:
    sums = [numerals.number(match["yuan"]) or 0 for match in _MONEY.finditer(words)]
    return max(sums, default=0)


@cache
def _common() -> Spotter:
    """Return what finds the phrases of the phrase file."""
    file = resources.files("ivr.customers") / f"agent_lines.{LANGUAGE}.yaml"
    content: dict[str, Any] = yaml.load(file.read_text("utf-8"), _READER)
    classes = {name: f"({words})" for name, words in content["classes"].items()}
    phrases: dict[str, tuple[str, ...]] = {}
    for section, kind, known in (("acts", "act", AgentAct), ("solutions", "solution", Solution)):
        for name, patterns in content[section].items():
            phrases[f"{kind}.{known(name)}"] = tuple(
                _CLASS.sub(lambda match: classes[match[1]], pattern) for pattern in patterns
            )
    strict = [f"act.{act}" for act in (*OFFENCES, AgentAct.VAGUE, AgentAct.REFUSE)]
    return Spotter(phrases, strict=strict, light=_LIGHT)
