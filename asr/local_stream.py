"""A RecognitionStream without a process of its own: for rehearsals and tests."""

from __future__ import annotations

from asr.boosting import boosted
from asr.engine import RecognitionModel
from asr.hearing import Recognition


class LocalStream:
    """Decodes where it is called, so results do not depend on timing; blocks for a few ms."""

    def __init__(self, model: RecognitionModel) -> None:
        self._recognizer = model.recognizer()
        self._partial = ""
        self._boost: tuple[str, ...] = ()

    async def begin(self, phrases: tuple[str, ...] = (), boost: tuple[str, ...] = ()) -> None:
        """Start a new utterance, with a closed grammar when phrases are given."""
        self._boost = boost
        self._partial = ""
        self._recognizer.begin(phrases)

    async def accept(self, pcm: bytes) -> None:
        """Decode more audio of the utterance."""
        self._recognizer.accept(pcm)
        self._partial = self._recognizer.partial()

    def partial(self) -> str:
        """Return the hypothesis so far."""
        return self._partial

    async def finish(self) -> Recognition:
        """End the utterance and return its result."""
        return boosted(self._recognizer.finish(), self._boost)

    async def discard(self) -> None:
        """Forget the utterance; it was noise."""
        self._recognizer.discard()

    async def close(self) -> None:
        """Give the recogniser back."""
        self._recognizer.discard()
