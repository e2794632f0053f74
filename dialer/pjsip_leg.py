"""PjsipLeg: a Leg over SIP, as an event loop sees it."""

from __future__ import annotations

import contextlib
import itertools
import queue
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from audio.pcm import FRAME_BYTES, Frame
from audio.wav import read_wav
from dialer.addressing import complaint, completed
from dialer.causes import Ender
from dialer.leg import DialRequest, Ended, LegEvent, LegState, PlaybackEnded
from dialer.live_call import LiveCall
from dialer.mailbox import Mailbox
from dialer.media import Playback, Recorder, frames_of
from dialer.settings import SipSettings
from dialer.transitions import IllegalTransition, LegStep


class Commands(Protocol):
    """Where a leg's commands go: the SIP thread."""

    settings: SipSettings
    recorder: Recorder

    def submit(self, command: Callable[[], None]) -> None:
        """Run `command` on the SIP thread, in order."""


class PjsipLeg:
    """One call through pjsip, used once.

    Its methods are called on the loop it was made for. What can't be dialled does not raise:
    it ends with FAILED and a reason. Dialling twice raises IllegalTransition.
    """

    def __init__(self, commands: Commands, call: LiveCall, mailbox: Mailbox) -> None:
        self._commands = commands
        self._call = call
        self._mailbox = mailbox
        self._numbers = itertools.count(1)
        self._state = LegState.IDLE
        self._newest = 0
        self._silenced_up_to = 0

    def dial(self, request: DialRequest) -> None:
        """Send the INVITE; everything that follows arrives by `receive`."""
        if self._state is not LegState.IDLE:
            raise IllegalTransition(self._state, LegStep.DIAL)
        self._state = LegState.DIALING
        settings = self._commands.settings
        problem = complaint(request, settings)
        if problem:
            self._commands.submit(partial(self._call.refuse, problem))
            return
        media_timeout = request.media_timeout or settings.media_timeout
        self._commands.submit(
            partial(self._call.dial, completed(request, settings), media_timeout.total_seconds())
        )

    async def receive(self) -> LegEvent:
        """Return the next input, in order; asking on after `Ended` raises RuntimeError."""
        if self._state is LegState.ENDED:
            raise RuntimeError("the leg has ended; nothing more will come from it")
        while True:
            event = await self._mailbox.receive()
            if isinstance(event, Ended):
                self._state = LegState.ENDED
            if not (isinstance(event, PlaybackEnded) and event.playback <= self._silenced_up_to):
                return event

    def play(self, wav: Path) -> int:
        """Play a telephone WAV after those already queued; return its playback number.

        Raises WavError or OSError when the file can't be played.
        """
        frames = frames_of(len(read_wav(wav)))
        self._newest = next(self._numbers)
        self._commands.submit(partial(self._call.play, Playback(self._newest, wav, frames)))
        return self._newest

    def stop(self) -> None:
        """Fall silent within a frame of the bridge and forget what was queued."""
        self._silenced_up_to = self._newest
        self._commands.submit(self._call.stop)

    def speak(self, frame: Frame) -> None:
        """Say a frame as soon as possible, beside what plays; raises ValueError for another length.

        Nothing is heard before there is sound, and what comes faster than it is heard is lost.
        """
        if len(frame) != FRAME_BYTES:
            raise ValueError(f"a frame has {FRAME_BYTES} bytes, not {len(frame)}")
        # Past the SIP thread, once it has made way: another thread that wakes late delays words.
        if not self._call.speak(frame):
            with contextlib.suppress(queue.Full):
                self._commands.submit(partial(self._call.begin_to_speak, frame))

    def record(self, wav: Path) -> None:
        """Write both sides to a stereo WAV; it is complete when `Ended` arrives."""
        self._commands.submit(partial(self._call.record, self._commands.recorder, wav))

    def hang_up(self) -> None:
        """End or cancel the call; `Ended` follows."""
        self._commands.submit(partial(self._call.end, Ender.WE))
