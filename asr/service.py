"""Recogniser processes: started, watched and restarted.

They are separate because a decoder kept busy would disturb the audio of a worker, and because
the engine is native code that may abort: a crash loses at most the utterances in progress, and
those the streams replay.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import multiprocessing
import os
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from asr.model_files import ModelError, read_model_files

log = logging.getLogger(__name__)

START_SECONDS = 60.0
"""Large official models take half a minute to load from a slow disk."""

STOP_SECONDS = 5.0

FIRST_RESTART_SECONDS = 0.1
LONGEST_RESTART_SECONDS = 5.0

_PR_SET_PDEATHSIG = 1


class RecognizerService:
    """One recogniser process under watch: when it dies, another takes its socket."""

    def __init__(self, model: Path, socket: Path, threads: int = 1) -> None:
        self.socket = socket
        self.restarts = 0
        self._model = model
        self._threads = threads
        self._process: SpawnProcess | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process now at work."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start it and wait until it answers; raises ModelError with the reason if it can't."""
        await self._launch()
        self._watch = asyncio.create_task(self._keep_alive())

    async def stop(self) -> None:
        """End it; a second call does nothing."""
        if self._watch:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        process, self._process = self._process, None
        if process:
            process.terminate()
            if not await _within(STOP_SECONDS, process.sentinel):
                process.kill()
            process.join()
            process.close()

    async def _launch(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        with ours:
            process = context.Process(
                target=_be_recognizer,
                args=(self._model, self.socket, theirs, self._threads, os.getpid()),
                name=f"recognizer {self.socket.name}",
                daemon=True,
            )
            process.start()
            theirs.close()
            try:
                problem = await _first_word(ours)
            except BaseException:
                _bury(process)
                raise
        if problem:
            _bury(process)
            raise ModelError(problem)
        self._process = process

    async def _keep_alive(self) -> None:
        pause = FIRST_RESTART_SECONDS
        while True:
            process = self._process
            if process:
                await _readable(process.sentinel)
                process.join()
                log.warning(
                    "recogniser %s ended with %s; starting another", process.pid, process.exitcode
                )
                process.close()
                self._process = None
            try:
                await self._launch()
                self.restarts += 1
                pause = FIRST_RESTART_SECONDS
            except (ModelError, OSError) as error:
                log.error("recogniser not restarted, next try in %.1f s: %s", pause, error)  # noqa: TRY400  the trace says nothing the text does not
                # Nothing announces that a disk or memory is there again: wait, longer each time.
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_RESTART_SECONDS)


class Recognizers:
    """The recogniser processes of a machine."""

    def __init__(self, services: Sequence[RecognizerService]) -> None:
        self._services = tuple(services)

    @property
    def sockets(self) -> tuple[Path, ...]:
        """What `open_stream` wants."""
        return tuple(service.socket for service in self._services)

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes now at work."""
        return tuple(service.pid for service in self._services if service.pid)

    @property
    def restarts(self) -> int:
        """How often one died and was replaced."""
        return sum(service.restarts for service in self._services)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End all of them."""
        await asyncio.gather(*(service.stop() for service in self._services))


async def start_recognizers(
    model: Path, count: int, directory: Path, threads: int = 1
) -> Recognizers:
    """Start `count` recogniser processes with sockets in `directory`; return once all answer.

    Call it on the thread that lives as long as they should: the kernel ends them with it.
    Raises ModelError when the model is missing, incomplete or broken.
    """
    read_model_files(model)
    directory.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  once, before calls
    services = [
        RecognizerService(model, directory / f"recognizer-{number}.sock", threads)
        for number in range(count)
    ]
    _refuse_long_paths(services[-1].socket if services else directory)
    recognizers = Recognizers(services)
    started = await asyncio.gather(*(s.start() for s in services), return_exceptions=True)
    for outcome in started:
        if isinstance(outcome, BaseException):
            await recognizers.close()
            raise outcome
    return recognizers


def _refuse_long_paths(socket: Path) -> None:
    if len(os.fsencode(socket)) > 107:
        raise ModelError(
            f"The path {socket} is too long for a Unix socket (107 bytes): choose a shorter "
            "data directory for the recognisers."
        )


def _be_recognizer(model: Path, socket: Path, ready: Connection, threads: int, parent: int) -> None:
    _die_with(parent)
    # One decoder thread uses one core; the linear algebra inside would start a thread per core,
    # and they would spin against each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Imported here so that the process that watches never loads the engine.
    from asr.server import run_server

    run_server(model, socket, ready, threads)


def _die_with(parent: int) -> None:
    """Ask the kernel to end us when the parent's thread ends, also when it is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _bury(process: SpawnProcess) -> None:
    process.kill()
    process.join()
    process.close()


async def _first_word(ready: Connection) -> str:
    if not await _within(START_SECONDS, ready.fileno()):
        return f"A recogniser process did not load its model within {START_SECONDS:.0f} s."
    try:
        return str(ready.recv())
    except EOFError:
        return (
            "A recogniser process died while loading its model: run `menling models check`; "
            "there may be too little memory."
        )


async def _within(timeout_seconds: float, descriptor: int) -> bool:
    try:
        async with asyncio.timeout(timeout_seconds):
            await _readable(descriptor)
    except TimeoutError:
        return False
    return True


async def _readable(descriptor: int) -> None:
    loop = asyncio.get_running_loop()
    seen = loop.create_future()

    def notice() -> None:
        loop.remove_reader(descriptor)
        if not seen.done():
            seen.set_result(None)

    loop.add_reader(descriptor, notice)
    try:
        await seen
    finally:
        loop.remove_reader(descriptor)
