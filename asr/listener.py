"""The ear of one leg: frames in; speech started, partials and utterances out.

The number of frames is the only clock. Recognition starts with the frames before the start was
noticed, so that no first word is lost, and has decoded nearly all when the turn ends.
"""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from asr.endpointing import Endpointer, EndpointSettings, TurnBegan, TurnEnded
from asr.hearing import (
    Expectation,
    ListenerEvent,
    Partial,
    Recognition,
    RecognitionStream,
    SpeechDismissed,
    SpeechStarted,
    Utterance,
    Word,
)
from asr.stream import RecognitionError
from asr.vad import VoiceDetector
from audio.pcm import FRAME_SECONDS, Frame

log = logging.getLogger(__name__)

_SYLLABLE = re.compile(r"[a-zA-Z0-9']+|[^\W\da-zA-Z]")

Patience = Callable[[str, Expectation], float]
"""Given what was heard so far: the seconds of silence that end the turn."""


def steady_patience(heard: str, expectation: Expectation) -> float:
    """Wait as long as the question says, whatever was heard."""
    return expectation.end_silence_seconds


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """How a listener handles sound."""

    endpointing: EndpointSettings = field(default_factory=EndpointSettings)
    preroll_seconds: float = 0.3
    """Sound before the first voiced frame that is recognised too."""
    chunk_seconds: float = 0.1
    """Sound handed to the recogniser at a time."""
    shortest_seconds: float = 0.25
    """Voice shorter than this in which no word was found was a noise."""
    voiced_share: float = 0.4
    """A turn with less voice than this in which no word was found was a noise."""
    fewest_syllables_per_second: float = 1.0
    """People say three to six; a word found in a rumble that says fewer is not believed."""
    judged_from_seconds: float = 1.1
    """Shorter turns may be one drawn-out word."""


@dataclass(slots=True)
class _Turn:
    """The utterance in progress."""

    start: float
    """Seconds of call audio at the first byte given to the recogniser."""
    expectation: Expectation
    chunk: bytearray
    partial: str = ""


class Listener:
    """Hearing over a recognition stream; used on one event loop."""

    def __init__(
        self,
        stream: RecognitionStream,
        detector: VoiceDetector,
        settings: ListenerSettings | None = None,
        patience: Patience = steady_patience,
    ) -> None:
        self._stream = stream
        self._detector = detector
        self._settings = settings or ListenerSettings()
        self._patience = patience
        self._endpointer = Endpointer(self._settings.endpointing)
        lookback = self._settings.preroll_seconds + self._settings.endpointing.start_window_seconds
        self._recent = deque[Frame](maxlen=round(lookback / FRAME_SECONDS))
        self._expectation = Expectation()
        self._turn: _Turn | None = None

    @property
    def speaking(self) -> bool:
        """An utterance is in progress."""
        return self._turn is not None

    @property
    def heard_seconds(self) -> float:
        """Seconds of call audio heard so far."""
        return self._endpointer.heard_seconds

    def expect(self, expectation: Expectation) -> None:
        """Shape the hearing of the next utterance; one in progress keeps what it began with."""
        self._expectation = expectation

    async def hear(self, frame: Frame) -> list[ListenerEvent]:
        """Take one frame and return what it completed, in order."""
        voiced = self._detector.is_speech(frame)
        turn = self._turn
        expectation = turn.expectation if turn else self._expectation
        change = self._endpointer.step(
            voiced,
            self._patience(turn.partial if turn else "", expectation),
            expectation.max_speech_seconds,
        )
        self._recent.append(frame)
        if isinstance(change, TurnBegan):
            return await self._begin(change)
        if turn is None:
            return []
        events = await self._feed(turn, frame)
        if isinstance(change, TurnEnded):
            self._turn = None
            events += await self._end(turn, change)
        return events

    async def close(self) -> None:
        """Give back the recogniser."""
        self._turn = None
        await self._stream.close()

    async def _begin(self, change: TurnBegan) -> list[ListenerEvent]:
        wanted = change.noticed - change.began + self._settings.preroll_seconds
        frames = list(self._recent)[-round(wanted / FRAME_SECONDS) :]
        start = change.noticed - len(frames) * FRAME_SECONDS
        self._turn = _Turn(start, self._expectation, bytearray())
        await self._stream.begin(self._expectation.phrases)
        await self._stream.accept(b"".join(frames))
        return [SpeechStarted(change.began)]

    async def _feed(self, turn: _Turn, frame: Frame) -> list[ListenerEvent]:
        turn.chunk += frame
        if len(turn.chunk) >= round(self._settings.chunk_seconds / FRAME_SECONDS) * len(frame):
            await self._hand_over(turn)
        text = self._stream.partial()
        if not text or text == turn.partial:
            return []
        turn.partial = text
        return [Partial(text)]

    async def _hand_over(self, turn: _Turn) -> None:
        if turn.chunk:
            await self._stream.accept(bytes(turn.chunk))
            turn.chunk.clear()

    async def _end(self, turn: _Turn, change: TurnEnded) -> list[ListenerEvent]:
        await self._hand_over(turn)
        try:
            recognition = await self._stream.finish()
        except RecognitionError as error:
            # The callee did speak: an utterance without words makes the dialog ask again.
            log.warning("an utterance was not recognised: %s", error)
            recognition = Recognition(text="", confidence=0.0)
        if self._is_rumble(recognition, change):
            recognition = Recognition(text="", confidence=0.0)
        if not recognition.text and self._was_noise(change):
            return [SpeechDismissed(change.decided)]
        return [
            Utterance(
                text=recognition.text,
                confidence=recognition.confidence,
                began=change.began,
                ended=change.ended,
                words=tuple(_shifted(word, turn.start) for word in recognition.words),
                decided=change.decided,
            )
        ]

    def _is_rumble(self, recognition: Recognition, change: TurnEnded) -> bool:
        lasted = change.ended - change.began
        return (
            lasted >= self._settings.judged_from_seconds
            and len(_SYLLABLE.findall(recognition.text))
            < lasted * self._settings.fewest_syllables_per_second
        )

    def _was_noise(self, change: TurnEnded) -> bool:
        return (
            change.ended - change.began < self._settings.shortest_seconds
            or change.voiced_share < self._settings.voiced_share
        )


def _shifted(word: Word, by_seconds: float) -> Word:
    return replace(word, began=word.began + by_seconds, ended=word.ended + by_seconds)
