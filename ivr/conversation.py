"""Conversation: one dialog on one leg, from the INVITE to the last goodbye.

The leg's inputs are the only clock: every `Sound` is 20 ms. So the same code runs in real time on
a telephone line, and as fast as the machine can on a loopback leg.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from asr.amd import Answerer, BeepDetector, Heard, who_answers
from asr.announcements import announcement_in
from asr.hearing import Hearing, SpeechDismissed, SpeechStarted, Utterance
from asr.stream import RecognitionError
from audio.wav import write_wav
from dialer.leg import (
    Answered,
    DialRequest,
    EarlyMedia,
    Ended,
    KeyPressed,
    Leg,
    LegEvent,
    PlaybackEnded,
    Ringing,
    Sound,
)
from ivr.evidence import RecentSound
from ivr.exchange import CallFacts, DialogResult, Machine
from ivr.flow_model import Flow
from ivr.mouth import Mouth
from ivr.opening import Move, Opening
from ivr.talk import Line, Talk
from ivr.transcript import Speaker, Turn
from tts.speech import Speech, SpeechError

MACHINE_TURNS = 2
"""A voicemail may begin after we did: the first turns of a call are checked for one."""

Notice = Turn | Ringing | Answered

_MACHINES = {
    Answerer.VOICEMAIL: Machine.VOICEMAIL,
    Answerer.ASSISTANT: Machine.ASSISTANT,
    Answerer.ANNOUNCEMENT: Machine.ANNOUNCEMENT,
}


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a conversation needs to speak and hear."""

    hearing: Hearing
    speech: Speech


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


class Conversation:
    """Rings, finds out who is there, talks, and reports."""

    def __init__(
        self,
        leg: Leg,
        equipment: Equipment,
        flow: Flow,
        facts: CallFacts,
        recording: Path | None = None,
        notice: Callable[[Notice], None] = lambda _: None,
    ) -> None:
        self._leg = leg
        self._equipment = equipment
        self._flow = flow
        self._facts = facts
        self._recording = recording
        self._notice = notice
        self._sound = RecentSound()
        self._course = _Course(turns=[], dialed_at=0.0)

    async def hold(self, request: DialRequest) -> ConversationReport:
        """Ring, talk and return the report once the leg has ended."""
        self._course.dialed_at = monotonic()
        if self._recording is not None:
            self._leg.record(self._recording)
        self._leg.dial(request)
        try:
            while not isinstance(event := await self._leg.receive(), Ended):
                try:
                    await self._take(event)
                except (SpeechError, RecognitionError) as error:
                    # Without voice or ears a call can't go on; nobody must wait in silence.
                    self._course.error = str(error)
                    self._leg.hang_up()
        except BaseException:
            self._leg.hang_up()
            raise
        finally:
            await self._equipment.hearing.close()
        return self._report(event)

    async def _take(self, event: LegEvent) -> None:
        match event:
            case Sound(frame):
                self._sound.add(frame)
                await self._hear(frame)
            case Ringing() | EarlyMedia():
                self._notice(Ringing())
            case Answered():
                self._answer()
            case KeyPressed(digit):
                if self._course.talk is not None:
                    await self._course.talk.pressed(digit, self._sound.seconds)
            case PlaybackEnded(playback):
                if self._course.talk is not None:
                    await self._course.talk.playback_ended(playback, self._sound.seconds)
            case Ended():
                raise AssertionError("Ended ends the conversation before it gets here")

    def _answer(self) -> None:
        now = self._sound.seconds
        self._course.rang_until = monotonic()
        self._course.answered_at = now
        self._course.opening = Opening(now)
        self._notice(Answered())

    async def _hear(self, frame: bytes) -> None:
        for heard in await self._equipment.hearing.hear(frame):
            match heard:
                case SpeechStarted():
                    self._speech_started()
                case SpeechDismissed():
                    await self._speech_dismissed()
                case Utterance():
                    await self._said(heard)
        await self._tick(frame)

    def _speech_started(self) -> None:
        course = self._course
        if course.talk is not None:
            course.talk.speech_started(self._sound.seconds)
        elif course.opening is not None:
            course.opening.speech_started()

    async def _speech_dismissed(self) -> None:
        course = self._course
        if course.talk is not None:
            await course.talk.speech_dismissed(self._sound.seconds)
        elif course.opening is not None:
            course.opening.speech_dismissed()

    async def _said(self, utterance: Utterance) -> None:
        course = self._course
        if course.opening is None:
            course.announcement = announcement_in(utterance.text) or ""
            self._overhear(utterance, course.announcement)
            if course.announcement:
                self._leg.hang_up()
            return
        machine = self._machine(utterance)
        if course.talk is None or machine is not None:
            self._overhear(utterance, machine or "")
            course.talk = None
            self._leg.stop()
            await self._move(course.opening.heard(machine, utterance.ended))
        else:
            await course.talk.said(utterance, self._sound.seconds)
            course.understood += 1

    def _machine(self, utterance: Utterance) -> Machine | None:
        course = self._course
        if course.understood >= MACHINE_TURNS:
            return None
        since = course.answered_at or 0.0
        course.heard.append(Heard(utterance.text, utterance.began - since, utterance.ended - since))
        machine = _MACHINES.get(who_answers(course.heard).answerer)
        if machine is Machine.ANNOUNCEMENT:
            course.announcement = announcement_in(utterance.text) or ""
        return machine

    def _overhear(self, utterance: Utterance, intent: str) -> None:
        """Write down what was said before the talk began."""
        self._write(
            Turn(
                speaker=Speaker.CALLEE,
                text=utterance.text,
                began_seconds=utterance.began,
                ended_seconds=utterance.ended,
                intent=intent,
                confidence=utterance.confidence,
            )
        )

    async def _tick(self, frame: bytes) -> None:
        course, now = self._course, self._sound.seconds
        if course.opening is None:
            return
        if course.talk is not None:
            if await course.talk.tick(now):
                self._leg.hang_up()
            return
        move = course.opening.beeped() if course.beep.hear(frame) else None
        await self._move(move or course.opening.tick(now))

    async def _move(self, move: Move | None) -> None:
        course, now = self._course, self._sound.seconds
        if move is None:
            return
        if move is Move.HANG_UP:
            self._leg.hang_up()
            return
        course.talk = Talk(self._flow, self._facts, self._line(), now)
        if move is Move.GREET:
            await course.talk.greet(now)
        elif move is Move.LEAVE_MESSAGE:
            await course.talk.meet(Machine.VOICEMAIL, now)
        else:
            await course.talk.meet(Machine.ASSISTANT, now)

    def _line(self) -> Line:
        return Line(
            mouth=Mouth(self._leg),
            speech=self._equipment.speech,
            expect=self._equipment.hearing.expect,
            keep=self._keep,
            notice=self._write,
        )

    def _keep(self, name: str, began: float, ended: float) -> None:
        if self._recording is not None:
            clip = self._recording.with_suffix(f".{name}.wav")
            write_wav(clip, self._sound.clip(began, ended))

    def _write(self, turn: Turn) -> None:
        self._course.turns.append(turn)
        self._notice(turn)

    def _report(self, ended: Ended) -> ConversationReport:
        course = self._course
        answered = course.answered_at is not None
        rang_until = course.rang_until if course.rang_until is not None else monotonic()
        return ConversationReport(
            ended=ended,
            answered=answered,
            ring_seconds=rang_until - course.dialed_at,
            talk_seconds=self._sound.seconds - (course.answered_at or 0.0) if answered else 0.0,
            machine=course.opening.machine if course.opening else None,
            announcement=course.announcement,
            result=course.talk.result() if course.talk else None,
            turns=tuple(course.turns),
            error=course.error,
        )


class _Course:
    """How far a call has come."""

    __slots__ = (
        "announcement",
        "answered_at",
        "beep",
        "dialed_at",
        "error",
        "heard",
        "opening",
        "rang_until",
        "talk",
        "turns",
        "understood",
    )

    def __init__(self, turns: list[Turn], dialed_at: float) -> None:
        self.turns = turns
        self.dialed_at = dialed_at
        self.rang_until: float | None = None
        self.answered_at: float | None = None
        """Call-audio seconds of the answer."""
        self.opening: Opening | None = None
        self.talk: Talk | None = None
        self.heard: list[Heard] = []
        self.beep = BeepDetector()
        self.understood = 0
        self.announcement = ""
        self.error = ""
