"""Visitor: one person's device on a call, from the ring to the end."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from asr.hearing import Utterance
from asr.stream import RecognitionError
from audio.level import dbfs
from audio.pcm import Frame
from dialer.leg import (
    Answered,
    DialRequest,
    Ended,
    HangupCause,
    Leg,
    PlaybackEnded,
    Sound,
)
from dialer.room import Mode, Party
from ivr.desk import Desk, NoWayIn
from ivr.ear import Ear
from ivr.people import Device, JoinAnswered
from tts.speech import Speech, SpeechError

log = logging.getLogger(__name__)

RING_SECONDS = 20.0
"""A person's device that is not answered for so long will not be."""
REACHED_SECONDS = 45.0
"""Of call audio, after which a device is given up of which nothing was heard at all: longer than
any ring and any look-up of a name."""
SILENT_SECONDS = 4.0
"""A device of which nothing comes for so long is gone; the customer waits for it that long."""
AUDIBLE_DBFS = -45.0
"""A headset is quieter while nobody speaks into it."""
AUDIBLE_FRAMES = 4
OF_FRAMES = 6
"""So many of the last so many must be audible: a click is not somebody who begins to speak."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The device is connected."""

    join: int


@dataclass(frozen=True, slots=True)
class SpokeUp:
    """He begins to speak, for the first time since he takes part in this way."""

    join: int


@dataclass(frozen=True, slots=True)
class SaidByVisitor:
    """He said something."""

    join: int
    utterance: Utterance


@dataclass(frozen=True, slots=True)
class PlayedOut:
    """What was played to him alone is over."""

    join: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The device was never connected."""

    join: int
    why: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The device was connected and is gone."""

    join: int
    ended: Ended


VisitorNews = Arrived | SpokeUp | SaidByVisitor | PlayedOut | Failed | Gone


@dataclass(slots=True)
class Attending:
    """What is known of somebody who was asked in; times are seconds of call audio."""

    party: Party
    invited: float = 0.0
    user: int = 0
    """Whose device it is; 0: not known."""
    leg: Leg | None = None
    began: float | None = None
    """None: not connected yet."""
    spoke: bool = False
    """Something of him was audible to the customer."""
    heard_at: float | None = None
    """When he was last audible in the way in which he takes part now."""
    speaks: bool = False
    """It was told that he has begun to speak, in the way in which he takes part now."""
    brief: str = ""
    """Played to him alone, first."""
    ear: Ear | None = None
    """None: nobody writes down what he says."""


Heard = Callable[[int, Frame], None]
"""Takes 20 ms of somebody's sound."""


class Visitor:
    """Runs one person's leg and tells what becomes of it; used once."""

    def __init__(
        self,
        attending: Attending,
        desk: Desk,
        speech: Speech,
        tell: Callable[[VisitorNews], None],
        heard: Heard,
        clock: Callable[[], float],
    ) -> None:
        """`clock` tells seconds of call audio."""
        self.at = attending
        self._desk = desk
        self._speech = speech
        self._tell = tell
        self._heard = heard
        self._clock = clock
        self._loudness: deque[bool] = deque(maxlen=OF_FRAMES)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def join(self) -> int:
        """His number."""
        return self.at.party.number

    def ring(self, device: Device) -> None:
        """Ring the device; what becomes of it is told."""
        self._tasks.append(asyncio.get_running_loop().create_task(self._visit(device)))

    def is_overdue(self) -> bool:
        """Answer whether the device should have been connected, or have failed, long ago."""
        return self.at.began is None and self._clock() - self.at.invited >= REACHED_SECONDS

    def speak(self, frame: Frame) -> None:
        """Let him hear a frame."""
        if self.at.leg is not None and self.at.began is not None:
            self.at.leg.speak(frame)

    def hush(self) -> None:
        """Stop what plays to him."""
        if self.at.leg is not None:
            self.at.leg.stop()

    def inform(self, text: str) -> None:
        """Say a sentence to him alone; that it is over is told as for a brief."""
        self._tasks.append(asyncio.get_running_loop().create_task(self._say(text)))

    async def leave(self) -> None:
        """Hang up his device; nothing more is told of him."""
        if self.at.leg is not None:
            self.at.leg.hang_up()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.at.ear is not None:
            await self.at.ear.close()

    async def _visit(self, device: Device) -> None:
        try:
            ended = await self._connect(device)
        except NoWayIn as error:
            self._tell(Failed(self.join, str(error)))
            return
        except Exception as error:
            # Nobody waits for a device that says nothing any more, whatever the fault was.
            log.exception("join %d failed", self.join)
            ended = Ended(HangupCause.FAILED, reason=str(error))
        arrived = self.at.began is not None
        self._tell(Gone(self.join, ended) if arrived else Failed(self.join, ended.cause.value))

    async def _connect(self, device: Device) -> Ended:
        person = await self._desk.leg_to(device)
        self.at.leg = person.leg
        brief = await self._made(self.at.brief)
        person.leg.dial(
            DialRequest(
                person.uri,
                timedelta(seconds=RING_SECONDS),
                media_timeout=timedelta(seconds=SILENT_SECONDS),
            )
        )
        if person.answer is not None:
            sdp = await person.answer()
            self._desk.tell(JoinAnswered(self._desk.attempt, self.join, sdp))
        while not isinstance(event := await person.leg.receive(), Ended):
            match event:
                case Answered():
                    self._arrive(brief)
                    # His voice must not wait for a recogniser that takes its time.
                    loop = asyncio.get_running_loop()
                    self._tasks.append(loop.create_task(self._open_ear()))
                case Sound(frame):
                    self._hear(frame)
                case PlaybackEnded():
                    self._tell(PlayedOut(self.join))
        return event

    async def _say(self, text: str) -> None:
        self._play(await self._made(text))

    async def _made(self, text: str) -> Path | None:
        if not text:
            return None
        try:
            return await self._speech.wav(text)
        except SpeechError:
            return None  # he sees it on his screen

    def _arrive(self, brief: Path | None) -> None:
        self.at.began = self._clock()
        self._tell(Arrived(self.join))
        self._play(brief)

    def _play(self, wav: Path | None) -> None:
        if wav is None or self.at.leg is None:
            self._tell(PlayedOut(self.join))
        else:
            self.at.leg.play(wav)

    async def _open_ear(self) -> None:
        try:
            hearing = await self._desk.hearing()
        except RecognitionError:
            return  # what he says goes unwritten; the customer hears it all the same
        self.at.ear = Ear(hearing)

    def _hear(self, frame: Frame) -> None:
        if self.at.began is None:
            return
        self._heard(self.join, frame)
        if self.at.party.mode in (Mode.TALK, Mode.BARGE):
            self._loudness.append(dbfs(frame) > AUDIBLE_DBFS)
            if sum(self._loudness) >= AUDIBLE_FRAMES:
                self._is_audible()
        if self.at.ear is None:
            return
        try:
            heard = self.at.ear.hear_apart(frame, self._clock())
        except RecognitionError:
            return  # he is deaf to us from now on, and not to the customer
        for event in heard:
            if isinstance(event, Utterance) and event.text:
                self._tell(SaidByVisitor(self.join, event))
                if self.at.party.mode in (Mode.TALK, Mode.BARGE):
                    self._is_audible()  # however softly he speaks

    def _is_audible(self) -> None:
        self.at.heard_at = self._clock()
        if not self.at.speaks:
            self.at.spoke = self.at.speaks = True
            self._tell(SpokeUp(self.join))
