"""LoopbackLeg: a Leg without a network, whose callee follows a script in virtual time.

    leg = LoopbackLeg(Step(At(2.0), Answer()), Step(AfterSilence(0.6), Speak(pcm)), ...)

Every `receive` is answered at once; each Sound moves the leg's clock on by 20 ms. The same script
and the same commands give the same inputs, always.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

from audio.mixing import mix
from audio.pcm import FRAME_SECONDS, SILENCE, Frame
from audio.wav import StereoRecording, read_wav
from dialer.leg import (
    Answered,
    DialRequest,
    EarlyMedia,
    Ended,
    HangupCause,
    KeyPressed,
    LegEvent,
    LegState,
    MediaStatistics,
    PlaybackEnded,
    Ringing,
    Sound,
)
from dialer.playout import MOST_WAITING
from dialer.script import (
    AfterSilence,
    AfterStart,
    Answer,
    At,
    Deed,
    HangUp,
    Mouth,
    Pause,
    Press,
    Ring,
    Script,
    Speak,
    StartEarlyMedia,
    Step,
    answering,
)
from dialer.transitions import LegStep, next_state

__all__ = [
    "AfterSilence",
    "AfterStart",
    "Answer",
    "At",
    "HangUp",
    "LoopbackLeg",
    "Pause",
    "Played",
    "Press",
    "Ring",
    "Speak",
    "StartEarlyMedia",
    "Step",
    "answering",
]


@dataclass(frozen=True, slots=True)
class Played:
    """What Menling let the callee hear of one WAV."""

    playback: int
    wav: Path
    began: float
    """Seconds of call audio."""
    ended: float | None = None
    """None: it still plays."""
    whole: bool = False
    """False once it was cut."""


class Menling:
    """Menling's side of a loopback: its WAVs one after the other, and what was heard of them.

    People speak beside them.
    """

    def __init__(self) -> None:
        self.mouth = Mouth()
        self.played: list[Played] = []
        self.spoken: list[Frame] = []
        """What people have said, as far as it was heard."""
        self._waiting: deque[Frame] = deque()
        self._queued: deque[tuple[int, Path, bytes]] = deque()
        self._newest = 0

    def play(self, wav: Path) -> int:
        """Queue a WAV."""
        self._newest += 1
        self._queued.append((self._newest, wav, read_wav(wav)))
        return self._newest

    def stop(self, now: float) -> None:
        """Cut what plays and forget the queue."""
        self._queued.clear()
        if self.mouth.speaks:
            self.mouth.shut(now)
            self.played[-1] = replace(self.played[-1], ended=now)

    def add(self, frame: Frame) -> None:
        """Let people say a frame after those that wait; one that would wait too long is lost."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(frame)

    def speak(self, now: float) -> tuple[Frame, int | None]:
        """Return the frame up to `now`, and the playback that ended with it."""
        frame, ended = self._play(now)
        if self._waiting:
            self.spoken.append(self._waiting.popleft())
            frame = mix((frame, self.spoken[-1]))
        return frame, ended

    def _play(self, now: float) -> tuple[Frame, int | None]:
        began = now - FRAME_SECONDS
        if not self.mouth.speaks and self._queued:
            number, wav, pcm = self._queued.popleft()
            self.mouth.say(pcm or SILENCE, began)
            self.played.append(Played(number, wav, began))
        was_speaking = self.mouth.speaks
        frame = self.mouth.next_frame(now)
        if not was_speaking or self.mouth.speaks:
            return frame, None
        self.played[-1] = replace(self.played[-1], ended=now, whole=True)
        return frame, self.played[-1].playback


class LoopbackLeg:
    """A leg whose far end is a script."""

    def __init__(self, *steps: Step, hiss: bytes = SILENCE) -> None:
        """`hiss` is the noise of the far end's line, repeated while nobody speaks."""
        self.state = LegState.IDLE
        self.seconds = 0.0
        """The leg's clock: seconds of audio, or since the dial while none flows."""
        self.request: DialRequest | None = None
        self._menling = Menling()
        self._callee = Mouth(hiss)
        self._script = Script(steps)
        self._pending: deque[LegEvent] = deque()
        self._recording: StereoRecording | None = None

    @property
    def played(self) -> tuple[Played, ...]:
        """What the callee has heard of Menling, in order."""
        return tuple(self._menling.played)

    @property
    def spoken(self) -> tuple[Frame, ...]:
        """What the callee has heard of people, frame by frame."""
        return tuple(self._menling.spoken)

    def dial(self, request: DialRequest) -> None:
        """Start the script; raises IllegalTransition the second time."""
        self.state = next_state(self.state, LegStep.DIAL)
        self.request = request

    async def receive(self) -> LegEvent:
        """Return the next input at once; raises RuntimeError when nothing can follow."""
        await asyncio.sleep(0)  # other tasks get their turn between two inputs
        while not self._pending:
            if self.state in (LegState.IDLE, LegState.ENDED):
                raise RuntimeError(f"the leg is {self.state}; nothing will come from it")
            self._advance()
        return self._pending.popleft()

    def play(self, wav: Path) -> int:
        """Queue a telephone WAV; raises WavError or OSError when it can't be read."""
        return self._menling.play(wav)

    def stop(self) -> None:
        """Fall silent and forget the queue."""
        self._menling.stop(self.seconds)
        self._pending = deque(e for e in self._pending if not isinstance(e, PlaybackEnded))

    def speak(self, frame: Frame) -> None:
        """Say a frame as soon as those before it are over; without sound nobody hears it."""
        if self.state in (LegState.EARLY_MEDIA, LegState.ANSWERED):
            self._menling.add(frame)

    def record(self, wav: Path) -> None:
        """Write both sides from now on; complete when `Ended` arrives."""
        self._recording = StereoRecording(wav)

    def hang_up(self) -> None:
        """End or cancel the call."""
        if self.state is LegState.ENDED:
            return
        was_answered = self.state is LegState.ANSWERED
        self._end(Ended(HangupCause.WE_HUNG_UP if was_answered else HangupCause.CANCELLED))

    def _advance(self) -> None:
        deed = self._script.take(self.seconds, self._menling.mouth, self._callee)
        if deed is not None:
            self._do(deed)
        elif self.state in (LegState.EARLY_MEDIA, LegState.ANSWERED):
            self._tick()
        else:
            self._jump()

    def _do(self, deed: Deed) -> None:
        match deed:
            case Ring():
                self._step(LegStep.RING, Ringing())
            case StartEarlyMedia():
                self._begin_audio()
                self._step(LegStep.EARLY_MEDIA, EarlyMedia())
            case Answer():
                self._begin_audio()
                self._step(LegStep.ANSWER, Answered())
            case Speak(sound):
                pcm = read_wav(sound) if isinstance(sound, Path) else sound
                self._callee.say(pcm, self.seconds)
            case Press(digit):
                self._pending.append(KeyPressed(digit))
            case HangUp(cause, sip_status, reason):
                self._end(Ended(cause, sip_status, reason, MediaStatistics()))

    def _begin_audio(self) -> None:
        if self.state in (LegState.DIALING, LegState.RINGING):
            self.seconds = 0.0
            self._script.restart_clock()

    def _tick(self) -> None:
        self.seconds = round(self.seconds + FRAME_SECONDS, 6)
        heard = self._callee.next_frame(self.seconds)
        said, ended = self._menling.speak(self.seconds)
        if self._recording is not None:
            self._recording.write(heard, said)
        self._pending.append(Sound(heard, said))
        if ended is not None:
            self._pending.append(PlaybackEnded(ended))

    def _jump(self) -> None:
        moment = self._script.next_moment()
        limit = self.request.ring_timeout.total_seconds() if self.request else 0.0
        if moment is None or moment > limit:
            self.seconds = limit
            self._end(Ended(HangupCause.NO_ANSWER, 487))
        else:
            self.seconds = moment

    def _step(self, step: LegStep, event: LegEvent) -> None:
        self.state = next_state(self.state, step)
        self._pending.append(event)

    def _end(self, ended: Ended) -> None:
        self.state = next_state(self.state, LegStep.END)
        if self._recording is not None:
            self._recording.close()
        self._pending.append(ended)
