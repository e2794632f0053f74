"""The child process that holds the speech engine; replaced when it hangs or dies."""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from tts.cache import Cache
from tts.speech import SpeechError, Voice

START_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1

_log = logging.getLogger(__name__)
_spawn = multiprocessing.get_context("spawn")


class Engine:
    """The child that holds the engine; replaced when it hangs or dies."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None

    def make(self, text: str, voice: Voice, limit_seconds: float) -> str:
        """Return the file of a sentence; blocks.

        A child that dies is replaced once for the same sentence. Raises SpeechError.
        """
        try:
            made, problem = self._ask(text, voice, limit_seconds)
        except (OSError, EOFError):
            self.end()
            _log.warning("the speech engine died at a sentence; it is tried once more")
            try:
                made, problem = self._ask(text, voice, limit_seconds)
            except (OSError, EOFError) as error:
                self.end()
                raise SpeechError(
                    "the speech engine dies at this sentence; word it anew"
                ) from error
        if problem:
            raise SpeechError(problem)
        return made

    def _ask(self, text: str, voice: Voice, limit_seconds: float) -> tuple[str, str]:
        pipe = self._ready()
        pipe.send((text, voice))
        if not pipe.poll(limit_seconds):
            self.end()
            raise SpeechError("the speech engine hung at this sentence and was restarted")
        made, problem = pipe.recv()
        return str(made), str(problem)

    def end(self) -> None:
        """Kill the child; the next sentence gets a new one."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    def _ready(self) -> Connection:
        if self._process is not None and not self._process.is_alive():
            _log.warning("the speech engine died (exit code %s)", self._process.exitcode)
            self.end()
        if self._pipe is None:
            self._pipe, theirs = _spawn.Pipe()
            self._process = _spawn.Process(
                target=_run_engine,
                args=(theirs, os.getpid(), self._cache_dir),
                name="menling-tts-engine",
            )
            self._process.start()
            theirs.close()
            if not self._pipe.poll(START_SECONDS):
                self.end()
                raise SpeechError("the speech engine does not start; run: menling doctor")
            try:
                problem = self._pipe.recv()
            except EOFError:
                problem = "it died while starting"
            if problem:
                self.end()
                raise SpeechError(f"the speech engine does not start: {problem}")
        return self._pipe


def end_with_parent(parent: int) -> None:
    """Ask the kernel to end this process with its parent (prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("the parent ended before we began")


def _run_engine(pipe: Connection, parent: int, cache_dir: Path) -> None:
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from tts.synthesizer import Synthesizer  # only this process loads the engine

    try:
        synthesizer = Synthesizer()
    except SpeechError as error:
        pipe.send(str(error))
        return
    cache = Cache(cache_dir)
    pipe.send("")
    while True:
        try:
            text, voice = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((str(cache.store(text, voice, synthesizer.speak(text, voice))), ""))
        except SpeechError as error:
            pipe.send(("", str(error)))
        except OSError as error:
            pipe.send(("", f"the sound can't be kept ({error}); check the cache's disk"))
