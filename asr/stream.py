"""The worker's end of a recogniser process.

Nothing here waits while sound is handed over. The sound of the utterance in progress is kept, so
that when its recogniser process dies the stream goes to another one and replays it, once.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from asr.boosting import boosted
from asr.hearing import Recognition, RecognitionStream
from asr.link import Link
from asr.wire import Kind, Message, pack_phrases, unpack_partial, unpack_recognition
from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE

log = logging.getLogger(__name__)

FINISH_SECONDS = 5.0
"""A result that takes longer is of no use to a conversation. A stream looks for another recogniser
process as long; restarting one takes about 1 s."""

SEARCH_PAUSE_SECONDS = 0.1

LONGEST_UTTERANCE_BYTES = 60 * SAMPLE_RATE * SAMPLE_BYTES
"""What is kept of an utterance; the newest sound beyond it is dropped and counted."""

_turns = itertools.count(os.getpid())


class RecognitionError(Exception):
    """No recogniser process can be reached, or the utterance was lost; the message says which."""


@dataclass(slots=True)
class _Utterance:
    number: int
    phrases: tuple[str, ...]
    boost: tuple[str, ...]
    result: asyncio.Future[Recognition | None]
    """None: it was lost."""
    audio: bytearray = field(default_factory=bytearray)
    partial: str = ""
    finishing: bool = False
    begun: int = 0
    """Recogniser processes it was begun on."""


class ServiceStream:
    """A RecognitionStream on one of several recogniser processes."""

    def __init__(
        self, sockets: Sequence[Path], finish_timeout_seconds: float = FINISH_SECONDS
    ) -> None:
        """Connects at the first use; `open_stream` connects at once."""
        first = next(_turns) % max(1, len(sockets))
        self._sockets = itertools.cycle([*sockets[first:], *sockets[:first]])
        self._tries = len(sockets)
        self._timeout = finish_timeout_seconds
        self._numbers = itertools.count(1)
        self._link: Link | None = None
        self._utterance: _Utterance | None = None
        self._task: asyncio.Task[None] | None = None
        """Keeps the link: reads it, and looks for another when it breaks."""

    async def connect(self) -> None:
        """Connect to the first process that answers; raises RecognitionError if none does."""
        if self._link is None and self._task is None:
            self._link = await self._try_all()
            if self._link is None:
                raise RecognitionError(
                    "No recogniser process answers. Is the engine running? `menling doctor` tells "
                    "what is wrong with the model."
                )
            self._task = asyncio.create_task(self._keep_linked())

    async def begin(self, phrases: tuple[str, ...] = (), boost: tuple[str, ...] = ()) -> None:
        """Start a new utterance, with a closed grammar when phrases are given.

        Readings with the phrases of `boost` are preferred.
        """
        result = asyncio.get_running_loop().create_future()
        self._utterance = _Utterance(next(self._numbers), phrases, boost, result)
        if self._task is None:
            self._task = asyncio.create_task(self._keep_linked())
        self._send_begin(self._utterance)

    async def accept(self, pcm: bytes) -> None:
        """Hand over more audio of the utterance."""
        utterance = self._current()
        if len(utterance.audio) + len(pcm) > LONGEST_UTTERANCE_BYTES:
            log.warning("an utterance is too long: %d bytes dropped", len(pcm))
            return
        utterance.audio += pcm
        self._send(Kind.AUDIO, pcm)

    def partial(self) -> str:
        """Return the newest hypothesis that has arrived, without waiting."""
        return self._utterance.partial if self._utterance else ""

    async def finish(self) -> Recognition:
        """End the utterance and wait for its result; raises RecognitionError if it is lost."""
        utterance = self._current()
        utterance.finishing = True
        self._send(Kind.FINISH)
        try:
            async with asyncio.timeout(self._timeout):
                recognition = await utterance.result
        except TimeoutError as error:
            self._send(Kind.DISCARD)
            raise RecognitionError(
                f"No result within {self._timeout:.1f} s: too many calls for the recognisers. "
                "Raise recognition.processes or lower campaign.max_concurrent_calls."
            ) from error
        finally:
            self._utterance = None
        if recognition is None:
            raise RecognitionError("The recogniser lost the utterance, also when it was replayed.")
        return boosted(recognition, utterance.boost)

    async def discard(self) -> None:
        """Forget the utterance; it was noise."""
        if self._utterance:
            self._send(Kind.DISCARD)
            self._utterance = None

    async def close(self) -> None:
        """Give the recogniser back."""
        self._utterance = None
        task, self._task = self._task, None
        if task:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self._link:
            await self._link.close()
            self._link = None

    def _current(self) -> _Utterance:
        if self._utterance is None:
            raise RecognitionError("begin() comes before audio")
        return self._utterance

    def _send_begin(self, utterance: _Utterance) -> None:
        if self._link:
            utterance.begun += 1
            self._send(Kind.BEGIN, pack_phrases(utterance.phrases))

    def _send(self, kind: Kind, payload: bytes = b"") -> None:
        if self._link and self._utterance:
            self._link.send(kind, self._utterance.number, payload)

    async def _keep_linked(self) -> None:
        while True:
            if self._link is None:
                self._link = await self._search()
                self._replay()
            if self._link is None:
                self._task = None
                return
            await self._link.listen(self._take)
            lost, self._link = self._link, None
            await lost.close()
            utterance = self._utterance
            if utterance and utterance.begun > 1 and not utterance.result.done():
                # It may be this very sound that kills the engine: do not try a third time.
                utterance.result.set_result(None)

    def _take(self, message: Message) -> None:
        utterance = self._utterance
        if utterance is None or message.utterance != utterance.number or utterance.result.done():
            return
        if message.kind is Kind.PARTIAL:
            utterance.partial = unpack_partial(message.payload)[1]
        elif message.kind is Kind.RESULT:
            utterance.result.set_result(unpack_recognition(message.payload))
        elif message.kind is Kind.TROUBLE:
            log.warning("the recogniser gave up: %s", message.payload.decode())
            utterance.result.set_result(None)

    def _replay(self) -> None:
        """Tell the process what the one before it was told."""
        utterance = self._utterance
        if utterance is None or utterance.result.done():
            return
        if self._link is None:
            utterance.result.set_result(None)
            return
        self._send_begin(utterance)
        if utterance.audio:
            self._send(Kind.AUDIO, bytes(utterance.audio))
        if utterance.finishing:
            self._send(Kind.FINISH)

    async def _search(self) -> Link | None:
        try:
            async with asyncio.timeout(self._timeout):
                while (link := await self._try_all()) is None:  # noqa: ASYNC110  see below
                    # The socket of a restarting process says nothing; ask again.
                    await asyncio.sleep(SEARCH_PAUSE_SECONDS)
                return link
        except TimeoutError:
            log.warning("no recogniser process answered for %.0f s", self._timeout)
            return None

    async def _try_all(self) -> Link | None:
        for _ in range(self._tries):
            try:
                return await Link.to(next(self._sockets))
            except (OSError, TimeoutError) as error:
                log.debug("recogniser process not reached: %s", error)
        return None


async def open_stream(
    sockets: Sequence[Path], finish_timeout_seconds: float = FINISH_SECONDS
) -> RecognitionStream:
    """Return a stream on one of the recogniser processes, taking turns among them.

    Raises RecognitionError when none answers.
    """
    if not sockets:
        raise RecognitionError("There is no recogniser process: recognition.processes is 0.")
    stream = ServiceStream(sockets, finish_timeout_seconds)
    await stream.connect()
    return stream
