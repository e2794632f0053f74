"""What passes between the engine, which knows campaigns, and a worker, which knows telephones.

Orders go out and reports come back through a pipe between processes: plain frozen values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import inf
from pathlib import Path

from dialer.leg import HangupCause, MediaStatistics
from ivr.agent_opening import AgentCall
from ivr.exchange import CallFacts, DialogResult, Machine
from ivr.people import Flag, Visit
from ivr.transcript import Turn


@dataclass(frozen=True, slots=True)
class CallOrder:
    """One attempt, ready to be dialled."""

    attempt: int
    """Primary key of the attempt in the store."""
    uri: str
    flow: str
    """Flow id, for example `pre-delivery`."""
    language: str
    facts: CallFacts
    ring_timeout: timedelta
    recording: Path | None
    flow_file: Path | None = None
    """The flow as it was published; None: the one that ships with Menling."""
    headers: tuple[tuple[str, str], ...] = ()
    call_id: str = ""
    """The SIP Call-ID, kept in the store before the order goes out; empty: whatever SIP makes."""
    trunk: str = ""
    """Name of the trunk that carries the call; empty: the only one."""
    caller_id: str = ""
    """The number that the recipient sees; empty: the trunk's own."""
    agent_call: AgentCall | None = None
    """The call is made for an agent; None: the robot talks."""
    dial_before: float = inf
    """Of `campaigns.steady.steady_seconds`: later no INVITE may go out any more."""


class CallStage(StrEnum):
    """Where a call is, for people who watch."""

    DIALING = "dialing"
    RINGING = "ringing"
    TALKING = "talking"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class CallProgress:
    """A change worth showing while the call goes on."""

    attempt: int
    stage: CallStage
    speaker: str = ""
    """`callee`, `menling` or empty."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class NoMoreCalls:
    """Whoever is called surely wants no more calls: told at once, for a worker may die."""

    attempt: int


@dataclass(frozen=True, slots=True)
class CallReport:
    """Everything a worker knows about a call once it is over."""

    attempt: int
    cause: HangupCause
    sip_status: int
    answered: bool
    ring_seconds: float
    talk_seconds: float
    machine: Machine | None = None
    announcement: str = ""
    """Kind of carrier announcement heard (`switched_off`, `vacant_number`…), or empty."""
    result: DialogResult | None = None
    """None when no conversation took place."""
    turns: tuple[Turn, ...] = ()
    recording: Path | None = None
    flow_version: str = ""
    statistics: MediaStatistics | None = None
    error: str = ""
    """What went wrong on our side, for an operator; empty when nothing did."""
    people: tuple[Visit, ...] = ()
    """Who of us was in it."""
    flags: tuple[Flag, ...] = ()
    """Why it deserved a person's eye."""
    abandoned: bool = False
    """A person was left without an agent and without the robot."""
