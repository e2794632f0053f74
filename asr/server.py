"""The inside of a recogniser process: one model in memory, many legs over a Unix socket.

When more sound arrives than can be decoded, the policy is "late, then given up, never in part":
 1. what waits is decoded in one piece without partials in between, and utterances that are over
    go before those in progress;
 2. a leg that sends far ahead is not read from until the decoder has caught up;
 3. an utterance whose sound has waited five seconds is given up, and its leg is told so: the
    dialog asks again instead of answering words that were said long ago.
Late and given-up results are counted (`asr/load.py`) and warned of. The number of legs is limited;
one more is refused and counted.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from asr.decoding import DecodeQueue, Urgency
from asr.engine import RecognitionModel, Recognizer, RecognizerError
from asr.engines import open_model
from asr.load import GIVEN_UP_SECONDS, LoadMeter, ServiceLoad
from asr.model_files import ModelError
from asr.wire import (
    Kind,
    Message,
    WireError,
    pack,
    pack_partial,
    pack_recognition,
    read_message,
    unpack_grammars,
    unpack_phrases,
)
from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE, silence

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_LEGS = 64
"""Streams one process serves; about 40 keep one core busy."""

WAITING_MESSAGES = 64
"""Messages of one leg read ahead of the decoder; beyond that its socket is left unread."""

LONGEST_PIECE_BYTES = SAMPLE_RATE * SAMPLE_BYTES
"""Sound decoded in one go, so that one leg that is behind does not hold up the others."""


class RecognitionServer:
    """Serves legs with recognisers of one model; without threads it decodes on the event loop."""

    def __init__(
        self,
        model: RecognitionModel,
        threads: int = 0,
        given_up_seconds: float = GIVEN_UP_SECONDS,
    ) -> None:
        self._desk = _Desk(model, DecodeQueue(threads), LoadMeter(), given_up_seconds)
        self._legs: set[asyncio.Task[None]] = set()

    def load(self) -> ServiceLoad:
        """Return what was done so far."""
        meter, counts = self._desk.meter, self._desk.model.counts
        return ServiceLoad(
            legs=len(self._legs),
            utterances=meter.utterances,
            late=meter.late,
            given_up=meter.given_up,
            refused=meter.refused,
            engines_made=counts.made,
            engines_recycled=counts.recycled,
            megabytes=_resident_megabytes(),
        )

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
            self._desk.decoder.close()
            socket.unlink(missing_ok=True)  # noqa: ASYNC240  nobody is served any more

    async def _arrive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._legs) >= MOST_LEGS:
            self._desk.meter.refused += 1
            writer.write(pack(Message(Kind.TROUBLE, payload=b"full")))
            writer.close()
            return
        self._legs.add(task)
        try:
            writer.write(pack(Message(Kind.READY, payload=self._desk.model.files.name.encode())))
            await _LegDesk(self._desk, reader, writer, self.load).work()
        except (ConnectionError, asyncio.CancelledError):
            log.debug("a leg went away")
        finally:
            self._legs.discard(task)
            writer.close()


@dataclass(frozen=True, slots=True)
class _Desk:
    """What all legs of the process share."""

    model: RecognitionModel
    decoder: DecodeQueue
    meter: LoadMeter
    given_up_seconds: float


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A message read ahead, and when."""

    message: Message
    arrived: float
    """Seconds of the event loop's clock."""


@dataclass(slots=True)
class _InProgress:
    """The utterance of a leg."""

    number: int = 0
    """0: there is none."""
    samples: int = 0
    partial: str = ""


class _LegDesk:
    """One leg at one recogniser: reads ahead, decodes in order, answers."""

    def __init__(
        self,
        desk: _Desk,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        load: Callable[[], ServiceLoad],
    ) -> None:
        self._desk = desk
        self._recognizer: Recognizer = desk.model.recognizer()
        self._reader = reader
        self._writer = writer
        self._load = load
        self._inbox: asyncio.Queue[_Waiting | None] = asyncio.Queue(WAITING_MESSAGES)
        self._utterance = _InProgress()
        self._over = 0
        """The last utterance whose FINISH has been read."""

    async def work(self) -> None:
        """Serve the leg until it goes."""
        reading = asyncio.create_task(self._read())
        try:
            waiting = await self._inbox.get()
            while waiting is not None:
                waiting = await self._handle(waiting)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await self._desk.decoder.run(self._recognizer.discard)

    async def _read(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while (message := await read_message(self._reader)) is not None:
                if message.kind is Kind.FINISH:
                    self._over = message.utterance
                await self._inbox.put(_Waiting(message, clock()))
        except WireError as error:
            log.warning("a leg is cut off: %s", error)
        await self._inbox.put(None)

    async def _handle(self, waiting: _Waiting) -> _Waiting | None:
        """Do what one message asks; return the next one, or None when the leg is gone."""
        message, utterance = waiting.message, self._utterance
        try:
            match message.kind:
                case Kind.BEGIN:
                    await self._begin(message)
                case Kind.AUDIO if message.utterance == utterance.number:
                    if self._waited(waiting) > self._desk.given_up_seconds:
                        await self._give_up()
                    else:
                        return await self._hear(message)
                case Kind.FINISH if message.utterance == utterance.number:
                    await self._finish(waiting)
                case Kind.DISCARD:
                    await self._decode(self._recognizer.discard)
                    utterance.number = 0
                case Kind.PREPARE:
                    await self._prepare(message)
                case Kind.LOAD:
                    self._answer(Kind.LOAD, self._load().json())
        except RecognizerError as error:
            log.warning("%s", error)
            self._answer(Kind.TROUBLE, str(error).encode())
            utterance.number = 0
        return await self._inbox.get()

    async def _begin(self, message: Message) -> None:
        self._utterance = _InProgress(message.utterance)
        phrases = unpack_phrases(message.payload)
        grammar = await self._decode(lambda: self._recognizer.begin(phrases))
        if grammar.dropped:
            log.info("the model has no word for: %s", " ".join(grammar.dropped))

    async def _hear(self, first: Message) -> _Waiting | None:
        """Decode all the sound that waits; return the message after it."""
        sound, following = self._waiting_sound(first)
        for at in range(0, len(sound), LONGEST_PIECE_BYTES):
            await self._decode_sound(sound[at : at + LONGEST_PIECE_BYTES])
        return following or await self._inbox.get()

    def _waiting_sound(self, first: Message) -> tuple[bytes, _Waiting | None]:
        """Return all the sound that waits, and the message after it if that was taken too."""
        sound = bytearray(first.payload)
        while len(sound) < LONGEST_PIECE_BYTES and not self._inbox.empty():
            waiting = self._inbox.get_nowait()
            if waiting is None:
                self._inbox.put_nowait(None)
                break
            message = waiting.message
            if (message.kind, message.utterance) != (Kind.AUDIO, self._utterance.number):
                return bytes(sound), waiting
            sound += message.payload
        return bytes(sound), None

    async def _decode_sound(self, pcm: bytes) -> None:
        utterance = self._utterance
        # Nobody looks at a hypothesis that newer sound or the result is about to replace.
        behind = not self._inbox.empty() or self._is_over

        def decode() -> str:
            self._recognizer.accept(pcm)
            return utterance.partial if behind else self._recognizer.partial()

        text = await self._decode(decode)
        utterance.samples += len(pcm) // SAMPLE_BYTES
        if text != utterance.partial:
            utterance.partial = text
            self._answer(Kind.PARTIAL, pack_partial(utterance.samples, text))

    async def _finish(self, waiting: _Waiting) -> None:
        recognition = await self._decode(self._recognizer.finish)
        self._answer(Kind.RESULT, pack_recognition(recognition))
        self._utterance.number = 0
        now = asyncio.get_running_loop().time()
        if warning := self._desk.meter.answered(now - waiting.arrived, now):
            log.warning("%s", warning)

    async def _give_up(self) -> None:
        await self._decode(self._recognizer.discard)
        self._answer(Kind.TROUBLE, b"too many calls for the recognisers: the utterance is given up")
        self._utterance.number = 0
        if warning := self._desk.meter.gave_up(asyncio.get_running_loop().time()):
            log.warning("%s", warning)

    async def _prepare(self, message: Message) -> None:
        for phrases in unpack_grammars(message.payload):
            await self._decode(partial(self._desk.model.prepare, phrases))
        self._answer(Kind.PREPARE, b"")

    @property
    def _is_over(self) -> bool:
        return 0 < self._utterance.number == self._over

    def _waited(self, waiting: _Waiting) -> float:
        return asyncio.get_running_loop().time() - waiting.arrived

    def _answer(self, kind: Kind, payload: bytes) -> None:
        self._writer.write(pack(Message(kind, self._utterance.number, payload)))

    async def _decode(self, work: Callable[[], T]) -> T:
        urgency = Urgency.OVER if self._is_over else Urgency.IN_PROGRESS
        return await self._desk.decoder.run(work, urgency)


def _resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def run_server(model: Path, socket: Path, ready: Connection, threads: int) -> None:
    """Be a recogniser process until SIGTERM; tells `ready` an empty text, or what is wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    try:
        speech = open_model(model)
        _warm_up(speech)
    except (ModelError, RecognizerError) as error:
        ready.send(str(error))
        return
    asyncio.run(_serve(speech, socket, ready, threads))


def _warm_up(model: RecognitionModel) -> None:
    recognizer = model.recognizer()
    recognizer.begin()
    recognizer.accept(silence(0.5))
    recognizer.finish()


async def _serve(model: RecognitionModel, socket: Path, ready: Connection, threads: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    log.debug("recogniser process %d serves %s", os.getpid(), model.files.name)
    await RecognitionServer(model, threads).serve(socket, lambda: ready.send(""), stop)
