"""What every recognition engine offers; Vosk and sherpa-onnx stand behind it.

A model is loaded once per process and only read; its recognisers serve a leg each, in threads
side by side. `asr.engines.open_model` picks the engine by what lies in the model's folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from asr.grammar import Grammar
from asr.hearing import Recognition
from asr.model_files import ModelFiles


class RecognizerError(Exception):
    """The engine refused or failed; the message says what to do."""


@dataclass(frozen=True, slots=True)
class EngineCounts:
    """What became of the engine objects of a model."""

    made: int = 0
    recycled: int = 0
    """Dropped because they were worn or too many rested."""
    resting: int = 0


class Recognizer(Protocol):
    """Recognises utterance after utterance of one leg; not for two threads at once."""

    def begin(self, phrases: tuple[str, ...] = ()) -> Grammar:
        """Start an utterance; return the grammar in force, with the words it had to drop."""

    def accept(self, pcm: bytes) -> None:
        """Decode more telephone sound (8 kHz) of the utterance."""

    def partial(self) -> str:
        """Return the hypothesis so far."""

    def finish(self) -> Recognition:
        """End the utterance and return what was said."""

    def discard(self) -> None:
        """Forget the utterance, if there is one."""


class RecognitionModel(Protocol):
    """A model in memory."""

    @property
    def files(self) -> ModelFiles:
        """What lies in its folder."""

    @property
    def counts(self) -> EngineCounts:
        """What became of its engine objects."""

    def recognizer(self) -> Recognizer:
        """Return a recogniser at rest."""

    def prepare(self, phrases: tuple[str, ...]) -> Grammar:
        """Make ready for utterances with these phrases, so that their `begin` costs nothing."""
