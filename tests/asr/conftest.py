"""Sound and models for the tests of hearing."""

from __future__ import annotations

import random
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from pypinyin import Style, lazy_pinyin

from asr.model_files import bundled_model
from asr.recognizer import SpeechModel
from audio.level import dbfs
from audio.pcm import silence

TELEPHONE_FORMAT = ("-r", "8000", "-b", "16", "-c", "1", "-t", "raw")

Speak = Callable[..., bytes]
"""Text to telephone sound; `voice` picks another espeak-ng voice."""


@cache
def _spoken(text: str, voice: str, rate: int) -> bytes:
    syllables = " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))
    wav = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(rate), "--stdout", syllables],
        capture_output=True,
        check=True,
    ).stdout
    return subprocess.run(
        ["sox", "-t", "wav", "-", *TELEPHONE_FORMAT, "-", "gain", "-n", "-8"],
        input=wav,
        capture_output=True,
        check=True,
    ).stdout


@pytest.fixture(scope="session")
def speak() -> Speak:
    """Return a caller's words as telephone sound, made with espeak-ng."""

    def spoken(text: str, voice: str = "cmn-latn-pinyin", rate: int = 160) -> bytes:
        return _spoken(text, voice, rate)

    return spoken


@pytest.fixture(scope="session")
def line_noise() -> Callable[[float, float], bytes]:
    """Return so many seconds of white noise at a level in dBFS, the same every time."""

    def noise(duration_seconds: float, level_dbfs: float) -> bytes:
        source = random.Random(7)
        deviation = 32768 * 10 ** (level_dbfs / 20)
        count = len(silence(duration_seconds)) // 2
        values = (round(source.gauss(0, deviation)) for _ in range(count))
        pcm = struct.pack(f"<{count}h", *(max(-32768, min(32767, value)) for value in values))
        assert abs(dbfs(pcm) - level_dbfs) < 1
        return pcm

    return noise


@pytest.fixture(scope="session")
def model() -> SpeechModel:
    """Return the bundled model, loaded once."""
    return SpeechModel(bundled_model())


@pytest.fixture
def sockets_directory() -> Iterator[Path]:
    """Return a directory with a path short enough for Unix sockets."""
    with tempfile.TemporaryDirectory(prefix="mlr") as directory:
        yield Path(directory)
