"""WebRtcLeg: a Leg whose far end is a page in a browser.

dial -> Ringing, and `answer_sdp` has what the page needs -> Answered when it has connected
     -> Sound every 20 ms, by a clock of our own -> Ended
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from audio.pcm import FRAME_SECONDS, Frame
from audio.wav import read_wav
from dialer.leg import (
    Answered,
    DialRequest,
    Ended,
    HangupCause,
    LegEvent,
    LegState,
    PlaybackEnded,
    Ringing,
    Sound,
)
from dialer.mailbox import Mailbox
from dialer.transitions import LegStep, next_state
from dialer.webrtc_link import Link
from dialer.webrtc_offer import admitted
from dialer.webrtc_sound import Mouth

log = logging.getLogger(__name__)

LATE_SECONDS = 0.2
"""A clock that is later than this has lost time and doesn't make up for it."""


class WebRtcError(RuntimeError):
    """The page can't be answered; the message says why."""


class WebRtcLeg:
    """One call with a page; used once, on the loop it was made for."""

    def __init__(self, offer_sdp: str, address: str = "127.0.0.1") -> None:
        """`address` is where the page will find this machine; 0.0.0.0: wherever it can."""
        self._offer = offer_sdp
        self._mailbox = Mailbox(asyncio.get_running_loop())
        self._mouth = Mouth()
        self._link = Link(address)
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._state = LegState.IDLE
        self._stopped_up_to = 0
        self._serving: asyncio.Task[None] | None = None

    def dial(self, request: DialRequest) -> None:
        """Answer the page's offer; its `ring_timeout` is how long the page has to connect.

        Raises IllegalTransition the second time.
        """
        self._state = next_state(self._state, LegStep.DIAL)
        self._mailbox.post(Ringing())
        self._serving = asyncio.create_task(self._serve(request.ring_timeout.total_seconds()))

    async def answer_sdp(self) -> str:
        """Return what the page must be given to connect; raises WebRtcError if that can't be."""
        await _either(self._answer, self._link.over)
        if not self._answer.done():
            raise WebRtcError(self._link.over.result().reason)
        return self._answer.result()

    async def receive(self) -> LegEvent:
        """Return the next input; asking on after `Ended` raises RuntimeError."""
        if self._state is LegState.ENDED:
            raise RuntimeError("the leg has ended; nothing more will come from it")
        while True:
            event = await self._mailbox.receive()
            if isinstance(event, Ended):
                self._state = LegState.ENDED
            if not (isinstance(event, PlaybackEnded) and event.playback <= self._stopped_up_to):
                return event

    def play(self, wav: Path) -> int:
        """Play a telephone WAV after those already queued; raises WavError or OSError."""
        return self._mouth.play(read_wav(wav))

    def speak(self, frame: Frame) -> None:
        """Say one frame at once, beside what plays."""
        self._mouth.speak(frame)

    def stop(self) -> None:
        """Let what plays fall silent and forget what was queued; what is spoken goes on."""
        self._stopped_up_to = self._mouth.stop()

    def record(self, wav: Path) -> None:
        """Refuse: a call is recorded where the customer is."""
        raise NotImplementedError("a page is not recorded; record the customer's leg")

    def hang_up(self) -> None:
        """End the call, or stop waiting for the page."""
        is_up = self._link.connected.done()
        self._link.end(Ended(HangupCause.WE_HUNG_UP if is_up else HangupCause.CANCELLED))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve(0.0))

    async def _serve(self, patience_seconds: float) -> None:
        """Hold the call from the offer to the end."""
        over = self._link.over
        if not over.done():
            await self._connect(patience_seconds)
        due = asyncio.get_running_loop().time()
        while not over.done():
            due = await _next_turn(due)
            self._take_turn()
        await self._link.close()
        self._mailbox.post(over.result())

    async def _connect(self, patience_seconds: float) -> None:
        link = self._link
        try:
            self._answer.set_result(await link.answer(admitted(self._offer)))
        except Exception as error:
            # The offer comes from outside: whatever the engine says of it, only this leg ends.
            reason = str(error) or f"the browser's offer can't be read ({type(error).__name__})"
            log.warning("a browser's offer was refused: %s", reason)
            link.end(Ended(HangupCause.FAILED, reason=reason))
            return
        await _either(link.connected, link.over, patience_seconds)
        if link.connected.done():
            self._mailbox.post(Answered())
        else:
            link.end(Ended(HangupCause.NO_ANSWER, reason="the page never connected"))

    def _take_turn(self) -> None:
        said, over = self._mouth.turn()
        self._mailbox.post(Sound(self._link.turn(said), said))
        if over:
            self._mailbox.post(PlaybackEnded(over))


async def _either(
    one: asyncio.Future[Any], other: asyncio.Future[Any], seconds: float | None = None
) -> None:
    """Wait until one of two is done, or so long."""
    await asyncio.wait((one, other), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


async def _next_turn(due: float) -> float:
    """Wait until 20 ms after `due` on the loop's clock; return from when the next turn counts."""
    loop = asyncio.get_running_loop()
    due += FRAME_SECONDS
    late = loop.time() - due
    if late > LATE_SECONDS:
        return loop.time()
    await asyncio.sleep(max(0.0, -late))
    return due
