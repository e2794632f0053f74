"""Reception: a call from the answer on. Finds out who is there, greets, and lets them talk.

    answer -> Opening -> Talk with a person -> over
                  |
                  +----> Talk to a machine: its message, said once -> over

A talk may turn out to be held with a voicemail; then it is given up and the beep is waited for.
"""

from __future__ import annotations

from asr.amd import BeepDetector
from asr.hearing import Utterance
from audio.pcm import Frame
from ivr.exchange import CallFacts, DialogResult, Machine
from ivr.first_words import FirstWords
from ivr.flow_model import Flow
from ivr.opening import Move, Opening
from ivr.talk import Line, Talk
from ivr.transcript import Turn, overheard


class Reception:
    """Leads from the answer to a talk; all times are seconds of call audio."""

    def __init__(
        self, flow: Flow, facts: CallFacts, line: Line, first_words: FirstWords, answered_at: float
    ) -> None:
        self._flow = flow
        self._facts = facts
        self._line = line
        self._first_words = first_words
        self._answered_at = answered_at
        self._opening = Opening(answered_at)
        self._beep = BeepDetector()
        self._talk: Talk | None = None

    @property
    def answered_at(self) -> float:
        """When somebody or something picked up."""
        return self._answered_at

    @property
    def machine(self) -> Machine | None:
        """Which machine took the call, as far as known."""
        return self._opening.machine

    def result(self) -> DialogResult | None:
        """Return what was settled so far; None without a talk."""
        return self._talk.result() if self._talk else None

    def is_over(self, now: float) -> bool:
        """Answer whether the call should end now."""
        if self._opening.machine is Machine.ANNOUNCEMENT:
            return True
        return self._talk is not None and self._talk.is_over(now)

    def speech_started(self, now: float) -> None:
        """Take note that the far end speaks."""
        self._opening.speech_started()
        if self._talk is not None:
            self._talk.speech_started(now)

    def speech_dismissed(self, now: float) -> None:
        """Take note that it was noise."""
        self._opening.speech_dismissed()
        if self._talk is not None:
            self._talk.speech_dismissed(now)

    async def said(self, utterance: Utterance, now: float) -> None:
        """Take what the far end said."""
        if utterance.ended <= self._answered_at:
            # The ringback's last words; nobody had picked up yet.
            self._opening.speech_dismissed()
            self._line.notice(overheard(utterance))
            return
        known = self._opening.machine
        machine = known or self._first_words.after_answer(utterance, self._answered_at)
        if machine is None and self._talk is not None:
            await self._talk.said(utterance, now)
            self._first_words.answered_us()
            return
        self._line.notice(overheard(utterance, machine or ""))
        if known is not None and self._talk is not None:
            # It is being left its message; whatever a machine says meanwhile is no answer.
            self._talk.overheard()
            return
        self._give_up_talk(now)
        await self._move(self._opening.heard(machine, utterance.ended), now, utterance)

    async def pressed(self, digit: str, now: float) -> None:
        """Take a key; before we have spoken there is nothing it could mean."""
        self._first_words.pressed_a_key()
        if self._talk is not None:
            await self._talk.pressed(digit, now)

    async def playback_ended(self, playback: int, now: float) -> None:
        """Take note that a sentence was heard to its end."""
        if self._talk is not None:
            await self._talk.playback_ended(playback, now)

    async def tick(self, frame: Frame, now: float) -> None:
        """Let 20 ms pass."""
        if self._beep.hear(frame) is not None:
            await self._beeped(now)
        elif self._talk is not None:
            await self._talk.tick(now)
        else:
            await self._move(self._opening.tick(now), now)

    async def _beeped(self, now: float) -> None:
        move = self._opening.beeped(now)
        if self._opening.machine is not None:
            if self._talk is None:
                await self._move(move, now)
            return
        machine = self._first_words.beep(now)
        if machine is Machine.VOICEMAIL:
            self._give_up_talk(now)
            self._opening.heard(machine, now)
            await self._move(self._opening.beeped(now), now)

    async def _move(self, move: Move | None, now: float, heard: Utterance | None = None) -> None:
        match move:
            case Move.GREET:
                self._talk = self._new_talk(now)
                await self._talk.greet(now, heard)
            case Move.LEAVE_MESSAGE:
                self._talk = self._new_talk(now)
                await self._talk.meet(Machine.VOICEMAIL, now)
            case Move.STATE_PURPOSE:
                self._talk = self._new_talk(now)
                await self._talk.meet(Machine.ASSISTANT, now)
            case Move.HANG_UP | None:
                pass

    def _new_talk(self, now: float) -> Talk:
        return Talk(self._flow, self._facts, self._line, now)

    def _give_up_talk(self, now: float) -> None:
        self._talk = None
        cut: Turn | None = self._line.mouth.fall_silent(now)
        if cut is not None:
            self._line.notice(cut)
