"""Vosk, and the only importer of it: audio of one utterance in, words out.

The model is shared by all recognisers of a process and read-only; a recogniser serves one leg.
Decoding releases the GIL (cffi), so recognisers of different legs run in threads side by side.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vosk

from asr.alternatives import Reading, recognition_of_readings
from asr.engine import EngineCounts, RecognizerError
from asr.grammar import NOT_WORDS, Grammar, GrammarBook, Vocabulary, plain
from asr.hearing import Recognition, Word
from asr.model_files import ModelError, ModelFiles, read_model_files
from asr.upsampling import Upsampler
from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE

UTTERANCES_PER_ENGINE = 40
SECONDS_PER_ENGINE = 120.0
"""A look-ahead graph caches what it composes, up to 32 MB per engine object: start afresh."""

RESTING_ENGINES = 32
"""Engine objects kept ready between utterances: at 2 to 4 MB each, and 0.1 MB unused ones."""

READINGS = 10
"""Alternatives asked for; they cost nothing that can be measured."""

TEMPERATURE = 1.5
"""Vosk's n-best scores are log-likelihoods of the lattice, graph and scaled acoustics added. At
1.5 their shares come closest to how often a text is right (1,080 synthetic utterances, clean to
5 dB: cross-entropy 0.163 against 0.178 at 1)."""

_QUIET = -1


class SpeechModel:
    """A Vosk model in memory, and the grammars made for it."""

    def __init__(self, path: Path) -> None:
        """Load it; raises ModelError when it is missing or broken."""
        self.files: ModelFiles = read_model_files(path)
        vosk.SetLogLevel(_QUIET)
        try:
            self._model = vosk.Model(model_path=str(path))
        except Exception as error:  # vosk raises bare Exception, and only here
            raise ModelError(
                f"The speech model at {path} has all its files, but the engine can't load it: one "
                "of them is damaged or made for another engine. Run `menling models check "
                f"{path.name}`, then fetch it again."
            ) from error
        vocabulary = (
            Vocabulary.of(self.files.words)
            if self.files.words
            else Vocabulary(lambda word: self._model.vosk_model_find_word(word) >= 0)
        )
        self._book = GrammarBook(vocabulary)
        self._resting: list[Engine] = []
        """The last used first."""
        self._made = self._recycled = 0
        self._lock = threading.Lock()

    def grammar(self, phrases: tuple[str, ...]) -> Grammar:
        """Return the grammar these phrases make with the words of this model."""
        if not self.files.takes_grammars:
            return Grammar(entries=(), dropped=())
        return self._book.grammar(phrases)

    def recognizer(self) -> VoskRecognizer:
        """Return a recogniser at rest."""
        return VoskRecognizer(self)

    @property
    def engine_rate(self) -> int:
        """Samples per second the engine is given: 8000 whenever it can take that."""
        telephone = self.files.sample_rate == SAMPLE_RATE or self.files.upsamples
        return SAMPLE_RATE if telephone else self.files.sample_rate

    @property
    def counts(self) -> EngineCounts:
        """What became of its engine objects."""
        with self._lock:
            return EngineCounts(self._made, self._recycled, len(self._resting))

    def prepare(self, phrases: tuple[str, ...]) -> Grammar:
        """Cut the phrases into words and keep an engine ready for them."""
        grammar = self.grammar(phrases)
        self._rest(self.take(grammar))
        return grammar

    def take(self, grammar: Grammar) -> Engine:
        """Lend an engine for one utterance: one at rest with this grammar, or a new one."""
        with self._lock:
            for place, engine in enumerate(self._resting):
                if engine.grammar == grammar:
                    return self._resting.pop(place)
            self._made += 1
        try:
            made = (
                vosk.KaldiRecognizer(self._model, float(self.engine_rate), grammar.json)
                if grammar.entries
                else vosk.KaldiRecognizer(self._model, float(self.engine_rate))
            )
        except Exception as error:  # vosk raises bare Exception, and only here
            raise RecognizerError(
                f"The model {self.files.name} gave no recogniser; there may be no memory left."
            ) from error
        made.SetWords(True)
        made.SetMaxAlternatives(READINGS)
        return Engine(made, grammar)

    def give(self, engine: Engine) -> None:
        """Take an engine back after its utterance; worn ones and the longest unused are dropped."""
        engine.utterances += 1
        worn = engine.samples >= SECONDS_PER_ENGINE * self.engine_rate
        if worn or engine.utterances >= UTTERANCES_PER_ENGINE:
            with self._lock:
                self._recycled += 1
            return
        self._rest(engine)

    def _rest(self, engine: Engine) -> None:
        with self._lock:
            self._resting.insert(0, engine)
            self._recycled += len(self._resting[RESTING_ENGINES:])
            del self._resting[RESTING_ENGINES:]


@dataclass(slots=True)
class Engine:
    """One engine object and what it has been through."""

    vosk: vosk.KaldiRecognizer
    grammar: Grammar
    utterances: int = 0
    samples: int = 0
    """At the engine's rate, in all utterances: its word times count from its creation."""


class VoskRecognizer:
    """Recognises utterance after utterance of one leg; not for two threads at once.

    Between utterances it holds no engine, so a model needs as many as people speak at a time.
    """

    def __init__(self, model: SpeechModel) -> None:
        self._model = model
        self._rate = model.engine_rate
        self._upsampler = Upsampler(self._rate)
        self._engine: Engine | None = None
        self._start = 0

    def begin(self, phrases: tuple[str, ...] = ()) -> Grammar:
        """Start an utterance; return the grammar in force, with the words it had to drop."""
        self.discard()
        grammar = self._model.grammar(phrases)
        engine = self._engine = self._model.take(grammar)
        self._start = engine.samples
        self._upsampler.restart()
        return grammar

    def accept(self, pcm: bytes) -> None:
        """Decode more telephone sound of the utterance.

        The engine's own end-point rules are ignored: the listener decides where a turn ends.
        """
        engine = self._running()
        raised = self._upsampler.raise_rate(pcm)
        try:
            engine.vosk.AcceptWaveform(raised)
        except Exception as error:  # vosk raises bare Exception, and only here
            self._engine = None
            raise RecognizerError(
                f"The engine failed on sound at {self._rate} Hz with {self._model.files.name}; "
                "run `menling models check`."
            ) from error
        engine.samples += len(raised) // SAMPLE_BYTES

    def partial(self) -> str:
        """Return the hypothesis so far."""
        if not self._fed:
            return ""
        text: str = json.loads(self._running().vosk.PartialResult()).get("partial", "")
        return plain(text.split())

    def finish(self) -> Recognition:
        """End the utterance and return what was said."""
        engine = self._running()
        result = json.loads(engine.vosk.FinalResult()) if self._fed else {}
        self._rest(engine)
        return recognition_of(result, self._start / self._rate)

    def discard(self) -> None:
        """Forget the utterance, if there is one."""
        engine = self._engine
        if engine is None:
            return
        if self._fed:
            # Reset() would leave the sound in the feature pipeline of the next utterance.
            engine.vosk.FinalResult()
        self._rest(engine)

    @property
    def _fed(self) -> bool:
        return self._engine is not None and self._engine.samples > self._start

    def _rest(self, engine: Engine) -> None:
        self._engine = None
        self._model.give(engine)

    def _running(self) -> Engine:
        if self._engine is None:
            raise RecognizerError("begin() comes before audio")
        return self._engine


def recognition_of(result: dict[str, object], offset_seconds: float) -> Recognition:
    """Return a Vosk n-best result as a value; `offset_seconds` is where the utterance began."""
    found = result.get("alternatives", [])
    if not isinstance(found, list):
        raise RecognizerError("the engine's result has no list of alternatives")
    readings = [
        _reading(float(each["confidence"]), each.get("result", ()), offset_seconds)
        for each in found
    ]
    return recognition_of_readings(readings, TEMPERATURE)


def _reading(score: float, entries: Sequence[dict[str, Any]], offset_seconds: float) -> Reading:
    words = tuple(
        Word(
            text=entry["word"],
            confidence=1.0,
            began=max(0.0, entry["start"] - offset_seconds),
            ended=max(0.0, entry["end"] - offset_seconds),
        )
        for entry in entries
        if entry["word"] not in NOT_WORDS
    )
    return Reading(plain([word.text for word in words]), score, words)
