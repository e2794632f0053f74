"""DeviceLeg: a Leg whose far end sits at this computer, with a microphone and a speaker.

dial -> Ringing, Answered -> Sound every 20 ms, as the device gives it -> Ended
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from pathlib import Path

from audio.mixing import mix
from audio.pcm import SILENCE, Frame, frames
from audio.wav import StereoRecording, read_wav
from dialer.leg import (
    Answered,
    DialRequest,
    Ended,
    HangupCause,
    KeyPressed,
    LegEvent,
    LegState,
    PlaybackEnded,
    Ringing,
    Sound,
)
from dialer.mailbox import Mailbox
from dialer.playout import MOST_WAITING
from dialer.sound_device import SoundDevice, SoundDeviceError
from dialer.transitions import LegStep, next_state

AHEAD_FRAMES = 50
"""The device's thread waits for a reader that is 1 s behind; then the device itself drops sound."""


class DeviceLeg:
    """One call with whoever sits here; used once.

    Its methods are called on the loop it was made for; a thread of its own serves the device.
    """

    def __init__(self, device: SoundDevice, *, through_speaker: bool = False) -> None:
        """`through_speaker`: hear nothing while we speak, for want of a headset."""
        self._device = device
        self._mailbox = Mailbox(asyncio.get_running_loop())
        self._deck = _Deck(through_speaker)
        self._state = LegState.IDLE
        self._room = threading.Semaphore(AHEAD_FRAMES)
        self._ending: Ended | None = None
        self._thread = threading.Thread(target=self._serve, name="sound device", daemon=True)

    def dial(self, request: DialRequest) -> None:
        """Pick up at once; raises IllegalTransition the second time."""
        self._state = next_state(self._state, LegStep.DIAL)
        self._mailbox.post(Ringing())
        self._mailbox.post(Answered())
        self._thread.start()

    async def receive(self) -> LegEvent:
        """Return the next input; asking on after `Ended` raises RuntimeError."""
        if self._state is LegState.ENDED:
            raise RuntimeError("the leg has ended; nothing more will come from it")
        while True:
            event = await self._mailbox.receive()
            if isinstance(event, Sound):
                self._room.release()
            if isinstance(event, Ended):
                self._state = LegState.ENDED
            if not (isinstance(event, PlaybackEnded) and self._deck.was_stopped(event.playback)):
                return event

    def play(self, wav: Path) -> int:
        """Play a telephone WAV after those already queued; raises WavError or OSError."""
        return self._deck.add(read_wav(wav))

    def stop(self) -> None:
        """Fall silent and forget what was queued."""
        self._deck.stop()

    def speak(self, frame: Frame) -> None:
        """Say a frame as soon as those before it are over, beside what plays."""
        self._deck.speak(frame)

    def record(self, wav: Path) -> None:
        """Write both sides until the call ends."""
        self._deck.record(wav)

    def hang_up(self) -> None:
        """End the call."""
        self._end(Ended(HangupCause.WE_HUNG_UP))

    def put_down(self) -> None:
        """Let whoever sits here hang up."""
        self._end(Ended(HangupCause.THEY_HUNG_UP))

    def press(self, digit: str) -> None:
        """Let whoever sits here press a key."""
        self._mailbox.post(KeyPressed(digit))

    def _end(self, ended: Ended) -> None:
        if self._ending is None:
            self._ending = ended
            self._room.release()
            if self._state is LegState.IDLE:
                self._thread.start()

    def _serve(self) -> None:
        """Move sound both ways until the call ends; the thread's own work."""
        lost = ""
        try:
            while self._ending is None:
                self._room.acquire()
                heard = self._device.read()
                heard, said, over = self._deck.turn(heard)
                self._device.write(said)
                self._mailbox.post(Sound(heard, said))
                if over:
                    self._mailbox.post(PlaybackEnded(over))
            self._device.close()
        except SoundDeviceError as error:
            lost = str(error)
        self._deck.close()
        ended = self._ending
        if lost or ended is None:
            ended = Ended(HangupCause.MEDIA_LOST, reason=lost)
        self._mailbox.post(ended)


class _Deck:
    """What is being played and recorded; shared by the loop and the device's thread."""

    def __init__(self, through_speaker: bool) -> None:
        self._lock = threading.Lock()
        self._queued: deque[tuple[int, deque[Frame]]] = deque()
        self._spoken: deque[Frame] = deque()
        self._newest = 0
        self._stopped = 0
        self._recording: StereoRecording | None = None
        self._deaf_while_speaking = through_speaker

    def add(self, pcm: bytes) -> int:
        """Queue sound; return its number."""
        with self._lock:
            self._newest += 1
            self._queued.append((self._newest, deque(frames(pcm) if pcm else (SILENCE,))))
            return self._newest

    def speak(self, frame: Frame) -> None:
        """Let people say a frame; one that would wait too long is lost."""
        with self._lock:
            if len(self._spoken) < MOST_WAITING:
                self._spoken.append(frame)

    def stop(self) -> None:
        """Forget everything queued."""
        with self._lock:
            self._stopped = self._newest
            self._queued.clear()

    def was_stopped(self, playback: int) -> bool:
        """Answer whether a playback was cut."""
        return playback <= self._stopped

    def record(self, wav: Path) -> None:
        """Record from now on."""
        with self._lock:
            self._recording = StereoRecording(wav)

    def turn(self, heard: Frame) -> tuple[Frame, Frame, int]:
        """Return what was heard, what is to be said, and the playback that ended; 0: none."""
        with self._lock:
            said, over = SILENCE, 0
            if self._queued:
                number, left = self._queued[0]
                said = left.popleft()
                heard = SILENCE if self._deaf_while_speaking else heard
                if not left:
                    self._queued.popleft()
                    over = number
            if self._spoken:
                said = mix((said, self._spoken.popleft()))
                heard = SILENCE if self._deaf_while_speaking else heard
            if self._recording is not None:
                self._recording.write(heard, said)
            return heard, said, over

    def close(self) -> None:
        """Finish the recording."""
        with self._lock:
            if self._recording is not None:
                self._recording.close()
                self._recording = None
