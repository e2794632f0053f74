"""First words: is it a person or a machine that we hear, judged by how the call began."""

from __future__ import annotations

from collections.abc import Mapping

from asr.amd import Answerer, Heard, who_answers
from asr.announcements import announcement_in
from asr.hearing import Utterance
from ivr.exchange import Machine

ANSWERS_OF_A_PERSON = 2
"""A voicemail may begin after we did; whoever has answered us so often is a person."""

BEEP_FOLLOWS_SECONDS = 2.0
"""A beep this soon after a long greeting is a voicemail's, whatever its words were."""

MACHINES: Mapping[Answerer, Machine] = {
    Answerer.VOICEMAIL: Machine.VOICEMAIL,
    Answerer.ASSISTANT: Machine.ASSISTANT,
    Answerer.ANNOUNCEMENT: Machine.ANNOUNCEMENT,
}


class FirstWords:
    """What the far end said before and just after the answer, and who says such things."""

    def __init__(self) -> None:
        self._heard: list[Heard] = []
        self._answers = 0
        self._announcement = ""
        self._ended = 0.0
        """Seconds of call audio at the last words since the answer."""
        self._beeped = 0.0

    @property
    def announcement(self) -> str:
        """Kind of carrier announcement that was heard, or empty."""
        return self._announcement

    def before_answer(self, utterance: Utterance) -> None:
        """Take what was said while it rang: only the network speaks then."""
        self._announcement = announcement_in(utterance.text) or ""

    def after_answer(self, utterance: Utterance, answered_at: float) -> Machine | None:
        """Take what was said since the answer; return the machine that says such things."""
        if self._answers >= ANSWERS_OF_A_PERSON:
            return None
        began, ended = utterance.began - answered_at, utterance.ended - answered_at
        self._heard.append(Heard(utterance.text, began, ended))
        self._ended = utterance.ended
        machine = self._verdict(beeped=self._beeped > utterance.ended)
        if machine is Machine.ANNOUNCEMENT:
            self._announcement = announcement_in(utterance.text) or ""
        return machine

    def beep(self, now: float) -> Machine | None:
        """Take a beep; return the machine that speaks and then beeps like that."""
        self._beeped = now
        if self._answers >= ANSWERS_OF_A_PERSON or now - self._ended > BEEP_FOLLOWS_SECONDS:
            return None
        return self._verdict(beeped=True)

    def _verdict(self, beeped: bool) -> Machine | None:
        return MACHINES.get(who_answers(self._heard, beeped).answerer)

    def answered_us(self) -> None:
        """Take note of an answer to what we said."""
        self._answers += 1

    def pressed_a_key(self) -> None:
        """Take note of a key: no machine presses one."""
        self._answers = ANSWERS_OF_A_PERSON
