"""What a worker and a recogniser process say to each other over a Unix socket.

Every message is a header (kind, utterance number, length) and a payload. Utterance numbers let
both sides ignore what belongs to an utterance already given up.

    worker      BEGIN phrases, AUDIO pcm..., FINISH | DISCARD; PREPARE grammars; LOAD
    recogniser  READY, then PARTIAL samples+text..., RESULT | TROUBLE; PREPARE; LOAD counts
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from asr.hearing import Alternative, Recognition, Word

_HEADER = struct.Struct("!BII")
_SAMPLES = struct.Struct("!I")

LONGEST_PAYLOAD = 1 << 20


class Kind(IntEnum):
    """What a message is."""

    BEGIN = 1
    AUDIO = 2
    FINISH = 3
    DISCARD = 4
    READY = 5
    PARTIAL = 6
    RESULT = 7
    TROUBLE = 8
    PREPARE = 9
    LOAD = 10


class WireError(Exception):
    """The other side does not speak this protocol."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, either way."""

    kind: Kind
    utterance: int = 0
    payload: bytes = b""


def pack(message: Message) -> bytes:
    """Return the bytes of a message."""
    if len(message.payload) > LONGEST_PAYLOAD:
        raise WireError(f"a message of {len(message.payload)} bytes is too long to send")
    return _HEADER.pack(message.kind, message.utterance, len(message.payload)) + message.payload


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """Return the next message, or None when the other side is gone.

    Raises WireError for bytes that are no message.
    """
    try:
        kind, utterance, length = _HEADER.unpack(await reader.readexactly(_HEADER.size))
        if length > LONGEST_PAYLOAD:
            raise WireError(f"a message of {length} bytes is announced; none is that long")
        payload = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    try:
        return Message(Kind(kind), utterance, payload)
    except ValueError as error:
        raise WireError(f"unknown message kind {kind}") from error


def pack_phrases(phrases: tuple[str, ...]) -> bytes:
    """Return the payload of BEGIN."""
    return json.dumps(phrases, ensure_ascii=False).encode()


def unpack_phrases(payload: bytes) -> tuple[str, ...]:
    """Return the phrases of BEGIN."""
    return tuple(str(phrase) for phrase in json.loads(payload))


def pack_grammars(grammars: Iterable[tuple[str, ...]]) -> bytes:
    """Return the payload of PREPARE."""
    return json.dumps(list(grammars), ensure_ascii=False).encode()


def unpack_grammars(payload: bytes) -> list[tuple[str, ...]]:
    """Return the phrases of each question of PREPARE."""
    return [tuple(map(str, phrases)) for phrases in json.loads(payload)]


def pack_partial(samples: int, text: str) -> bytes:
    """Return the payload of PARTIAL: the hypothesis once that many samples were decoded."""
    return _SAMPLES.pack(samples) + text.encode()


def unpack_partial(payload: bytes) -> tuple[int, str]:
    """Return samples decoded and hypothesis of PARTIAL."""
    return _SAMPLES.unpack_from(payload)[0], payload[_SAMPLES.size :].decode()


def pack_recognition(recognition: Recognition) -> bytes:
    """Return the payload of RESULT."""
    words = [[w.text, w.confidence, w.began, w.ended] for w in recognition.words]
    others = [[each.text, each.confidence] for each in recognition.alternatives]
    return json.dumps(
        [recognition.text, recognition.confidence, words, others], ensure_ascii=False
    ).encode()


def unpack_recognition(payload: bytes) -> Recognition:
    """Return the recognition of RESULT."""
    text, confidence, words, others = json.loads(payload)
    return Recognition(
        text,
        confidence,
        tuple(Word(*word) for word in words),
        tuple(Alternative(*other) for other in others),
    )
