"""The synthesis process: sentences come in by a Unix socket and are made one at a time.

A request is one JSON line, the answer another. The engine lives in a child of its own, because
native code that hangs or crashes can only be cured by killing it. After a crash the sentence is
tried once more in the next child; a sentence that hangs the engine is refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from processes.child import ChildError, start_child
from tts.cache import Cache
from tts.engine import START_SECONDS, Engine
from tts.speech import PLAIN, Manner, SpeechError, Voice, VoiceEngine

SENTENCE_SECONDS = 15.0
"""A sentence that takes longer has hung the engine; even a long one takes under a second."""
MOST_WAITING = 2000
"""Sentences that may wait at once; beyond it callers are told to come back."""
MOST_CACHE_BYTES = 2 * 1024**3
_PRUNE_EVERY = 500
_LINE_BYTES = 64 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SynthesizerHandle:
    """A running synthesis process."""

    process: SpawnProcess
    socket: Path

    @property
    def pid(self) -> int:
        """Process id of the service."""
        return self.process.pid or 0

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process.is_alive()

    def stop(self, grace_seconds: float = 5.0) -> None:
        """End the process; its engine ends with it."""
        self.process.terminate()
        self.process.join(grace_seconds)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.socket.unlink(missing_ok=True)


def start_synthesizer(
    directory: Path,
    socket: Path,
    cache_dir: Path,
    voices: tuple[Voice, ...] = (Voice(),),
    sentence_seconds: float = SENTENCE_SECONDS,
    producer: str = "",
) -> SynthesizerHandle:
    """Start the synthesis process and return once it takes requests.

    `directory` is where it works and leaves its log; each of `voices` is tried first, so that a
    missing one is known before the first call. `producer` is whom the files name as the maker of
    synthetic speech. Call it from a thread that lives as long as the
    service should: the kernel ends the process with its starter.
    Raises SpeechError with the reason.
    """
    directory.mkdir(parents=True, exist_ok=True)
    socket.unlink(missing_ok=True)
    child = start_child(
        _serve,
        *(directory, socket, cache_dir, voices, sentence_seconds, producer),
        name="menling-tts",
    )
    try:
        # It waits for its engine in turn, and must be able to say what became of it.
        problem = child.first_word(2 * START_SECONDS)
    except ChildError as error:
        problem = f"{error}; see {directory / 'tts.log'}"
    finally:
        child.pipe.close()
    handle = SynthesizerHandle(child.process, socket)
    if problem:
        handle.stop()
        raise SpeechError(f"speech synthesis can't start: {problem}")
    return handle


class _Service:
    """Takes requests, makes each sentence once, whoever asks for it and however often."""

    def __init__(self, cache_dir: Path, sentence_seconds: float, producer: str) -> None:
        self._cache = Cache(cache_dir)
        self._engines = {kind: Engine(kind, cache_dir, producer) for kind in VoiceEngine}
        self._sentence_seconds = sentence_seconds
        self._turn = asyncio.Lock()
        self._under_way: dict[Path, asyncio.Task[str]] = {}
        self._made = 0

    async def say(self, text: str, voice: Voice, manner: Manner = PLAIN) -> str:
        """Return the file of a sentence."""
        path = self._cache.path(text, voice, manner)
        task = self._under_way.get(path)
        if task is None:
            if len(self._under_way) >= MOST_WAITING:
                raise SpeechError("speech synthesis is overloaded; ask again in a few seconds")
            task = asyncio.create_task(self._make(text, voice, manner))
            self._under_way[path] = task
            task.add_done_callback(lambda _: self._under_way.pop(path, None))
        return await asyncio.shield(task)

    async def _make(self, text: str, voice: Voice, manner: Manner) -> str:
        async with self._turn:
            found = await asyncio.to_thread(self._cache.find, text, voice, manner)
            if found is not None:
                return str(found)
            engine = self._engines[voice.engine]
            made = await asyncio.to_thread(engine.make, text, voice, manner, self._sentence_seconds)
            self._made += 1
            if self._made % _PRUNE_EVERY == 0:
                await asyncio.to_thread(self._cache.prune, MOST_CACHE_BYTES)
            return made

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it closes."""
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            while line := await _line(reader):
                writer.write(json.dumps(await self._reply(line)).encode() + b"\n")
                await writer.drain()

    async def _reply(self, line: bytes) -> Mapping[str, str]:
        try:
            text, voice, manner = request_in(line)
        except (ValueError, KeyError, TypeError) as error:
            return {"error": f"the request can't be read: {error}"}
        try:
            return {"wav": await self.say(text, voice, manner)}
        except SpeechError as error:
            return {"error": str(error)}
        except OSError as error:
            return {"error": f"the sound can't be kept ({error}); check the cache's disk"}

    def end(self) -> None:
        """Let go of the engines."""
        for engine in self._engines.values():
            engine.end()


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:  # longer than a request may be: not one of ours
        return b""


def request_line(text: str, voice: Voice, manner: Manner = PLAIN) -> bytes:
    """Return the request for one sentence as it goes over the socket."""
    request = {"text": text, "voice": asdict(voice), "manner": asdict(manner)}
    return json.dumps(request).encode() + b"\n"


def request_in(line: bytes) -> tuple[str, Voice, Manner]:
    """Return what a line asks for; raises ValueError, KeyError or TypeError if it's no request."""
    request = json.loads(line)
    voice = Voice(**request["voice"])
    voice = replace(voice, engine=VoiceEngine(voice.engine))
    return str(request["text"]), voice, Manner(**request["manner"])


def _serve(
    ready: Connection,
    directory: Path,
    socket: Path,
    cache_dir: Path,
    voices: tuple[Voice, ...],
    sentence_seconds: float,
    producer: str,
) -> None:
    logging.basicConfig(
        filename=directory / "tts.log",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    asyncio.run(_run(ready, socket, cache_dir, voices, sentence_seconds, producer))


async def _run(
    ready: Connection,
    socket: Path,
    cache_dir: Path,
    voices: tuple[Voice, ...],
    sentence_seconds: float,
    producer: str,
) -> None:
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    try:
        service = _Service(cache_dir, sentence_seconds, producer)
        for voice in voices:
            await service.say("好。" if voice.language.startswith("zh") else "Good.", voice)
        server = await asyncio.start_unix_server(service.answer, path=socket, limit=_LINE_BYTES)
    except (SpeechError, OSError) as error:
        ready.send(str(error))
        return
    ready.send("")
    ready.close()
    try:
        await stopped.wait()
    finally:
        server.close()
        service.end()
