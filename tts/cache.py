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

from audio.wav import WavError, read_wav, write_wav
from tts.speech import Voice

_VERSION = "1"
"""Raise it when the same text sounds different for another reason than its readings."""
_HEADER_BYTES = 44


class Cache:
    """A directory of sentences as WAVs, bounded by `prune`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def path(self, text: str, voice: Voice) -> Path:
        """Return where the sound of that sentence is or will be."""
        name = key(text, voice)
        return self._directory / name[:2] / f"{name}.wav"

    def find(self, text: str, voice: Voice) -> Path | None:
        """Return the sound if it is there and whole; a broken one is removed."""
        path = self.path(text, voice)
        try:
            if not _is_whole(path):
                path.unlink(missing_ok=True)
                return None
            os.utime(path)  # the least recently used are pruned first
        except FileNotFoundError:
            return None
        return path

    def store(self, text: str, voice: Voice, pcm: bytes) -> Path:
        """Keep the sound of a sentence and return its file."""
        path = self.path(text, voice)
        path.parent.mkdir(exist_ok=True)
        partial = self._directory / f".{uuid4().hex}.wav"
        try:
            write_wav(partial, pcm)
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


def key(text: str, voice: Voice) -> str:
    """Return the name of a sentence in a voice: a hash over all that shapes its sound."""
    parts = (
        *(_VERSION, _readings_version()),
        *(voice.language, voice.name.lower(), voice.rate, round(voice.volume, 3)),
        " ".join(text.split()),
    )
    return sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@cache
def _readings_version() -> str:
    return sha256((files("tts") / "readings.yaml").read_bytes()).hexdigest()[:16]


def _is_whole(path: Path) -> bool:
    try:
        pcm = read_wav(path)
    except WavError:
        return False
    return bool(pcm) and path.stat().st_size == _HEADER_BYTES + len(pcm) == _declared(path)


def _declared(path: Path) -> int:
    with path.open("rb") as wav:
        header = wav.read(_HEADER_BYTES)
    return _HEADER_BYTES + int.from_bytes(header[40:44], "little")
