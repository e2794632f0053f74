"""Conversation: one dialog on one leg, from the INVITE to the last goodbye.

The leg's inputs are the only clock: every `Sound` is 20 ms. So the same code runs in real time on
a telephone line, and as fast as the machine can on a loopback leg.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from asr.hearing import Hearing, Partial, SpeechDismissed, SpeechStarted, Utterance
from asr.stream import RecognitionError
from audio.pcm import Frame
from audio.wav import WavError
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
from ivr.exchange import CallFacts, DialogResult, Machine
from ivr.first_words import FirstWords
from ivr.flow_model import Flow
from ivr.line import Line, Stepping, ignore_steps
from ivr.minutes import Minutes, Notice
from ivr.mouth import Mouth
from ivr.reception import Reception
from ivr.transcript import Turn, overheard
from tts.speech import Speech, SpeechError

__all__ = ["Conversation", "ConversationReport", "Equipment", "Notice"]


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a conversation needs to speak and hear."""

    hearing: Hearing
    speech: Speech
    clock: Callable[[], float] = monotonic
    """Seconds of real time; a leg in virtual time has one that stands still."""
    stepping: Stepping = ignore_steps
    """Watches the dialog, for rehearsals."""


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
    """Rings, receives who answers, and reports."""

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
        self._minutes = Minutes(recording, notice)
        self._first_words = FirstWords()
        self._reception: Reception | None = None
        self._rang_until: float | None = None

    async def hold(self, request: DialRequest) -> ConversationReport:
        """Ring, talk and return the report once the leg has ended."""
        dialed = monotonic()
        if self._minutes.recording is not None:
            self._leg.record(self._minutes.recording)
        self._leg.dial(request)
        try:
            ended = await self._until_over()
            if ended is None:
                self._leg.hang_up()
                ended = await self._until_the_line_is_dead()
        except BaseException:
            self._leg.hang_up()
            raise
        finally:
            await self._equipment.hearing.close()
        rang_until = self._rang_until if self._rang_until is not None else monotonic()
        return self._report(ended, rang_until - dialed)

    async def _until_over(self) -> Ended | None:
        """Take inputs until they hang up (Ended) or until it is for us to do so (None)."""
        try:
            while not self._is_over():
                event = await self._leg.receive()
                if isinstance(event, Ended):
                    return event
                await self._take(event)
        except (SpeechError, RecognitionError, WavError, OSError) as error:
            # Without voice or ears a call can't go on; nobody must wait in silence.
            self._minutes.complain(str(error))
        return None

    async def _until_the_line_is_dead(self) -> Ended:
        while not isinstance(event := await self._leg.receive(), Ended):
            pass
        return event

    def _is_over(self) -> bool:
        if self._reception is None:
            return self._first_words.is_hopeless()
        return self._reception.is_over(self._minutes.seconds)

    async def _take(self, event: LegEvent) -> None:
        reception, now = self._reception, self._minutes.seconds
        match event:
            case Sound(frame):
                self._minutes.hear(frame)
                await self._hear(frame, self._minutes.seconds)
            case Ringing() | EarlyMedia():
                self._minutes.tell(Ringing())
            case Answered():
                self._rang_until = monotonic()
                self._reception = self._receive_them(now)
                self._minutes.tell(Answered())
            case KeyPressed(digit):
                if reception is not None:
                    await reception.pressed(digit, now)
            case PlaybackEnded(playback):
                if reception is not None:
                    await reception.playback_ended(playback, now)
            case Ended():
                raise AssertionError("Ended ends the conversation before it gets here")

    async def _hear(self, frame: Frame, now: float) -> None:
        reception = self._reception
        for heard in await self._equipment.hearing.hear(frame):
            match heard:
                case SpeechStarted(began) if reception is not None:
                    reception.speech_started(began, now)
                case Partial() if reception is not None:
                    reception.partly_said(heard, now)
                case SpeechDismissed() if reception is not None:
                    reception.speech_dismissed(now)
                case Utterance() if reception is not None:
                    await reception.said(heard, now)
                case Utterance():
                    self._first_words.before_answer(heard)
                    self._minutes.write(overheard(heard, self._first_words.announcement))
        if reception is not None:
            await reception.tick(frame, now)
        else:
            self._first_words.hear_before_answer(frame)

    def _receive_them(self, answered_at: float) -> Reception:
        line = Line(
            mouth=Mouth(self._leg),
            speech=self._equipment.speech,
            expect=self._equipment.hearing.expect,
            keep=self._minutes.keep,
            notice=self._minutes.write,
            clock=self._equipment.clock,
            stepping=self._equipment.stepping,
        )
        return Reception(self._flow, self._facts, line, self._first_words, answered_at)

    def _report(self, ended: Ended, ring_seconds: float) -> ConversationReport:
        reception, minutes = self._reception, self._minutes
        talked = minutes.seconds - reception.answered_at if reception else 0.0
        return ConversationReport(
            ended=ended,
            answered=reception is not None,
            ring_seconds=ring_seconds,
            talk_seconds=talked,
            machine=reception.machine if reception else None,
            announcement=self._first_words.announcement,
            result=reception.result() if reception else None,
            turns=minutes.turns,
            error=minutes.trouble,
        )
