"""Reception: a call from the answer on. Finds out who is there, greets, and lets them talk.

    answer -> Opening -> Talk with a person -> over
                  |             ^
                  |             | somebody comes on
                  +----> Talk to an assistant: one sentence, and wait -> over
                  +----> Talk to a voicemail: its message, said once -> over

A talk may turn out to be held with a voicemail; then it is given up and the beep is waited for.
"""

from __future__ import annotations

from asr.beep import BeepDetector
from asr.hearing import Partial, Utterance
from audio.pcm import Frame
from ivr.exchange import CallFacts, DialogResult, Machine
from ivr.first_words import FirstWords
from ivr.flow_model import Flow
from ivr.line import Line
from ivr.opening import DEAD_ENDS, HELLO, Move, Opening
from ivr.screening import Behind, Screening
from ivr.standing import merged
from ivr.talk import Talk
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
        self._before: DialogResult | None = None
        self._screening = Screening()
        line.expect(HELLO)

    @property
    def answered_at(self) -> float:
        """When somebody or something picked up."""
        return self._answered_at

    @property
    def machine(self) -> Machine | None:
        """Which machine took the call, as far as known."""
        return self._opening.machine

    @property
    def talk(self) -> Talk | None:
        """The talk that is being held; None before the first word of ours."""
        return self._talk

    async def begin(self, flow: Flow, now: float) -> None:
        """Hold another conversation with the same person, from its opening on."""
        if self._talk is not None:
            self._before = self._talk.result()
        self._flow = flow
        self._talk = self._new_talk(now)
        await self._talk.greet(now)

    def result(self) -> DialogResult | None:
        """Return what was settled so far; None without a talk."""
        result = self._talk.result() if self._talk else None
        if result is None or self._before is None:
            return result
        return merged(self._before, result)

    def is_over(self, now: float) -> bool:
        """Answer whether the call should end now."""
        if self._opening.machine in DEAD_ENDS:
            return True
        if self._talk is None or not self._talk.is_over(now):
            return False
        return not self._screening.may_put_through(now)

    def speech_started(self, began: float, now: float) -> None:
        """Take note that the far end speaks."""
        self._first_words.speech_started(self._answered_at, began)
        self._opening.speech_started()
        if self._talk is not None:
            self._talk.speech_started(began, now)

    def partly_said(self, partial: Partial, now: float) -> None:
        """Take the first words of what the far end is saying; a machine's silence us at once."""
        if self._talk is None or self._opening.machine is not None:
            return
        if self._first_words.while_speaking(partial.text, now):
            self._give_up_talk(now)
            self._opening.speech_started()
        else:
            self._talk.partly_said(partial, now)

    def speech_dismissed(self, now: float) -> None:
        """Take note that it was noise."""
        self._first_words.noise()
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
        if self._screening.is_on:
            await self._behind_assistant(utterance, now)
            return
        machine = known or self._first_words.after_answer(utterance, self._answered_at)
        if machine is None and self._talk is not None:
            await self._talk.said(utterance, now)
            self._first_words.answered_us()
            self._notice_person(utterance.ended)
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
            self._notice_person(now)

    async def playback_ended(self, playback: int, now: float) -> None:
        """Take note that a sentence was heard to its end."""
        if self._talk is not None:
            await self._talk.playback_ended(playback, now)

    async def tick(self, frame: Frame, now: float) -> None:
        """Let 20 ms pass."""
        machine = self._first_words.hear_after_answer(frame, self._answered_at, now)
        if machine in DEAD_ENDS and (self._talk is None or machine is Machine.FAX):
            self._give_up_talk(now)
            await self._move(self._opening.heard(machine, now), now)
        elif self._may_beep() and self._beep.hear(frame) is not None:
            await self._beeped(now)
        elif self._talk is not None:
            await self._talk.tick(now)
        else:
            await self._move(self._opening.tick(now), now)

    def _may_beep(self) -> bool:
        return self._opening.machine is not None or not self._first_words.is_person

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
                await self._talk.greet(now, heard, for_agent=self._line.opener.is_on)
                if heard is not None:
                    self._notice_person(heard.ended)
            case Move.LEAVE_MESSAGE:
                self._talk = self._new_talk(now)
                await self._talk.meet(Machine.VOICEMAIL, now)
            case Move.STATE_PURPOSE:
                self._talk = self._new_talk(now)
                await self._talk.meet(Machine.ASSISTANT, now)
                self._screening.stated(now)
            case Move.HANG_UP | None:
                pass

    async def _behind_assistant(self, utterance: Utterance, now: float) -> None:
        """Take words after our purpose was stated: the assistant's, or at last the person's."""
        behind = self._screening.who_says(utterance.text)
        if behind is Behind.PERSON:
            self._screening.person_came_on()
            self._first_words.pressed_a_key()
            self._give_up_talk(now)
            self._line.notice(overheard(utterance))
            await self._move(self._opening.person_came_on(), now, utterance)
            return
        self._line.notice(overheard(utterance, Machine.ASSISTANT))
        if self._talk is not None:
            self._talk.overheard()
        if behind is Behind.ASSISTANT_ASKS and not self._line.mouth.is_speaking():
            await self._move(Move.STATE_PURPOSE, now)

    def _new_talk(self, now: float) -> Talk:
        return Talk(self._flow, self._facts, self._line, now)

    def _notice_person(self, ended: float) -> None:
        if self._first_words.has_met_person:
            self._line.opener.person(ended)

    def _give_up_talk(self, now: float) -> None:
        if self._talk is not None:
            self._line.opener.given_up()
        self._talk = None
        self._line.expect(HELLO)
        cut: Turn | None = self._line.mouth.fall_silent(now)
        if cut is not None:
            self._line.notice(cut)
