"""The ear of one leg: frames in; speech started, partials and utterances out.

    frames   . . v v v v v v v v . . . . . v v v v v v . . . . . . . . .
                 ^began    |         ^settled          ^ended    |    ^Utterance
                     ^SpeechStarted  Partial(settled)            settled: Partial(settled)
    silence                  |- 0.2 -|                 |- 0.2 ---|
                                       goes on: it was a pause   |- what the words ask for -|

The number of frames is the only clock. Recognition starts with the frames before the start was
noticed, so that no first word is lost. After 0.2 s of silence the words so far are settled, and
they say how much silence ends the turn: a complete answer needs hardly more, an unfinished one
waits. While we speak ourselves (`Expectation.eager`) the beginning of a turn is looked at several
times, so that we can give way to words and need not give way to a cough.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field

from asr.endpointing import Endpointer, EndpointSettings, TurnBegan, TurnEnded, TurnState
from asr.hearing import (
    Expectation,
    ListenerEvent,
    Partial,
    Recognition,
    RecognitionStream,
    SpeechDismissed,
    SpeechStarted,
    Utterance,
)
from asr.pitch import pitched_seconds
from asr.turn import HeardTurn
from asr.vad import VoiceDetector
from audio.pcm import FRAME_BYTES, FRAME_SECONDS, Frame

PITCHED_FRAMES = 9
"""How far back a pitch is looked for: 0.18 s."""

_SYLLABLE = re.compile(r"[a-zA-Z0-9']+|[^\W\da-zA-Z]")


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """How a listener handles sound."""

    endpointing: EndpointSettings = field(default_factory=EndpointSettings)
    preroll_seconds: float = 0.3
    """Sound before the first voiced frame that is recognised too."""
    pause_preroll_seconds: float = 0.16
    """The same where a voice comes back after a pause."""
    settle_seconds: float = 0.2
    """Silence after which the words so far are settled."""
    peeks_seconds: tuple[float, ...] = (
        *(0.16, 0.2, 0.24, 0.28, 0.32, 0.36, 0.4, 0.44),
        *(0.52, 0.6, 0.68, 0.8, 0.92, 1.04, 1.16, 1.28, 1.4, 1.52, 1.64, 1.76, 1.88, 2.0),
    )
    """Moments after the voice came, or came back after a pause, at which an eager listener looks
    at the words. Each costs about 8 ms and 10 ms more per second of sound."""
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


class Listener:
    """Hearing over a recognition stream; used on one event loop."""

    def __init__(
        self,
        stream: RecognitionStream,
        detector: VoiceDetector,
        settings: ListenerSettings | None = None,
    ) -> None:
        self._stream = stream
        self._detector = detector
        self._settings = settings or ListenerSettings()
        self._endpointer = Endpointer(self._settings.endpointing)
        lookback = self._settings.preroll_seconds + self._settings.endpointing.start_window_seconds
        self._recent = deque[Frame](maxlen=_frames(lookback))
        self._expectation = Expectation()
        self._turn: HeardTurn | None = None
        self._silence = 0.0
        """Seconds of silence that end the turn in progress."""
        self._voice_since = 0.0
        """Seconds of call audio at the beginning of the voice, or at its return after a pause."""

    @property
    def speaking(self) -> bool:
        """An utterance is in progress."""
        return self._turn is not None

    @property
    def heard_seconds(self) -> float:
        """Seconds of call audio heard so far."""
        return self._endpointer.heard_seconds

    def expect(self, expectation: Expectation) -> None:
        """Shape the hearing of the next utterance; one in progress keeps what it began with.

        Only eagerness changes at once.
        """
        self._expectation = expectation

    async def hear(self, frame: Frame) -> list[ListenerEvent]:
        """Take one frame and return what it completed, in order."""
        voiced = self._detector.is_speech(frame)
        self._recent.append(frame)
        turn = self._turn
        expectation = turn.expectation if turn else self._expectation
        change = self._endpointer.step(voiced, self._silence, expectation.max_speech_seconds)
        if isinstance(change, TurnBegan):
            return await self._begin(change)
        if turn is None:
            return []
        events = await self._follow(turn, frame)
        if isinstance(change, TurnEnded):
            self._turn = None
            events.append(await self._end(turn, change))
        return events

    async def close(self) -> None:
        """Give back the recogniser."""
        self._turn = None
        await self._stream.close()

    async def _begin(self, change: TurnBegan) -> list[ListenerEvent]:
        wanted = change.noticed - change.began + self._settings.preroll_seconds
        expectation = self._expectation
        self._silence = expectation.end_silence_seconds
        self._voice_since = change.began
        self._turn = HeardTurn(
            self._stream, expectation, _frames(self._settings.chunk_seconds) * FRAME_BYTES
        )
        await self._turn.begin(*self._latest(wanted))
        return [SpeechStarted(change.began)]

    async def _follow(self, turn: HeardTurn, frame: Frame) -> list[ListenerEvent]:
        """Give the recogniser what belongs to it; return what it tells."""
        if turn.is_settled:
            if self._endpointer.state is TurnState.SPEAKING:
                await self._go_on(turn)
            return []
        await turn.accept(frame)
        if self._endpointer.silent_seconds > self._settings.settle_seconds - FRAME_SECONDS / 2:
            found = await turn.settle()
            self._silence = turn.expectation.silence_after(found.text, found.confidence)
            return [
                Partial(
                    found.text,
                    settled=True,
                    confidence=found.confidence,
                    alternatives=found.alternatives,
                )
            ]
        if self._is_peeking():
            return [await self._peek(turn)] if self._is_time_to_peek() else []
        text = turn.news()
        return [Partial(text)] if text else []

    async def _go_on(self, turn: HeardTurn) -> None:
        """Begin the next piece: the voice is back after a pause."""
        self._silence = turn.expectation.end_silence_seconds
        resumed = self._settings.endpointing.resume_voiced_seconds
        self._voice_since = self.heard_seconds - resumed
        await turn.begin(*self._latest(resumed + self._settings.pause_preroll_seconds))

    async def _peek(self, turn: HeardTurn) -> Partial:
        pitched = pitched_seconds(list(self._recent)[-PITCHED_FRAMES:])
        found = await turn.peek()
        return Partial(
            found.text,
            confidence=found.confidence,
            pitched_seconds=pitched,
            alternatives=found.alternatives,
        )

    def _is_peeking(self) -> bool:
        """Answer whether the words are looked at rather than waited for."""
        latest = self._settings.peeks_seconds[-1] + FRAME_SECONDS / 2
        return self._expectation.eager and self.heard_seconds - self._voice_since < latest

    def _is_time_to_peek(self) -> bool:
        if self._endpointer.state is not TurnState.SPEAKING:
            return False  # the words are settled in a moment
        since = self.heard_seconds - self._voice_since
        return any(abs(since - at) < FRAME_SECONDS / 2 for at in self._settings.peeks_seconds)

    def _latest(self, duration_seconds: float) -> tuple[list[Frame], float]:
        """Return the newest frames and when they began."""
        frames = list(self._recent)[-_frames(duration_seconds) :]
        return frames, self.heard_seconds - len(frames) * FRAME_SECONDS

    async def _end(self, turn: HeardTurn, change: TurnEnded) -> Utterance | SpeechDismissed:
        found = await turn.settle()
        if self._is_rumble(found, change):
            found = Recognition(text="", confidence=0.0)
        if not found.text and self._was_noise(change):
            return SpeechDismissed(change.decided)
        return Utterance(
            text=found.text,
            confidence=found.confidence,
            began=change.began,
            ended=change.ended,
            words=found.words,
            decided=change.decided,
            alternatives=found.alternatives,
        )

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


def _frames(duration_seconds: float) -> int:
    return round(duration_seconds / FRAME_SECONDS)
