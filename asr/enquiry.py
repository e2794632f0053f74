"""What else a recogniser process is told and asked, apart from utterances."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from asr.link import Link
from asr.load import ServiceLoad
from asr.stream import RecognitionError
from asr.wire import Kind, WireError, pack_grammars

ANSWER_SECONDS = 10.0


async def prepare(sockets: Sequence[Path], grammars: Iterable[tuple[str, ...]]) -> None:
    """Have every process make ready for questions with these phrases; returns once they have.

    A question that was not prepared costs a few milliseconds when it is first asked. Raises
    RecognitionError when a process can't be reached.
    """
    payload = pack_grammars(grammars)
    await asyncio.gather(*(_ask(socket, Kind.PREPARE, payload) for socket in sockets))


async def load_of(socket: Path) -> ServiceLoad:
    """Return how a process is doing; raises RecognitionError when it can't be reached."""
    return ServiceLoad.of_json(await _ask(socket, Kind.LOAD))


async def _ask(socket: Path, kind: Kind, payload: bytes = b"") -> bytes:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            link = await Link.to(socket)
            try:
                link.send(kind, payload=payload)
                return await link.answer(kind)
            finally:
                await link.close()
    except (OSError, TimeoutError, WireError) as error:
        raise RecognitionError(f"The recogniser process at {socket} does not answer.") from error
