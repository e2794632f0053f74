"""A RecognitionStream that hears what it was told to hear: for tests of what stands above it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from asr.hearing import Recognition
from audio.pcm import FRAME_BYTES, SILENCE

SYLLABLE_BYTES = 3200
"""How much sound a syllable takes when a result is asked for in the middle of it: 0.2 s."""


class ScriptedStream:
    """Gives its results in order, one per utterance; then hears nothing.

    Asked to finish in the middle of sound, it tells the beginning of the result and keeps it.
    """

    def __init__(self, results: Iterable[Recognition] = ()) -> None:
        self._results = deque(results)
        self.begun: list[tuple[str, ...]] = []
        """The phrases of every utterance."""
        self.hoped: list[tuple[str, ...]] = []
        """What was hoped for in every utterance."""
        self.heard: list[bytes] = []
        """The sound of every utterance."""
        self.discarded = 0
        self.closed = False

    async def begin(self, phrases: tuple[str, ...] = (), boost: tuple[str, ...] = ()) -> None:
        """Note a new utterance."""
        self.begun.append(phrases)
        self.hoped.append(boost)
        self.heard.append(b"")

    async def accept(self, pcm: bytes) -> None:
        """Keep the sound."""
        self.heard[-1] += pcm

    def partial(self) -> str:
        """Return the beginning of the result, a character for every half second heard."""
        if not self._results:
            return ""
        return self._results[0].text[: len(self.heard[-1]) // 8000]

    async def finish(self) -> Recognition:
        """Return the next result, or its beginning while it is still being said."""
        if not self._results:
            return Recognition("", 0.0)
        if self.heard[-1][-FRAME_BYTES:] != SILENCE:
            syllables = 1 + len(self.heard[-1].lstrip(b"\0")) // SYLLABLE_BYTES
            return Recognition(self._results[0].text[:syllables], self._results[0].confidence)
        return self._results.popleft()

    async def discard(self) -> None:
        """Keep the result for the next utterance."""
        self.discarded += 1

    async def close(self) -> None:
        """Note it."""
        self.closed = True
