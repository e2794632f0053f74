"""First words: is it a person or a machine that we hear, judged by how the call began."""

from __future__ import annotations

from collections.abc import Mapping

from asr.amd import Answerer
from asr.announcements import announcement_in
from asr.answering import AnswerWatch
from asr.early_media import EarlyKind, EarlyMedia
from asr.hearing import Utterance
from audio.pcm import Frame
from ivr.exchange import Machine

ANSWERS_OF_A_PERSON = 2
"""A voicemail may begin after we did; whoever has answered us so often is a person."""

BEEP_FOLLOWS_SECONDS = 2.0
"""A beep this soon after a long greeting is a voicemail's, whatever its words were."""

MACHINES: Mapping[Answerer, Machine] = {
    Answerer.VOICEMAIL: Machine.VOICEMAIL,
    Answerer.RECORDING: Machine.VOICEMAIL,
    Answerer.ASSISTANT: Machine.ASSISTANT,
    Answerer.ANNOUNCEMENT: Machine.ANNOUNCEMENT,
    Answerer.FAX: Machine.FAX,
}
"""A recording is met like a voicemail until it turns out to be an announcement."""

UNREMARKABLE = frozenset(
    {EarlyKind.NONE, EarlyKind.QUIET, EarlyKind.RINGBACK, EarlyKind.MELODY, EarlyKind.SPECIAL_TONE}
)
"""Heard before many calls that go well."""


class FirstWords:
    """What the far end said before and just after the answer, and who says such things."""

    def __init__(self) -> None:
        self._early = EarlyMedia()
        self._watch: AnswerWatch | None = None
        self._answers = 0
        self._announcement = ""
        self._is_met = False

    @property
    def announcement(self) -> str:
        """Kind of carrier announcement or failure signal that was heard, or empty."""
        return self._announcement

    @property
    def early_kind(self) -> str:
        """What was heard before the answer, announcement or not."""
        return self._early.verdict().kind.value

    @property
    def is_person(self) -> bool:
        """Nobody but a person can have done what was done; nothing is taken for a machine now."""
        return self._answers >= ANSWERS_OF_A_PERSON

    @property
    def has_met_person(self) -> bool:
        """What was said since the answer, or pressed, only a person says or presses."""
        return self._is_met or self.is_person

    def is_hopeless(self) -> bool:
        """Say whether the network has told that nobody will pick up."""
        return self._early.verdict().is_final

    def hear_before_answer(self, frame: Frame) -> None:
        """Take 20 ms of early media."""
        self._early.hear(frame)
        self._note_early()

    def before_answer(self, utterance: Utterance) -> None:
        """Take what was said while it rang: only the network speaks then."""
        self._early.said(utterance.text)
        self._note_early()

    def hear_after_answer(self, frame: Frame, answered_at: float, now: float) -> Machine | None:
        """Take 20 ms; return a machine that needs no words to be known."""
        if self.is_person:
            return None
        verdict = self._watch_from(answered_at).hear(frame, now)
        return self._met(MACHINES.get(verdict.answerer)) if verdict else None

    def speech_started(self, answered_at: float, now: float) -> None:
        """Take note that somebody speaks."""
        if not self.is_person:
            self._watch_from(answered_at).started(now)

    def while_speaking(self, text: str, now: float) -> Machine | None:
        """Take what somebody seems to be saying; return the machine that says such things."""
        if self._watch is None or self.is_person:
            return None
        return MACHINES.get(self._watch.saying(text, now).answerer)

    def after_answer(self, utterance: Utterance, answered_at: float) -> Machine | None:
        """Take what was said since the answer; return the machine that says such things."""
        if self.is_person:
            return None
        watch = self._watch_from(answered_at)
        verdict = watch.said(
            utterance.text, utterance.began, utterance.ended, utterance.alternatives
        )
        self._is_met = verdict.answerer is Answerer.PERSON
        return self._met(MACHINES.get(verdict.answerer))

    def beep(self, now: float) -> Machine | None:
        """Take a beep; return the machine that speaks and then beeps like that."""
        if self._watch is None:
            return None
        verdict = self._watch.beeped(now)
        ended = self._watch.last_ended
        late = ended is not None and now - ended > BEEP_FOLLOWS_SECONDS
        return None if late or self.is_person else MACHINES.get(verdict.answerer)

    def noise(self) -> None:
        """Take note that what was going on held no words."""
        if self._watch is not None:
            self._watch.dismissed()

    def answered_us(self) -> None:
        """Take note of an answer to what we said."""
        self._answers += 1

    def pressed_a_key(self) -> None:
        """Take note of a key: no machine presses one."""
        self._answers = ANSWERS_OF_A_PERSON

    def _watch_from(self, answered_at: float) -> AnswerWatch:
        if self._watch is None:
            self._watch = AnswerWatch(answered_at)
        return self._watch

    def _met(self, machine: Machine | None) -> Machine | None:
        if machine is Machine.ANNOUNCEMENT and self._watch is not None:
            self._announcement = announcement_in(self._watch.text) or ""
        return machine

    def _note_early(self) -> None:
        kind = self._early.verdict().kind
        self._announcement = "" if kind in UNREMARKABLE else kind.value
