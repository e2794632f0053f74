"""Ear: the hearing of one leg, which other people's sound must not wait for.

together   frame -> recogniser -> events        the caller waits for a recogniser that thinks
apart      frame -> queue -> task -> events     the caller takes what is ready, and goes on

A recogniser counts the frames it was given. Some may be missing: a browser skips some, and a queue
that is full drops the oldest. So each frame comes with the time at which it was heard in the call,
and what was said is told in that time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace

from asr.hearing import (
    Expectation,
    Hearing,
    ListenerEvent,
    Partial,
    SpeechDismissed,
    SpeechStarted,
    Utterance,
)
from asr.stream import RecognitionError
from audio.pcm import FRAME_SECONDS, Frame

FRAMES_WAITING = 500
"""Ten seconds of sound; beyond that the oldest is dropped, for nobody reads it any more."""


TOLERANCE_SECONDS = 0.1
"""Frames that come so much earlier or later than they should have lost none of theirs."""
GAPS_KNOWN = 64


class CallTime:
    """Tells when in the call a recogniser's time was; all in seconds."""

    def __init__(self) -> None:
        self._frames = 0
        self._shifts: deque[tuple[float, float]] = deque(maxlen=GAPS_KNOWN)
        """From which time of the recogniser on, and how much later it was in the call."""

    def heard(self, now: float) -> None:
        """Take note that the next frame was heard when the call was that old, it included."""
        began = self._frames * FRAME_SECONDS
        self._frames += 1
        shift = round(now - FRAME_SECONDS - began, 3)
        if not self._shifts or abs(shift - self._shifts[-1][1]) > TOLERANCE_SECONDS:
            self._shifts.append((began, shift))

    def of(self, seconds: float) -> float:
        """Return when in the call that was."""
        known = [shift for began, shift in self._shifts if began <= seconds + FRAME_SECONDS / 2]
        earliest = self._shifts[0][1] if self._shifts else 0.0
        return seconds + (known[-1] if known else earliest)


class Ear:
    """Frames in, what was said out, in seconds of call audio; deaf once its recogniser failed."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._time = CallTime()
        self._frames: deque[tuple[Frame, float]] = deque(maxlen=FRAMES_WAITING)
        self._heard: list[ListenerEvent] = []
        self._task: asyncio.Task[None] | None = None
        self._failure: RecognitionError | None = None
        self._is_deaf = False

    @property
    def is_deaf(self) -> bool:
        """No recogniser hears this leg any more."""
        return self._is_deaf

    def expect(self, expectation: Expectation) -> None:
        """Shape the hearing of the next utterance."""
        self._hearing.expect(expectation)

    async def hear(self, frame: Frame, now: float) -> list[ListenerEvent]:
        """Take one frame and return what it completed; raises RecognitionError once.

        `now`: seconds of call audio, this frame included.
        """
        if self._task is not None and not self._task.done():
            return self.hear_apart(frame, now)
        heard = self._ready()
        if self._is_deaf:
            return heard
        self._time.heard(now)
        try:
            return [*heard, *self._in_call(await self._hearing.hear(frame))]
        except RecognitionError:
            self._is_deaf = True
            raise

    def hear_apart(self, frame: Frame, now: float) -> list[ListenerEvent]:
        """Take one frame and return what is ready, waiting for nothing; it raises like `hear`."""
        heard = self._ready()
        if not self._is_deaf:
            self._frames.append((frame, now))
            if self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self._listen())
        return heard

    async def close(self) -> None:
        """Give back the recogniser."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._hearing.close()

    async def _listen(self) -> None:
        """Hear what waits; whoever asks next is told of it."""
        while self._frames and self._failure is None:
            frame, now = self._frames.popleft()
            self._time.heard(now)
            try:
                self._heard += self._in_call(await self._hearing.hear(frame))
            except RecognitionError as error:
                self._failure = error

    def _ready(self) -> list[ListenerEvent]:
        heard, self._heard = self._heard, []
        failure, self._failure = self._failure, None
        if failure is not None:
            self._is_deaf = True
            raise failure
        return heard

    def _in_call(self, heard: list[ListenerEvent]) -> list[ListenerEvent]:
        return [_told(event, self._time) for event in heard]


def _told(event: ListenerEvent, time: CallTime) -> ListenerEvent:
    """Return an event in the time of the call."""
    match event:
        case SpeechStarted(began):
            return SpeechStarted(time.of(began))
        case SpeechDismissed(at):
            return SpeechDismissed(time.of(at))
        case Utterance():
            words = tuple(
                replace(word, began=time.of(word.began), ended=time.of(word.ended))
                for word in event.words
            )
            began = time.of(event.began)
            return replace(
                event,
                began=began,
                ended=max(began, time.of(event.ended)),
                decided=max(began, time.of(event.decided)),
                words=words,
            )
        case Partial():
            return event
