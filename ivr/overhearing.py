"""Overhearing: what is said between the customer and people is written down, and heeded."""

from __future__ import annotations

from math import inf

from asr.hearing import Utterance
from audio.level import dbfs
from dialer.room import Mode, Party, Role
from ivr.exchange import CallFacts
from ivr.fetching import Fetching
from ivr.flow_model import Flow
from ivr.interpreter import Asked, Interpreter
from ivr.meaning import Intent
from ivr.minutes import Minutes
from ivr.opting_out import LoneKey
from ivr.standing import wants_no_calls
from ivr.transcript import Speaker, Turn, answered, pressed

SPEAKERS = {
    Role.AGENT: Speaker.AGENT,
    Role.SUPERVISOR: Speaker.SUPERVISOR,
    Role.THIRD: Speaker.THIRD,
}


class Overhearing:
    """Listens to one call that people have; the robot answers nothing of it."""

    def __init__(self, flow: Flow, facts: CallFacts, minutes: Minutes, fetching: Fetching) -> None:
        self._interpreter = Interpreter(flow, facts, 0.0)
        self._minutes = minutes
        self._fetching = fetching
        self._keys = LoneKey()
        self.opted_out = False
        """The customer told a person, or by key, that he wants no more calls."""

    def customer_said(self, utterance: Utterance) -> None:
        """Write down what the customer said to a person; to be called no more counts for ever."""
        said = self._interpreter.said(utterance, Asked())
        if wants_no_calls(said.meaning, self._fetching.flow.limits.sure_confidence):
            self.opted_out = True
        self._minutes.write(answered(utterance, said.meaning, ""))
        level = dbfs(self._minutes.sound(utterance.began, utterance.ended))
        self._fetching.spoken(utterance.text, said.meaning, level)

    def customer_pressed(self, digit: str, now: float) -> None:
        """Write down a key that the customer pressed while a person had the call.

        The one for no more calls counts as it does with the robot, unless it is part of a number.
        """
        self.pass_time(now)
        self._keys.press(digit, now)
        self._minutes.write(pressed(digit, now, ""))

    def pass_time(self, now: float) -> None:
        """Heed a key that has stayed alone."""
        lone = self._keys.lone(now)
        if lone is None:
            return
        digit, began = lone
        key = self._fetching.flow.script.everywhere.keys.get(digit)
        if key is None or key.intent is not Intent.OPT_OUT:
            return
        self.opted_out = True
        self._minutes.write(pressed(digit, began, "", key.intent))
        self._fetching.pressed(digit, key.intent)

    def close(self) -> None:
        """Heed a key that nothing can follow any more: the customer's line is dead."""
        self.pass_time(inf)

    def visitor_said(self, party: Party, utterance: Utterance) -> None:
        """Write down what a person said, if the customer has heard it."""
        if party.mode in (Mode.LISTEN, Mode.WHISPER, Mode.CONSULT):
            return
        self._minutes.write(
            Turn(
                speaker=SPEAKERS[party.role],
                text=utterance.text,
                began_seconds=utterance.began,
                ended_seconds=utterance.ended,
                confidence=utterance.confidence,
            )
        )
