"""Telephone WAVs: read, write and refuse by name."""

from __future__ import annotations

import wave
from pathlib import Path
from types import TracebackType
from typing import Self

from audio.pcm import SAMPLE_BYTES, SAMPLE_RATE


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


def write_wav(path: Path, pcm: bytes) -> None:
    """Write a telephone WAV; the file appears whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("wb") as file, wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(SAMPLE_BYTES)
        wav.setframerate(SAMPLE_RATE)
        wav.writeframes(pcm)
    partial.replace(path)


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
