"""The child process that holds a speech engine; replaced when it hangs or dies."""

from __future__ import annotations

import logging
import os
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from processes.child import Child, ChildError, start_child
from tts.cache import Cache
from tts.script import script_for
from tts.speech import Manner, SpeechError, Voice, VoiceEngine

START_SECONDS = 60.0
"""It takes one or two; on a machine with ten times too much to do, twenty."""
NICENESS = 5

_log = logging.getLogger(__name__)


class SpeakingEngine(Protocol):
    """What speaks in the child."""

    def speak(self, text: str, voice: Voice, manner: Manner) -> bytes:
        """Return the telephone sound of one sentence; raises SpeechError with what to do."""


class Engine:
    """The child that holds one engine; replaced when it hangs or dies."""

    def __init__(self, kind: VoiceEngine, cache_dir: Path, producer: str = "") -> None:
        self._start = kind, cache_dir, producer
        self._child: Child | None = None

    def make(self, text: str, voice: Voice, manner: Manner, limit_seconds: float) -> str:
        """Return the file of a sentence; blocks.

        A child that dies is replaced once for the same sentence. Raises SpeechError.
        """
        try:
            made, problem = self._ask(text, voice, manner, limit_seconds)
        except (OSError, EOFError):
            self.end()
            _log.warning("the speech engine died at a sentence; it is tried once more")
            try:
                made, problem = self._ask(text, voice, manner, limit_seconds)
            except (OSError, EOFError) as error:
                self.end()
                raise SpeechError(
                    "the speech engine dies at this sentence; word it anew"
                ) from error
        if problem:
            raise SpeechError(problem)
        return made

    def _ask(
        self, text: str, voice: Voice, manner: Manner, limit_seconds: float
    ) -> tuple[str, str]:
        pipe = self._ready()
        pipe.send((text, voice, manner))
        if not pipe.poll(limit_seconds):
            self.end()
            raise SpeechError("the speech engine hung at this sentence and was restarted")
        made, problem = pipe.recv()
        return str(made), str(problem)

    def end(self) -> None:
        """Kill the child; the next sentence gets a new one."""
        if self._child is not None:
            self._child.kill()
        self._child = None

    def _ready(self) -> Connection:
        if self._child is not None and not self._child.process.is_alive():
            _log.warning("the speech engine died (exit code %s)", self._child.process.exitcode)
            self.end()
        if self._child is None:
            self._child = start_child(_run_engine, *self._start, name="menling-tts-engine")
            try:
                problem = self._child.first_word(START_SECONDS)
            except ChildError as error:
                problem = f"{error}; run: menling doctor"
            if problem:
                self.end()
                raise SpeechError(f"the speech engine does not start: {problem}")
        return self._child.pipe


def _engine_of(kind: VoiceEngine) -> SpeakingEngine:
    # Only this process loads an engine.
    if kind is VoiceEngine.PIPER:
        try:
            from tts.piper import PiperSynthesizer
        except ImportError as error:
            raise SpeechError(
                f"Piper is not installed ({error}); run: pip install 'menling[piper]'"
            ) from error
        return PiperSynthesizer()
    from tts.synthesizer import Synthesizer

    return Synthesizer()


def _run_engine(pipe: Connection, kind: VoiceEngine, cache_dir: Path, producer: str) -> None:
    try:
        engine = _engine_of(kind)
    except SpeechError as error:
        pipe.send(str(error))
        return
    cache = Cache(cache_dir, producer)
    script_for("好。", Voice())  # reads the dictionaries, for which no sentence shall wait
    # Sentences made ahead must not take the processor from calls that are being held.
    os.nice(NICENESS)
    pipe.send("")
    while True:
        try:
            text, voice, manner = pipe.recv()
        except EOFError:
            return
        try:
            sound = engine.speak(text, voice, manner)
            pipe.send((str(cache.store(text, voice, sound, manner)), ""))
        except SpeechError as error:
            pipe.send(("", str(error)))
        except OSError as error:
            pipe.send(("", f"the sound can't be kept ({error}); check the cache's disk"))
