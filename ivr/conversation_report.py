"""What came of a conversation."""

from __future__ import annotations

from dataclasses import dataclass

from dialer.leg import Ended
from ivr.exchange import DialogResult, Machine
from ivr.people import Flag, Visit
from ivr.transcript import Turn


@dataclass(frozen=True, slots=True)
class ConversationReport:
    """What came of a call."""

    ended: Ended
    answered: bool
    ring_seconds: float
    talk_seconds: float
    machine: Machine | None
    announcement: str
    result: DialogResult | None
    turns: tuple[Turn, ...]
    error: str = ""
    people: tuple[Visit, ...] = ()
    flags: tuple[Flag, ...] = ()
    abandoned: bool = False
    """A person was left without an agent and without the robot."""
