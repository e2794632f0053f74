"""A connection to one recogniser process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from asr.wire import Kind, Message, WireError, pack, read_message

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0


class Link:
    """The worker's end of the socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, socket: Path) -> Link:
        """Connect; raises OSError when nobody is there or it has no place for another leg."""
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_unix_connection(str(socket))
            try:
                greeting = await read_message(reader)
            except WireError as error:
                writer.close()
                raise ConnectionError(f"{socket} speaks another protocol: {error}") from error
        if greeting is None or greeting.kind is not Kind.READY:
            writer.close()
            raise ConnectionError(f"{socket} has no place for another leg")
        return cls(reader, writer)

    def send(self, kind: Kind, utterance: int = 0, payload: bytes = b"") -> None:
        """Send without waiting; what waits here is bounded by the length of an utterance."""
        if not self._writer.is_closing():
            self._writer.write(pack(Message(kind, utterance, payload)))

    async def listen(self, take: Callable[[Message], None]) -> None:
        """Pass on every message until the other side is gone."""
        try:
            while (message := await read_message(self._reader)) is not None:
                take(message)
        except WireError as error:
            log.warning("a recogniser process is left: %s", error)

    async def answer(self, kind: Kind) -> bytes:
        """Return the payload of the next message of this kind; raises ConnectionError."""
        while (message := await read_message(self._reader)) is not None:
            if message.kind is kind:
                return message.payload
        raise ConnectionError("the recogniser process went away")

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            log.debug("the recogniser process went first")
