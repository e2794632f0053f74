"""Sounds already made, found by what they say: content-addressed telephone WAVs on disk.

Names are hashes, so that no name, number or address can be read from a directory listing.
Several processes may share a directory: files appear whole or not at all.
"""

from __future__ import annotations

import json
import os
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

from audio.aigc import Mark, marks
from audio.wav import HEADER_BYTES, is_telephone_header, write_wav
from tts.speech import PLAIN, Manner, Voice

_VERSION = "2"
"""Raise it when the same text sounds different for another reason than its readings."""


class Cache:
    """A directory of sentences as WAVs, bounded by `prune`."""

    def __init__(self, directory: Path, producer: str = "") -> None:
        """`producer` is who answers for synthetic speech, as the files name him."""
        self._directory = directory
        self._producer = producer
        directory.mkdir(parents=True, exist_ok=True)

    def path(self, text: str, voice: Voice, manner: Manner = PLAIN) -> Path:
        """Return where the sound of that sentence is or will be."""
        name = key(text, voice, manner)
        return self._directory / name[:2] / f"{name}.wav"

    def find(self, text: str, voice: Voice, manner: Manner = PLAIN) -> Path | None:
        """Return the sound if it is there and whole; a broken one is removed."""
        path = self.path(text, voice, manner)
        try:
            if not _is_whole(path):
                path.unlink(missing_ok=True)
                return None
            os.utime(path)  # the least recently used are pruned first
        except FileNotFoundError:
            return None
        return path

    def store(
        self,
        text: str,
        voice: Voice,
        pcm: bytes,
        manner: Manner = PLAIN,
        *,
        synthetic: bool = True,
    ) -> Path:
        """Keep the sound of a sentence and return its file, which says if a machine speaks."""
        path = self.path(text, voice, manner)
        path.parent.mkdir(exist_ok=True)
        partial = self._directory / f".{uuid4().hex}.wav"
        try:
            write_wav(partial, pcm, marks(Mark(self._producer, path.stem)) if synthetic else ())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return path

    def prune(self, max_bytes: int) -> int:
        """Remove the least recently used sounds until the rest fits; return how many went."""
        kept: list[tuple[float, int, Path]] = []
        for path in self._directory.glob("??/*.wav"):
            try:
                status = path.stat()
            except FileNotFoundError:  # another process pruned it
                continue
            kept.append((status.st_mtime, status.st_size, path))
        kept.sort()
        total = sum(size for _, size, _ in kept)
        removed = 0
        for _, size, path in kept:
            if total <= max_bytes:
                break
            path.unlink(missing_ok=True)
            total -= size
            removed += 1
        return removed


def key(text: str, voice: Voice, manner: Manner = PLAIN) -> str:
    """Return the name of a sentence in a voice: a hash over all that shapes its sound."""
    parts = (
        *(_VERSION, _readings_version()),
        *(voice.engine, voice.edition, voice.language, voice.name.lower()),
        *(voice.rate, round(voice.volume, 3), manner.slow, manner.loud),
        " ".join(text.split()),
    )
    return sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@cache
def _readings_version() -> str:
    return sha256((files("tts") / "readings.yaml").read_bytes()).hexdigest()[:16]


def _is_whole(path: Path) -> bool:
    with path.open("rb") as wav:
        header = wav.read(HEADER_BYTES)
        size = os.fstat(wav.fileno()).st_size
    return is_telephone_header(header, size)
