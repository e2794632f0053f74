"""Line: what a talk may use of the call it is held on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from asr.hearing import Expectation
from ivr.dialog import Step
from ivr.dialog_state import Dialog
from ivr.exchange import DialogEvent
from ivr.mouth import Mouth
from ivr.transcript import Turn
from tts.speech import Speech

Stepping = Callable[[Dialog, DialogEvent], None]
"""Told of every event of a dialog before it is taken, and where the dialog stands."""


def ignore_steps(dialog: Dialog, event: DialogEvent) -> None:
    """Let a dialog go its way unwatched."""


Fetch = Callable[[Dialog, Step, DialogEvent], Step]
"""Told where a dialog stood, the step it would take and why; returns the step to take.

It may put off an ending while a person is fetched.
"""


def fetch_nobody(before: Dialog, following: Step, event: DialogEvent) -> Step:
    """Let a dialog take every step by itself."""
    return following


class Opener(Protocol):
    """Looks for an agent at the beginning of a call that was made for one."""

    @property
    def is_on(self) -> bool:
        """The robot only says who calls, and looks for an agent."""

    def person(self, ended: float) -> None:
        """Take note that what was said until then, only a person says."""

    def given_up(self) -> None:
        """Take note that a machine was taken for a person."""


class RobotOpens:
    """A call in which the robot says what it has to say."""

    is_on = False

    def person(self, ended: float) -> None:
        """Nobody is looked for."""

    def given_up(self) -> None:
        """Nobody was looked for."""


@dataclass(frozen=True, slots=True)
class Line:
    """What a talk may use of the call it is held on."""

    mouth: Mouth
    speech: Speech
    expect: Callable[[Expectation], None]
    keep: Callable[[str, float, float], None]
    """Keep the callee's sound between two moments as evidence under a name."""
    notice: Callable[[Turn], None]
    clock: Callable[[], float] = monotonic
    """Seconds of real time; frames keep coming while a sentence is made."""
    stepping: Stepping = ignore_steps
    fetch: Fetch = fetch_nobody
    opener: Opener = field(default_factory=RobotOpens)
