"""One turn at the recogniser: its sound in pieces, parted by the pauses in it.

    frames    . v v v v v v . . . . . . . v v v v v v . . . . . . . . . .
    pieces   [ 改到            ]         [ 明天下午         ]
                         settled^       ^goes on    settled^
    text      .. 改 ... 改到 (settled)    改到明天 ... 改到明天下午 (settled)

A recogniser lags behind by up to half a second; only finishing it tells what was said up to now.
So in every pause it is finished early, and when the callee goes on another piece is begun with the
sound from just before his voice came back. While we are speaking ourselves it is finished in the
middle of his words too (`peek`), and begun again with the same sound.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from asr.background_words import without_background
from asr.hearing import Alternative, Expectation, Recognition, RecognitionStream, Word
from asr.stream import RecognitionError
from audio.pcm import Frame

log = logging.getLogger(__name__)

ALTERNATIVES = 5
"""Readings kept of a turn in several pieces."""
CALM_CHUNKS = 2
"""Sound is handed over in pieces longer by this while we listen."""
NOTHING = Recognition(text="", confidence=0.0)


@dataclass(slots=True)
class _Piece:
    """The stretch of sound that the recogniser is at."""

    start: float
    """Seconds of call audio at its first byte."""
    sound: bytearray = field(default_factory=bytearray)
    handed: int = 0
    """Bytes of it that the recogniser has."""


class HeardTurn:
    """What the recogniser makes of one turn, up to now."""

    def __init__(
        self, stream: RecognitionStream, expectation: Expectation, chunk_bytes: int
    ) -> None:
        self.expectation = expectation
        self._stream = stream
        # Words so far cost something; only what is said into our own words is in a hurry.
        self._chunk_bytes = chunk_bytes if expectation.eager else CALM_CHUNKS * chunk_bytes
        self._settled: Recognition | None = None
        """Of the pieces that are done, in call time; None: the first one is not."""
        self._piece: _Piece | None = None
        self._told = ""

    @property
    def is_settled(self) -> bool:
        """Answer whether everything given so far is recognised."""
        return self._piece is None

    async def begin(self, frames: Sequence[Frame], start: float) -> None:
        """Start a piece with the frames from `start` on, in seconds of call audio."""
        self._piece = _Piece(start, bytearray().join(frames))
        await self._replay(self._piece)

    async def accept(self, frame: Frame) -> None:
        """Take the next frame of the piece."""
        piece = self._running()
        piece.sound += frame
        if len(piece.sound) - piece.handed >= self._chunk_bytes:
            await self._hand_over(piece)

    def news(self) -> str:
        """Return the words so far if they have changed since they were told, else nothing."""
        return self._tell(self._stream.partial())

    async def peek(self) -> Recognition:
        """Return the words up to the last sample, and go on."""
        piece = self._running()
        await self._hand_over(piece)
        found = await self._finish()
        await self._replay(piece)
        self._tell(found.text)
        return found if self._settled is None else joined(self._settled, found)

    async def settle(self) -> Recognition:
        """End the piece and return all that was said in the turn, in call time."""
        if self._piece is not None:
            piece = self._piece
            await self._hand_over(piece)
            found = without_background(await self._finish(), bytes(piece.sound))
            found = shifted(found, piece.start)
            self._settled = found if self._settled is None else joined(self._settled, found)
            self._piece = None
        return self._settled or NOTHING

    async def _hand_over(self, piece: _Piece) -> None:
        if len(piece.sound) > piece.handed:
            await self._stream.accept(bytes(piece.sound[piece.handed :]))
            piece.handed = len(piece.sound)

    async def _replay(self, piece: _Piece) -> None:
        await self._stream.begin(self.expectation.phrases, self.expectation.boost)
        piece.handed = 0
        await self._hand_over(piece)

    async def _finish(self) -> Recognition:
        try:
            return await self._stream.finish()
        except RecognitionError as error:
            # The callee did speak: an utterance without words makes the dialog ask again.
            log.warning("a piece of an utterance was not recognised: %s", error)
            return NOTHING

    def _running(self) -> _Piece:
        if self._piece is None:
            raise RuntimeError("begin() comes before more sound")
        return self._piece

    def _tell(self, text: str) -> str:
        told = self._told
        before = self._settled.text if self._settled else ""
        self._told = joined_text(before, text) if text else told
        return self._told if self._told != told else ""


def joined_text(first: str, second: str) -> str:
    """Return two pieces of text as one; words of Latin letters are parted by a space."""
    if first and second and first[-1].isascii() and second[0].isascii():
        return f"{first} {second}"
    return first + second


def joined(first: Recognition, second: Recognition) -> Recognition:
    """Return two pieces of one turn as one recognition; times must be on one clock."""
    if not second.text:
        return first
    if not first.text:
        return second
    sizes = (len(first.words) or len(first.text), len(second.words) or len(second.text))
    sureness = first.confidence * sizes[0] + second.confidence * sizes[1]
    return Recognition(
        text=joined_text(first.text, second.text),
        confidence=sureness / sum(sizes),
        words=first.words + second.words,
        alternatives=_combined(first, second),
    )


def _combined(first: Recognition, second: Recognition) -> tuple[Alternative, ...]:
    if not (first.alternatives or second.alternatives):
        return ()
    before, after = (
        piece.alternatives or (Alternative(piece.text, 1.0),) for piece in (first, second)
    )
    pairs = (
        Alternative(joined_text(one.text, other.text), one.confidence * other.confidence)
        for one, other in product(before, after)
    )
    likeliest = sorted(pairs, key=lambda pair: pair.confidence, reverse=True)
    return tuple(likeliest[:ALTERNATIVES])


def shifted(recognition: Recognition, by_seconds: float) -> Recognition:
    """Return a recognition whose words are told that much later."""
    return replace(
        recognition,
        words=tuple(
            Word(w.text, w.confidence, w.began + by_seconds, w.ended + by_seconds)
            for w in recognition.words
        ),
    )
