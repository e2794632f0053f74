"""Conversation: one dialog on one leg, from the INVITE to the last goodbye.

The leg's inputs are the only clock: every `Sound` is 20 ms. So the same code runs in real time on
a telephone line, and as fast as the machine can on a loopback leg.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from asr.hearing import Hearing, ListenerEvent, Partial, SpeechDismissed, SpeechStarted, Utterance
from asr.stream import RecognitionError
from audio.wav import WavError
from dialer.leg import (
    Answered,
    DialRequest,
    EarlyMedia,
    Ended,
    HangupCause,
    KeyPressed,
    Leg,
    LegEvent,
    PlaybackEnded,
    Ringing,
    Sound,
)
from ivr.conversation_report import ConversationReport
from ivr.desk import Desk
from ivr.ear import Ear
from ivr.exchange import CallFacts, DialogOutcome
from ivr.first_words import FirstWords
from ivr.flow_model import Flow
from ivr.line import Line, RobotOpens, Stepping, fetch_nobody, ignore_steps
from ivr.minutes import Minutes, NeverAgain, Notice
from ivr.mouth import Mouth
from ivr.opting_out import OptingOut
from ivr.reception import Reception
from ivr.switchboard import Switchboard
from ivr.transcript import overheard
from tts.speech import Speech, SpeechError

log = logging.getLogger(__name__)

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
    desk: Desk | None = None
    """None: nobody can come into the call."""


@dataclass(frozen=True, slots=True)
class _Call:
    """What a conversation is about, and on which leg."""

    leg: Leg
    equipment: Equipment
    flow: Flow
    facts: CallFacts


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
        self._call = _Call(leg, equipment, flow, facts)
        self._minutes = Minutes(recording, notice)
        self._ear = Ear(equipment.hearing)
        self._first_words = FirstWords()
        self._reception: Reception | None = None
        self._rang_until: float | None = None
        self._opting_out = OptingOut()
        desk, minutes = equipment.desk, self._minutes
        self._people = (
            None if desk is None else Switchboard(desk, leg, equipment.speech, flow, facts, minutes)
        )

    @property
    def state(self) -> str:
        """Where the conversation stands: a state of the flow, or which person has the call."""
        if self._people is not None:
            return self._people.state
        talk = self._reception.talk if self._reception is not None else None
        return talk.dialog.state if talk is not None else ""

    async def hold(self, request: DialRequest) -> ConversationReport:
        """Ring, talk and return the report once the leg has ended."""
        leg, dialed = self._call.leg, monotonic()
        if self._minutes.recording is not None:
            leg.record(self._minutes.recording)
        leg.dial(request)
        try:
            ended = await self._until_over()
            if ended is None:
                leg.hang_up()
                ended = await self._until_the_line_is_dead()
        except Exception as error:
            # Whatever the fault is, what was said before it is reported: a wish counts for ever.
            log.exception("a fault in a conversation")
            self._minutes.complain(f"{type(error).__name__}: {error}")
            ended = await self._break_off()
        except BaseException:
            leg.hang_up()
            raise
        finally:
            await self._close()
        rang_until = self._rang_until if self._rang_until is not None else monotonic()
        return self._report(ended, rang_until - dialed)

    async def _break_off(self) -> Ended:
        self._call.leg.hang_up()
        try:
            ended = await self._until_the_line_is_dead()
        except Exception:
            # The report of what was said is still to come.
            log.exception("a line did not end as it should")
            ended = Ended(HangupCause.CANCELLED)
        return replace(ended, cause=HangupCause.CANCELLED)

    async def _close(self) -> None:
        """Send everybody home and give back the recogniser; a fault there loses no report."""
        people = self._people
        for close in (self._ear.close, *(() if people is None else (people.close,))):
            try:
                await close()
            except Exception as error:
                # As above; and the other one is still to be closed.
                log.exception("a fault after a conversation")
                self._minutes.complain(f"{type(error).__name__}: {error}")

    async def _until_over(self) -> Ended | None:
        """Take inputs until they hang up (Ended) or until it is for us to do so (None)."""
        try:
            while not self._is_over():
                event = await self._call.leg.receive()
                if isinstance(event, Ended):
                    return event
                await self._take(event)
        except (SpeechError, RecognitionError, WavError, OSError) as error:
            # Without voice or ears a call can't go on; nobody must wait in silence.
            self._minutes.complain(str(error))
        return None

    async def _until_the_line_is_dead(self) -> Ended:
        while not isinstance(event := await self._call.leg.receive(), Ended):
            pass
        return event

    def _is_over(self) -> bool:
        if self._people is not None and not self._people.may_end:
            return False
        if self._people is not None and self._people.is_over:
            return True
        if self._reception is None:
            return self._first_words.is_hopeless()
        return self._reception.is_over(self._minutes.seconds)

    async def _take(self, event: LegEvent) -> None:
        reception, now = self._reception, self._minutes.seconds
        match event:
            case Sound():
                await self._take_sound(event)
            case Ringing() | EarlyMedia():
                self._minutes.tell(Ringing())
            case Answered():
                self._rang_until = monotonic()
                self._reception = self._receive_them(now)
                self._minutes.tell(Answered())
            case KeyPressed(digit):
                if self._people is not None and self._people.has_people:
                    self._people.customer_pressed(digit, now)
                elif reception is not None:
                    await reception.pressed(digit, now)
            case PlaybackEnded(playback):
                if self._people is not None:
                    self._people.playback_ended(playback, now)
                if reception is not None:
                    await reception.playback_ended(playback, now)
            case Ended():
                raise AssertionError("Ended ends the conversation before it gets here")

    async def _take_sound(self, sound: Sound) -> None:
        people, reception = self._people, self._reception
        self._minutes.hear(sound.frame)
        now = self._minutes.seconds
        if people is not None:
            people.sound(sound)
        heard = await self._heard(sound, now)
        for event in heard:
            if people is not None and people.has_people:
                if isinstance(event, Utterance):
                    people.customer_said(event)
                if not isinstance(event, SpeechDismissed):
                    people.customer_speaks(now)
            else:
                await self._hear(event, now)
        if people is not None:
            await people.tick(now)
        if reception is None:
            self._first_words.hear_before_answer(sound.frame)
        elif people is None or not people.has_people:
            await reception.tick(sound.frame, now)
        self._notice_opt_out(now)

    def _notice_opt_out(self, now: float) -> None:
        people, reception = self._people, self._reception
        talk = reception.talk if reception is not None else None
        settled = talk.dialog.settled if talk is not None else None
        understood = settled is not None and settled.outcome is DialogOutcome.OPTED_OUT
        certain = people is not None and people.opted_out
        if self._opting_out.is_new(now, understood=understood, certain=certain):
            self._minutes.tell(NeverAgain())

    async def _heard(self, sound: Sound, now: float) -> list[ListenerEvent]:
        """Return what this frame completed; where people have the call, no ear is needed for it."""
        people = self._people
        if people is None or not people.is_attended:
            return await self._ear.hear(sound.frame, now)
        try:
            return self._ear.hear_apart(sound.frame, now)
        except RecognitionError as error:
            if not people.has_people:
                raise
            self._minutes.complain(str(error))
            people.deafened()
            return []

    async def _hear(self, heard: ListenerEvent, now: float) -> None:
        reception = self._reception
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

    def _receive_them(self, answered_at: float) -> Reception:
        equipment, people = self._call.equipment, self._people
        line = Line(
            mouth=Mouth(self._call.leg),
            speech=equipment.speech,
            expect=self._ear.expect,
            keep=self._minutes.keep,
            notice=self._minutes.write,
            clock=equipment.clock,
            stepping=equipment.stepping,
            fetch=fetch_nobody if people is None else people.opener.step,
            opener=RobotOpens() if people is None else people.opener,
        )
        call = self._call
        reception = Reception(call.flow, call.facts, line, self._first_words, answered_at)
        if people is not None:
            people.received_by(reception)
        return reception

    def _report(self, ended: Ended, ring_seconds: float) -> ConversationReport:
        reception, minutes, people = self._reception, self._minutes, self._people
        talked = minutes.seconds - reception.answered_at if reception else 0.0
        result = reception.result() if reception else None
        return ConversationReport(
            ended=ended,
            answered=reception is not None,
            ring_seconds=ring_seconds,
            talk_seconds=talked,
            machine=reception.machine if reception else None,
            announcement=self._first_words.announcement,
            result=result if people is None else people.result(result),
            turns=minutes.turns,
            error=minutes.trouble,
            people=() if people is None else people.visits,
            flags=() if people is None else people.flags,
            abandoned=people is not None and people.opener.abandoned(minutes.seconds),
        )
