"""Desk: what a call needs so that people can come into it."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from asr.hearing import Hearing
from dialer.leg import Leg
from ivr.agent_opening import AgentCall
from ivr.flow_model import Flow
from ivr.people import Device, PeopleNews, PeopleOrder


class NoWayIn(Exception):  # noqa: N818  reads as what it says
    """A person's device can't be reached; the message says why."""


@dataclass(frozen=True, slots=True)
class PersonLeg:
    """A person's device as a leg."""

    leg: Leg
    uri: str = ""
    """What is dialled; empty for a browser, which has called us."""
    answer: Callable[[], Awaitable[str]] | None = None
    """Makes the answer to a browser's offer."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a call needs so that people can come into it."""

    attempt: int
    tell: Callable[[PeopleNews], None]
    leg_to: Callable[[Device], Awaitable[PersonLeg]]
    """Raises NoWayIn."""
    hearing: Callable[[], Awaitable[Hearing]]
    """A further ear in the language of the call; raises RecognitionError."""
    flow: Callable[[str], Flow]
    """Another flow in the language of the call; raises FlowError."""
    hold_sound: Path
    """A telephone WAV of what a customer hears who waits."""
    staffed: Callable[[str], bool] = lambda _: False
    """Answers whether somebody who speaks a language could come now."""
    agent_call: AgentCall | None = None
    """How an agent is fetched as soon as a person has answered; None: the robot talks."""
    orders: deque[PeopleOrder] = field(default_factory=deque)
    """What people want of this call, in order; it is emptied as they are obeyed."""
