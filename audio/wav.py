"""Telephone WAVs: read, write and refuse by name."""

from __future__ import annotations

import os
import struct
import wave
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE

HEADER_BYTES = 44
"""What stands before the samples in a file that `write_wav` wrote."""

_CHUNK = struct.Struct("<4sI")
_LENGTH = struct.Struct("<I")

Chunk = tuple[bytes, bytes]
"""Four letters and what stands under them."""


class WavError(ValueError):
    """The file is not a WAV Menling can use; the message names the file and says what is wrong."""


def read_wav(path: Path) -> bytes:
    """Return the samples of a telephone WAV (8 kHz, 16-bit, mono).

    Raises WavError for any other file, OSError when it can't be opened.
    """
    try:
        with wave.open(str(path), "rb") as wav:
            shape = (wav.getframerate(), wav.getsampwidth(), wav.getnchannels())
            pcm = wav.readframes(wav.getnframes())
    except (wave.Error, EOFError) as error:
        raise WavError(f"{path} is not a readable WAV file: {error}") from error
    if shape != (SAMPLE_RATE, SAMPLE_BYTES, 1):
        rate, width, channels = shape
        raise WavError(
            f"{path} has {rate} Hz, {8 * width} bit, {channels} channel(s); "
            "telephone sound is 8000 Hz, 16 bit, 1 channel. "
            f"Convert it: sox {path} -r 8000 -b 16 -c 1 out.wav"
        )
    return pcm


def write_wav(path: Path, pcm: bytes, chunks: Iterable[Chunk] = ()) -> None:
    """Write a telephone WAV; the file appears whole or not at all.

    `chunks` follow the samples, so that players that read no further than the samples play it.
    """
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file, wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(SAMPLE_BYTES)
        wav.setframerate(SAMPLE_RATE)
        wav.writeframes(pcm)
    append_chunks(partial, chunks)
    partial.replace(path)


def append_chunks(path: Path, chunks: Iterable[Chunk]) -> None:
    """Put more chunks behind all that is in a WAV; raises WavError when it isn't one.

    Samples that its header doesn't tell of are told of then: whoever recorded it could not write
    to the end, for the disk was full.
    """
    more = b"".join(
        _CHUNK.pack(name, len(content)) + content + b"\0" * (len(content) % 2)
        for name, content in chunks
    )
    if not more:
        return
    with path.open("r+b") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            raise WavError(f"{path} is not a WAV file: nothing can be noted in it")
        end = file.seek(0, os.SEEK_END)
        if not _tells_all(file, end):
            file.seek(HEADER_BYTES - _LENGTH.size)
            file.write(_LENGTH.pack(end - HEADER_BYTES))
            file.seek(0, os.SEEK_END)
        padding = b"\0" * (end % 2)
        file.write(padding + more)
        file.seek(4)
        file.write(_LENGTH.pack(end + len(padding) + len(more) - _CHUNK.size))


def _tells_all(file: BinaryIO, end: int) -> bool:
    """Answer whether the chunks of a file reach to its end, or it is none of a recorder's."""
    file.seek(HEADER_BYTES - _CHUNK.size)
    header = file.read(_CHUNK.size)
    if len(header) < _CHUNK.size or header[:4] != b"data":
        return True
    while len(header) == _CHUNK.size and header[:4].rstrip().isalnum():
        _, length = _CHUNK.unpack(header)
        place = file.seek(length + length % 2, os.SEEK_CUR)
        if place >= end:
            return place == end or place - length % 2 == end
        header = file.read(_CHUNK.size)
    return False


def read_chunk(path: Path, name: bytes) -> bytes | None:
    """Return what stands in a WAV under those four letters; None when nothing does."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            raise WavError(f"{path} is not a WAV file")
        while len(header := file.read(_CHUNK.size)) == _CHUNK.size:
            found, length = _CHUNK.unpack(header)
            if found == name:
                return file.read(length)
            file.seek(length + length % 2, os.SEEK_CUR)
    return None


def is_telephone_header(header: bytes, file_bytes: int) -> bool:
    """Answer whether a file that begins so and is so long is a whole WAV of `write_wav`'s."""
    if len(header) < HEADER_BYTES or header[:4] != b"RIFF" or header[8:16] != b"WAVEfmt ":
        return False
    (riff,), (rate,) = _LENGTH.unpack_from(header, 4), _LENGTH.unpack_from(header, 24)
    name, samples = _CHUNK.unpack_from(header, 36)
    return bool(
        rate == SAMPLE_RATE
        and name == b"data"
        and riff + _CHUNK.size == file_bytes
        and 0 < samples <= file_bytes - HEADER_BYTES
    )


def read_stereo(path: Path) -> tuple[bytes, bytes]:
    """Return the left (callee) and right (Menling) samples of a call recording."""
    with wave.open(str(path), "rb") as wav:
        if wav.getnchannels() != 2 or wav.getsampwidth() != SAMPLE_BYTES:
            raise WavError(f"{path} is not a two-sided call recording")
        interleaved = memoryview(wav.readframes(wav.getnframes())).cast("h")
    return interleaved[0::2].tobytes(), interleaved[1::2].tobytes()


class StereoRecording:
    """A call being written to disk: left the callee, right Menling."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._wav = wave.open(str(path), "wb")  # noqa: SIM115  closed by close()
        self._wav.setnchannels(2)
        self._wav.setsampwidth(SAMPLE_BYTES)
        self._wav.setframerate(SAMPLE_RATE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def write(self, callee: bytes, menling: bytes) -> None:
        """Append the same stretch of time from both sides; the shorter is filled with silence."""
        length = max(len(callee), len(menling))
        both = bytearray(2 * length)
        samples = memoryview(both).cast("h")
        left = memoryview(callee.ljust(length, b"\0")).cast("h")
        right = memoryview(menling.ljust(length, b"\0")).cast("h")
        samples[0::2] = left
        samples[1::2] = right
        self._wav.writeframesraw(both)

    def close(self) -> None:
        """Finish the file; a second call does nothing."""
        self._wav.close()
