"""The inside of a recogniser process: one model in memory, many legs over a Unix socket.

When more sound arrives than can be decoded, nothing is dropped: what waits is decoded in one
piece without partials in between (late, never lost), and a leg that sends far ahead is not read
from until the decoder has caught up. Only the number of legs is limited; one more is refused.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from asr.model_files import ModelError
from asr.recognizer import Recognizer, RecognizerError, SpeechModel
from asr.wire import (
    Kind,
    Message,
    WireError,
    pack,
    pack_partial,
    pack_recognition,
    read_message,
    unpack_phrases,
)
from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE, silence

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_LEGS = 64
"""Streams one process serves; about 40 keep one core busy."""

WAITING_MESSAGES = 64
"""Messages of one leg read ahead of the decoder; beyond that its socket is left unread."""

LONGEST_PIECE_BYTES = 2 * SAMPLE_RATE * SAMPLE_BYTES
"""Sound decoded in one go, so that one leg that is behind does not hold up the others."""


class RecognitionServer:
    """Serves legs with recognisers of one model; decoding happens in threads."""

    def __init__(self, model: SpeechModel, threads: int = 1) -> None:
        self._model = model
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
        self._legs: set[asyncio.Task[None]] = set()

    async def serve(self, socket: Path, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Answer on the socket until `stop`; calls `ready` once it does."""
        socket.unlink(missing_ok=True)  # noqa: ASYNC240  before anybody is served
        server = await asyncio.start_unix_server(self._arrive, path=str(socket))
        try:
            ready()
            await stop.wait()
        finally:
            server.close()
            for leg in tuple(self._legs):
                leg.cancel()
            await asyncio.gather(*self._legs, return_exceptions=True)
            self._pool.shutdown()
            socket.unlink(missing_ok=True)  # noqa: ASYNC240  nobody is served any more

    async def _arrive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._legs) >= MOST_LEGS:
            writer.write(pack(Message(Kind.TROUBLE, payload=b"full")))
            writer.close()
            return
        self._legs.add(task)
        try:
            writer.write(pack(Message(Kind.READY, payload=self._model.files.name.encode())))
            await _LegDesk(self._model.recognizer(), self._pool, reader, writer).work()
        except (ConnectionError, asyncio.CancelledError):
            log.debug("a leg went away")
        finally:
            self._legs.discard(task)
            writer.close()


class _LegDesk:
    """One leg at one recogniser: reads ahead, decodes in order, answers."""

    def __init__(
        self,
        recognizer: Recognizer,
        pool: ThreadPoolExecutor,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._recognizer = recognizer
        self._pool = pool
        self._reader = reader
        self._writer = writer
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue(WAITING_MESSAGES)
        self._utterance = 0
        self._samples = 0
        self._partial = ""

    async def work(self) -> None:
        """Serve the leg until it goes."""
        reading = asyncio.create_task(self._read())
        try:
            message = await self._inbox.get()
            while message is not None:
                message = await self._handle(message)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await self._decode(self._recognizer.discard)

    async def _read(self) -> None:
        try:
            while (message := await read_message(self._reader)) is not None:
                await self._inbox.put(message)
        except WireError as error:
            log.warning("a leg is cut off: %s", error)
        await self._inbox.put(None)

    async def _handle(self, message: Message) -> Message | None:
        """Do what one message asks; return the next one."""
        following: Message | None = None
        try:
            if message.kind is Kind.BEGIN:
                await self._begin(message)
            elif message.kind is Kind.AUDIO and message.utterance == self._utterance:
                pcm, following = self._waiting_sound(message)
                await self._hear(pcm)
            elif message.kind is Kind.FINISH and message.utterance == self._utterance:
                recognition = await self._decode(self._recognizer.finish)
                self._answer(Kind.RESULT, pack_recognition(recognition))
                self._utterance = 0
            elif message.kind is Kind.DISCARD:
                await self._decode(self._recognizer.discard)
                self._utterance = 0
        except RecognizerError as error:
            log.warning("%s", error)
            self._answer(Kind.TROUBLE, str(error).encode())
            self._utterance = 0
        return following or await self._inbox.get()

    async def _begin(self, message: Message) -> None:
        self._utterance, self._samples, self._partial = message.utterance, 0, ""
        phrases = unpack_phrases(message.payload)
        grammar = await self._decode(lambda: self._recognizer.begin(phrases))
        if grammar.dropped:
            log.info("the model has no word for: %s", " ".join(grammar.dropped))

    def _waiting_sound(self, first: Message) -> tuple[bytes, Message | None]:
        """Return all the sound that waits, and the message after it if that was taken too."""
        sound = bytearray(first.payload)
        while len(sound) < LONGEST_PIECE_BYTES and not self._inbox.empty():
            message = self._inbox.get_nowait()
            if message is None or (message.kind, message.utterance) != (
                Kind.AUDIO,
                self._utterance,
            ):
                if message is None:
                    self._inbox.put_nowait(None)
                return bytes(sound), message
            sound += message.payload
        return bytes(sound), None

    async def _hear(self, pcm: bytes) -> None:
        behind = not self._inbox.empty()

        def decode() -> str:
            self._recognizer.accept(pcm)
            return self._partial if behind else self._recognizer.partial()

        partial = await self._decode(decode)
        self._samples += len(pcm) // SAMPLE_BYTES
        if partial != self._partial:
            self._partial = partial
            self._answer(Kind.PARTIAL, pack_partial(self._samples, partial))

    def _answer(self, kind: Kind, payload: bytes) -> None:
        self._writer.write(pack(Message(kind, self._utterance, payload)))

    async def _decode(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def run_server(model: Path, socket: Path, ready: Connection, threads: int) -> None:
    """Be a recogniser process until SIGTERM; tells `ready` an empty text, or what is wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    try:
        speech = SpeechModel(model)
        _warm_up(speech)
    except (ModelError, RecognizerError) as error:
        ready.send(str(error))
        return
    asyncio.run(_serve(speech, socket, ready, threads))


def _warm_up(model: SpeechModel) -> None:
    recognizer = model.recognizer()
    recognizer.begin()
    recognizer.accept(silence(0.5))
    recognizer.finish()


async def _serve(model: SpeechModel, socket: Path, ready: Connection, threads: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    log.debug("recogniser process %d serves %s", os.getpid(), model.files.name)
    await RecognitionServer(model, threads).serve(socket, lambda: ready.send(""), stop)
