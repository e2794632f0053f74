"""The waveform of a recording: the loudest sample of each stretch, both sides of the call."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from markupsafe import Markup

POINTS: Final = 900
"""Stretches that a recording is cut into: about one for each pixel of a laptop's screen."""
BLOCK_SECONDS: Final = 30
FULL: Final = 32768
HALF: Final = 40
"""Height of one side of the drawing."""


class WaveformError(ValueError):
    """The file is not a recording of ours; says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """How loud each side was, from the beginning to the end of a call."""

    seconds: float
    callee: tuple[float, ...]
    """The loudest sample of each stretch, 0 to 1."""
    menling: tuple[float, ...]
    """Empty when the file has one side only, as a clip has."""


def waveform_of(path: Path, points: int = POINTS) -> Waveform:
    """Return the waveform of a recording; it is read once and remembered while it is not changed.

    Raises WaveformError when it can't be read.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise WaveformError(f"{path.name} can't be opened: {error.strerror}") from error
    return _remembered(path, stat.st_mtime_ns, stat.st_size, points)


def drawing_of(waveform: Waveform, title: str) -> Markup:
    """Return the waveform as SVG: the callee above the line, we below it."""
    below = waveform.menling or waveform.callee
    return Markup(
        '<svg class="waveform" role="img" aria-label="{title}" viewBox="0 0 {width} {height}" '
        'preserveAspectRatio="none" data-seconds="{seconds}">'
        '<path class="callee" d="{upper}"/><path class="menling" d="{lower}"/></svg>'
    ).format(
        title=title,
        width=max(1, len(waveform.callee)),
        height=2 * HALF,
        seconds=f"{waveform.seconds:.3f}",
        upper=_path(waveform.callee, -1),
        lower=_path(below, 1),
    )


def _path(peaks: tuple[float, ...], direction: int) -> str:
    """Return one side as a filled shape that stands on the middle line."""
    if not peaks:
        return ""
    # Speech is quiet most of the time: the root shows it without clipping what is loud.
    steps = "".join(f"V{HALF + direction * (0.5 + (HALF - 1) * peak**0.5):.1f}h1" for peak in peaks)
    return f"M0 {HALF}{steps}V{HALF}Z"


@lru_cache(maxsize=64)
def _remembered(path: Path, _changed: int, _size: int, points: int) -> Waveform:
    try:
        with wave.open(str(path), "rb") as file:
            return _read(file, points)
    except (wave.Error, EOFError, OSError) as error:
        raise WaveformError(f"{path.name} is not a recording that can be read: {error}") from error


def _read(file: wave.Wave_read, points: int) -> Waveform:
    if file.getsampwidth() != 2 or file.getnchannels() not in (1, 2):
        raise WaveformError("A recording has 16 bits and one or two channels; this file doesn't")
    rate, channels, total = file.getframerate(), file.getnchannels(), file.getnframes()
    each = max(1, -(-total // points))
    peaks = np.zeros((points, channels))
    done = 0
    whole = each * max(1, rate * BLOCK_SECONDS // each)
    while block := file.readframes(whole):
        samples = np.frombuffer(block, dtype="<i2").reshape(-1, channels).astype(np.int32)
        loud = np.abs(samples)
        starts = np.arange(0, len(loud), each)
        found = np.maximum.reduceat(loud, starts, axis=0)
        first = done // each
        peaks[first : first + len(found)] = found
        done += len(loud)
    used = peaks[: -(-done // each)] / FULL
    sides = [tuple(round(float(peak), 3) for peak in side) for side in used.T]
    return Waveform(done / rate, sides[0], sides[1] if channels == 2 else ())
