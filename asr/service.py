"""Recogniser processes: started, watched and restarted.

They are separate because a decoder kept busy would disturb the audio of a worker, and because
the engine is native code that may abort: a crash loses at most the utterances in progress, and
those the streams replay.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from asr.arithmetic import prepare_arithmetic
from asr.model_files import ModelError, read_model_files
from processes.child import Child, ChildError, start_child
from processes.waiting import readable, readable_within

log = logging.getLogger(__name__)

START_SECONDS = 60.0
"""Large official models take half a minute to load from a slow disk."""

STOP_SECONDS = 5.0

FIRST_RESTART_SECONDS = 0.1
LONGEST_RESTART_SECONDS = 5.0


class RecognizerService:
    """One recogniser process under watch: when it dies, another takes its socket."""

    def __init__(self, model: Path, socket: Path, threads: int = 0) -> None:
        self.socket = socket
        self.restarts = 0
        self._model = model
        self._threads = threads
        self._child: Child | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process now at work."""
        return self._child.pid if self._child else None

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
        child, self._child = self._child, None
        if child:
            child.process.terminate()
            await readable_within(STOP_SECONDS, child.process.sentinel)
            child.kill()

    async def _launch(self) -> None:
        child = start_child(
            _be_recognizer,
            *(self._model, self.socket, self._threads),
            name=f"recognizer {self.socket.name}",
            daemon=True,
        )
        try:
            await readable_within(START_SECONDS, child.pipe.fileno())
            problem = child.first_word(0)
        except ChildError as error:
            child.kill()
            raise ModelError(
                f"A recogniser process can't load its model: {error}. Run `menling models check`; "
                "there may be too little memory."
            ) from error
        except BaseException:
            child.kill()
            raise
        if problem:
            child.kill()
            raise ModelError(problem)
        self._child = child

    async def _keep_alive(self) -> None:
        pause = FIRST_RESTART_SECONDS
        while True:
            if child := self._child:
                await readable(child.process.sentinel)
                child.kill()
                log.warning(
                    "recogniser %s ended with %s; starting another",
                    child.pid,
                    child.process.exitcode,
                )
                self._child = None
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
    model: Path, count: int, directory: Path, threads: int = 0
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


def _be_recognizer(ready: Connection, model: Path, socket: Path, threads: int) -> None:
    prepare_arithmetic()
    # Imported here so that the process that watches never loads the engine.
    from asr.server import run_server

    run_server(model, socket, ready, threads)
