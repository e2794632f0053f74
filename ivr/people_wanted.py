"""Why a person is wanted in a call, and what they have to know before they talk; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.transcript import Turn


class Line(StrEnum):
    """Who should answer: anybody at the desk, or those who may decide more."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a call deserves a person's eye."""

    rule: str
    """Id of the rule in `ivr/flagging.yaml`."""
    priority: int
    """Who waits with a higher one is served first."""
    line: Line
    label: Mapping[str, str]
    """What an operator reads, by language: `zh`, `en`."""
    words: str = ""
    """What was said that raised it."""
    transfer: bool = False
    """It may interrupt the robot: a person is wanted now, not only when the talk comes to it."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a person has to know before they talk."""

    reason: Mapping[str, str]
    """Why a person is wanted, by language: `zh`, `en`."""
    recipient: str
    waybill: str
    language: str
    """Of the call, such as `zh-CN`."""
    settled: tuple[tuple[str, str], ...] = ()
    """What is agreed so far: name of the slot or outcome, and its value."""
    last_turns: tuple[Turn, ...] = ()
    question: str = ""
    """State of the flow whose question is open."""
    points: tuple[str, ...] = ()
    """States of the flow at which the robot can go on afterwards."""
    spoken: str = ""
    """The same in one sentence of at most 5 s, played to the agent only."""
