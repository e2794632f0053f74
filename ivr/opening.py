"""Opening: the first seconds after an answer, when nobody knows yet who is there.

    answer .....................greet                      nobody speaks: greet after a short pause
    answer .[喂?]..greet                                   a person: let them finish, then greet
    answer .[您好,请在提示音后留言][beep]..message           voicemail: wait for the beep
    answer .[您拨打的电话已关机]hang up                      an announcement
    answer .[我是智能助理,请问您有什么事]purpose...[喂?]greet  an assistant, then a person

Pure: fed with call-audio seconds, it returns what to do next, or None to go on listening.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from asr.hearing import Completeness, Expectation
from ivr.exchange import Machine

DEAD_ENDS = frozenset({Machine.ANNOUNCEMENT, Machine.FAX})
"""Nobody will ever listen behind these."""


SURE_HELLO = 0.4
"""Confidence from which a 喂 is one."""

_HELLO = re.compile(r"(?:喂|哪位|谁啊?|hello|yes)+(?:你好|您好)?", re.IGNORECASE)


def is_whole_hello(text: str, confidence: float) -> Completeness:
    """Judge the first words: after 喂 a person waits for us; after 您好 a machine may go on."""
    if confidence >= SURE_HELLO and _HELLO.fullmatch(text):
        return Completeness.COMPLETE
    return Completeness.OPEN


HELLO = Expectation(complete_silence_seconds=0.3, judge=is_whole_hello)
"""How we listen until we have greeted."""


class Move(StrEnum):
    """What to do now."""

    GREET = "greet"
    LEAVE_MESSAGE = "leave_message"
    STATE_PURPOSE = "state_purpose"
    """A call-screening assistant asks what it is about."""
    HANG_UP = "hang_up"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what."""

    first_word_seconds: float = 0.7
    """Silence after the answer before we greet."""
    beep_seconds: float = 10.0
    """A voicemail that never beeps is spoken to after this."""
    after_machine_silence_seconds: float = 3.0
    """Silence after a voicemail greeting that counts as a missed beep."""


class Opening:
    """Decides, in audio time, when to speak first and to whom."""

    def __init__(self, answered_at: float, patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._answered_at = answered_at
        self._speaking = False
        self._machine: Machine | None = None
        self._machine_ended_at = 0.0
        self._beeped_at: float | None = None

    @property
    def machine(self) -> Machine | None:
        """Which machine it is, as far as known."""
        return self._machine

    def speech_started(self) -> None:
        """Take note that the far end speaks."""
        self._speaking = True

    def speech_dismissed(self) -> None:
        """Take note that it was noise."""
        self._speaking = False

    def heard(self, machine: Machine | None, at: float) -> Move | None:
        """Take an utterance classified as a machine's, or as a person's (None)."""
        self._speaking = False
        if machine in DEAD_ENDS:
            self._machine = machine
            return Move.HANG_UP
        if machine is Machine.ASSISTANT:
            self._machine = machine
            return Move.STATE_PURPOSE
        if machine is Machine.VOICEMAIL or self._machine is Machine.VOICEMAIL:
            self._machine = Machine.VOICEMAIL
            self._machine_ended_at = at
            # The beep may be over before its greeting has been recognised.
            has_beeped = self._beeped_at is not None and self._beeped_at > at
            return Move.LEAVE_MESSAGE if has_beeped else None
        return Move.GREET

    def person_came_on(self) -> Move:
        """Take note that behind an assistant a person has picked up."""
        self._machine = None
        self._speaking = False
        return Move.GREET

    def beeped(self, now: float) -> Move | None:
        """Take a beep; it only means something after a voicemail's greeting."""
        self._beeped_at = now
        return Move.LEAVE_MESSAGE if self._machine is Machine.VOICEMAIL else None

    def tick(self, now: float) -> Move | None:
        """Let time pass."""
        if self._machine in DEAD_ENDS:
            return Move.HANG_UP
        if self._machine is Machine.VOICEMAIL:
            return self._tick_voicemail(now)
        waited = now - self._answered_at
        if not self._speaking and waited >= self._patience.first_word_seconds:
            return Move.GREET
        return None

    def _tick_voicemail(self, now: float) -> Move | None:
        since = now - self._machine_ended_at
        quiet = since >= self._patience.after_machine_silence_seconds
        if (quiet and not self._speaking) or since >= self._patience.beep_seconds:
            return Move.LEAVE_MESSAGE
        return None
