"""Ear: the hearing of one leg, which other people's sound must not wait for.

together   frame -> recogniser -> events        the caller waits for a recogniser that thinks
apart      frame -> queue -> task -> events     the caller takes what is ready, and goes on
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
from audio.pcm import Frame

FRAMES_WAITING = 500
"""Ten seconds of sound; beyond that the oldest is dropped, for nobody reads it any more."""


class Ear:
    """Frames in, what was said out; deaf once its recogniser has failed.

    `offset` is added to all times: seconds of call audio before its first frame.
    """

    def __init__(self, hearing: Hearing, offset: float = 0.0) -> None:
        self._hearing = hearing
        self._offset = offset
        self._frames: deque[Frame] = deque(maxlen=FRAMES_WAITING)
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

    async def hear(self, frame: Frame) -> list[ListenerEvent]:
        """Take one frame and return what it completed; raises RecognitionError once."""
        if self._task is not None and not self._task.done():
            return self.hear_apart(frame)
        heard = self._ready()
        if self._is_deaf:
            return heard
        try:
            return [*heard, *self._shifted(await self._hearing.hear(frame))]
        except RecognitionError:
            self._is_deaf = True
            raise

    def hear_apart(self, frame: Frame) -> list[ListenerEvent]:
        """Take one frame and return what is ready, waiting for nothing; it raises like `hear`."""
        heard = self._ready()
        if not self._is_deaf:
            self._frames.append(frame)
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
            try:
                self._heard += await self._hearing.hear(self._frames.popleft())
            except RecognitionError as error:
                self._failure = error

    def _ready(self) -> list[ListenerEvent]:
        heard, self._heard = self._heard, []
        failure, self._failure = self._failure, None
        if failure is not None:
            self._is_deaf = True
            raise failure
        return self._shifted(heard)

    def _shifted(self, heard: list[ListenerEvent]) -> list[ListenerEvent]:
        return [_later(event, self._offset) for event in heard] if self._offset else heard


def _later(event: ListenerEvent, seconds: float) -> ListenerEvent:
    match event:
        case SpeechStarted(began):
            return SpeechStarted(began + seconds)
        case SpeechDismissed(at):
            return SpeechDismissed(at + seconds)
        case Utterance():
            words = tuple(
                replace(word, began=word.began + seconds, ended=word.ended + seconds)
                for word in event.words
            )
            return replace(
                event,
                began=event.began + seconds,
                ended=event.ended + seconds,
                decided=event.decided + seconds,
                words=words,
            )
        case Partial():
            return event
