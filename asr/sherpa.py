"""sherpa-onnx, and the only importer of it: streaming models of other makes as recognisers.

It comes with the extra `sherpa`. These models take no grammars: phrases offered to them are
ignored, as with a static Vosk graph. Word confidences exist only where the engine tells the
probabilities of its tokens (transducers); elsewhere every word has `UNTOLD_CONFIDENCE`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from asr.engine import EngineCounts, RecognizerError
from asr.grammar import Grammar, plain
from asr.hearing import Recognition, Word
from asr.model_files import ModelError, ModelFiles, read_model_files
from asr.sherpa_files import SherpaFiles, SherpaKind, read_sherpa_files
from asr.upsampling import Upsampler

try:
    import sherpa_onnx
except ImportError as error:
    raise ModelError(
        "This model needs the engine sherpa-onnx, which is not installed: run "
        "`pip install 'menling[sherpa]'`."
    ) from error

UNTOLD_CONFIDENCE = 0.8
"""Taken for certain enough to be understood, and not for as certain as a sure word of Vosk."""

TAIL_SECONDS = 0.66
"""Silence behind an utterance: two blocks of a T-one model, the right context of the others."""

LONGEST_WORD_SECONDS = 0.4
"""The engine tells when a token begins, not when it ends."""

_NO_GRAMMAR = Grammar(entries=(), dropped=())
_WORD_START = "\u2581"
"""SentencePiece's sign before a token that begins a word."""


class SherpaModel:
    """A streaming sherpa-onnx model in memory."""

    def __init__(self, path: Path) -> None:
        """Load it; raises ModelError when it is missing or broken."""
        self._files = read_model_files(path)
        layout = read_sherpa_files(path)
        try:
            self.engine = _open(layout)
        except (RuntimeError, ValueError, AssertionError) as error:
            raise ModelError(
                f"The speech model at {path} has all its files, but sherpa-onnx can't load it: "
                f"{error}. Fetch it again."
            ) from error

    @property
    def files(self) -> ModelFiles:
        """What lies in its folder."""
        return self._files

    @property
    def counts(self) -> EngineCounts:
        """Nothing to tell: a stream is made for every utterance, and costs nothing."""
        return EngineCounts()

    def recognizer(self) -> SherpaRecognizer:
        """Return a recogniser at rest."""
        return SherpaRecognizer(self)

    def prepare(self, phrases: tuple[str, ...]) -> Grammar:
        """Return the empty grammar: there is nothing to prepare."""
        return _NO_GRAMMAR


class SherpaRecognizer:
    """Recognises utterance after utterance of one leg; not for two threads at once."""

    def __init__(self, model: SherpaModel) -> None:
        self._engine = model.engine
        self._name = model.files.name
        self._rate = model.files.sample_rate
        self._upsampler = Upsampler(self._rate)
        self._stream: sherpa_onnx.OnlineStream | None = None
        self._seconds = 0.0

    def begin(self, phrases: tuple[str, ...] = ()) -> Grammar:
        """Start an utterance; the phrases are ignored."""
        self._stream = self._engine.create_stream()
        self._upsampler.restart()
        self._seconds = 0.0
        return _NO_GRAMMAR

    def accept(self, pcm: bytes) -> None:
        """Decode more telephone sound (8 kHz) of the utterance."""
        stream = self._running()
        raised = np.frombuffer(self._upsampler.raise_rate(pcm), dtype="<i2")
        self._seconds += len(raised) / self._rate
        stream.accept_waveform(self._rate, raised.astype(np.float32) / np.float32(32768))
        self._decode(stream)

    def partial(self) -> str:
        """Return the hypothesis so far."""
        if not self._seconds:
            return ""
        return plain(self._engine.get_result(self._running()).split())

    def finish(self) -> Recognition:
        """End the utterance and return what was said."""
        stream, self._stream = self._running(), None
        if not self._seconds:
            return Recognition(text="", confidence=0.0)
        tail = np.zeros(round(TAIL_SECONDS * self._rate), dtype=np.float32)
        stream.accept_waveform(self._rate, tail)
        stream.input_finished()
        self._decode(stream)
        return recognition_of_json(self._engine.get_result_as_json_string(stream), self._seconds)

    def discard(self) -> None:
        """Forget the utterance, if there is one."""
        self._stream = None

    def _decode(self, stream: sherpa_onnx.OnlineStream) -> None:
        try:
            while self._engine.is_ready(stream):
                self._engine.decode_stream(stream)
        except RuntimeError as error:
            self._stream = None
            raise RecognizerError(
                f"sherpa-onnx failed on sound at {self._rate} Hz with {self._name}; run "
                "`menling models check`."
            ) from error

    def _running(self) -> sherpa_onnx.OnlineStream:
        if self._stream is None:
            raise RecognizerError("begin() comes before audio")
        return self._stream


def recognition_of_json(text: str, lasted_seconds: float) -> Recognition:
    """Return a sherpa-onnx result as a value; no word ends after the sound did."""
    result = json.loads(text)
    tokens: list[str] = result["tokens"]
    times: list[float] = result["timestamps"]
    sureness = [math.exp(min(0.0, each)) for each in result.get("ys_probs") or ()]
    if len(sureness) != len(tokens):
        sureness = [UNTOLD_CONFIDENCE] * len(tokens)
    starts = [at for at, token in enumerate(tokens) if _begins_word(tokens, at)]
    words = []
    for start, end in pairwise([*starts, len(tokens)]):
        written = "".join(tokens[start:end]).replace(_WORD_START, "").strip()
        limit = times[end] if end < len(tokens) else lasted_seconds
        began = min(times[start], lasted_seconds)
        ended = max(began, min(limit, times[end - 1] + LONGEST_WORD_SECONDS, lasted_seconds))
        if written:
            words.append(Word(written, sum(sureness[start:end]) / (end - start), began, ended))
    if not words:
        return Recognition(text="", confidence=0.0)
    confidence = sum(word.confidence for word in words) / len(words)
    return Recognition(plain(result["text"].split()), confidence, tuple(words))


def _begins_word(tokens: list[str], at: int) -> bool:
    token = tokens[at]
    if at == 0 or token.startswith((_WORD_START, " ")):
        return True
    return not (token[:1].isascii() and tokens[at - 1][-1:].isascii())


def _open(files: SherpaFiles) -> sherpa_onnx.OnlineRecognizer:
    maker = sherpa_onnx.OnlineRecognizer
    parts = {role: str(path) for role, path in files.parts.items()}
    # One thread: streams of other legs are decoded beside this one.
    makers: dict[SherpaKind, Callable[..., sherpa_onnx.OnlineRecognizer]] = {
        SherpaKind.TRANSDUCER: maker.from_transducer,
        SherpaKind.PARAFORMER: maker.from_paraformer,
        SherpaKind.T_ONE: maker.from_t_one_ctc,
        SherpaKind.NEMO: maker.from_nemo_ctc,
        SherpaKind.WENET: maker.from_wenet_ctc,
        SherpaKind.ZIPFORMER: maker.from_zipformer2_ctc,
    }
    return makers[files.kind](
        tokens=str(files.tokens), num_threads=1, sample_rate=files.sample_rate, **parts
    )
