"""The mark of AI-generated speech in the metadata of a file.

What it holds: 人工智能生成合成内容标识办法 (in force since 1 September 2025), article 5, with the
fields of GB 45438-2025, annex E, in a RIFF chunk `AIGC`, where TC260's guide for audio puts them.
Regulation (EU) 2024/1689, article 50(2), wants it machine-readable and names no format; a comment
under LIST/INFO tells those who read no `AIGC`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from audio.wav import Chunk, append_chunks, read_chunk

NAME = b"AIGC"
GENERATED = "1"
"""Label of content that is generated; 2 and 3 are for those who only suspect it."""
DEFAULT_PRODUCER = "Menling"

_COMMENT = b"AI-generated speech"
_NOT_ALLOWED = re.compile(r"[^\x21\x23-\x5b\x5d-\x7e]+")
"""Annex E allows these characters in values."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Who made AI-generated content, and which piece of content it is."""

    producer: str
    """Code of who answers for it: 001, 1, the unified social credit code and five digits."""
    produce_id: str


def marks(mark: Mark) -> tuple[Chunk, ...]:
    """Return the chunks that mark a WAV as AI-generated."""
    producer = _NOT_ALLOWED.sub("_", mark.producer) or DEFAULT_PRODUCER
    produced = _NOT_ALLOWED.sub("_", mark.produce_id)
    label = {
        "Label": GENERATED,
        "ContentProducer": producer,
        "ProduceID": produced,
        "ReservedCode1": "",
        # whoever makes it also hands it on: the same names again
        "ContentPropagator": producer,
        "PropagateID": produced,
        "ReservedCode2": "",
    }
    return (
        (NAME, json.dumps(label).encode()),
        (b"LIST", b"INFO" + _info(b"ICMT", _COMMENT) + _info(b"ISFT", b"Menling")),
    )


def _info(name: bytes, text: bytes) -> bytes:
    content = text + b"\0"
    return name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)


def mark_of(path: Path) -> Mark | None:
    """Return the mark in a WAV; None when it has none or an unreadable one.

    Raises WavError when it isn't a WAV, OSError when it can't be read.
    """
    content = read_chunk(path, NAME)
    if content is None:
        return None
    try:
        label = json.loads(content)
        return Mark(str(label["ContentProducer"]), str(label["ProduceID"]))
    except (ValueError, KeyError, TypeError):
        return None


def mark_file(path: Path, mark: Mark) -> None:
    """Mark a WAV that is finished; one that is marked stays as it is.

    Raises WavError when it isn't a WAV, OSError when it can't be written.
    """
    if mark_of(path) is None:
        append_chunks(path, marks(mark))
