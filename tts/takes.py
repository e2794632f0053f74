"""Takes: what people recorded in whatever format, judged and brought into the library."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import numpy as np
import yaml
from numpy.typing import NDArray

from audio.pcm import seconds
from audio.wav import WavError, read_chunk, write_wav
from tts.prompts import spoken_seconds
from tts.recordings import MANIFEST
from tts.shaping import pcm_of, telephone
from tts.speech import SpeechError

LIST = "recordings.csv"
"""What was read aloud, as `menling speech list` prints it: columns file and words."""

_CLIPPED_SHARE = 0.001
_SLOWEST, _FASTEST = 2.5, 0.4
"""How long a recording may take, of what its words should take."""
_BREATH_SECONDS = 0.5
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE

Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Take:
    """One file of the people who record, and what became of it."""

    name: str
    """`LANGUAGE/FLOW/CLIP.wav`, as in the library."""
    problem: str = ""
    """Why it was not taken in, and what to do; empty: it was."""


def read_studio(path: Path) -> tuple[bytes, int]:
    """Return a WAV of any rate, width and number of channels as 16-bit mono, and its rate.

    Raises WavError with what to do, OSError when it can't be opened.
    """
    form, content = read_chunk(path, b"fmt "), read_chunk(path, b"data")
    if form is None or len(form) < 16 or not content:
        raise WavError(f"{path} is not a whole WAV file; save it as WAV again")
    kind, channels = (int.from_bytes(form[at : at + 2], "little") for at in (0, 2))
    rate, bits = int.from_bytes(form[4:8], "little"), int.from_bytes(form[14:16], "little")
    if kind == _EXTENSIBLE and len(form) >= 26:
        kind = int.from_bytes(form[24:26], "little")
    samples = _samples(content, kind, bits)
    if samples is None or not channels or not rate:
        raise WavError(
            f"{path} holds compressed sound or {bits} bits; save it as WAV, PCM, 16 or 24 bits"
        )
    mono = samples[: samples.size // channels * channels].reshape(-1, channels).mean(axis=1)
    return pcm_of(np.clip(mono, -1, 1)), rate


def _samples(content: bytes, kind: int, bits: int) -> Samples | None:
    width = bits // 8
    whole = content[: len(content) // width * width] if width else b""
    if kind == _FLOAT and bits in {32, 64}:
        return np.nan_to_num(np.frombuffer(whole, f"<f{width}").astype(np.float64))
    if kind != _PCM or bits not in {8, 16, 24, 32}:
        return None
    if bits == 8:
        return (np.frombuffer(whole, np.uint8).astype(np.float64) - 128) / 128
    if bits == 24:
        padded = np.zeros((len(whole) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(whole, np.uint8).reshape(-1, 3)
        return padded.view("<i4").ravel().astype(np.float64) / 2**31
    samples: Samples = np.frombuffer(whole, f"<i{width}").astype(np.float64) / 2.0 ** (bits - 1)
    return samples


def telephone_take(path: Path, words: str) -> tuple[bytes, str]:
    """Return a take as telephone sound, and what is wrong with it; nothing is when that is empty.

    Raises WavError for what is no sound, OSError when it can't be opened.
    """
    pcm, rate = read_studio(path)
    peaks = np.abs(np.frombuffer(pcm, "<i2").astype(np.int32))
    sound = telephone(pcm, rate)
    if not sound:
        return sound, "nothing is heard in it; record it again"
    if float(np.mean(peaks >= 32766)) > _CLIPPED_SHARE:
        return sound, "it is clipped; record it again, farther from the microphone"
    took, due = seconds(sound), spoken_seconds(words)
    if not due * _FASTEST <= took <= due * _SLOWEST + _BREATH_SECONDS:
        return sound, (
            f"it lasts {took:.1f} s, and {words!r} takes about {due:.1f} s; "
            "is it another sentence, or cut off?"
        )
    return sound, ""


def import_takes(
    takes: Path, library: Path, wanted: Mapping[str, frozenset[str]]
) -> tuple[Take, ...]:
    """Bring all WAVs under `takes` into the library; what is there already is replaced.

    `wanted` are the wordings that flows have now, by name of the file. Where `takes` holds the
    list that was read from, its words are noted with the sound; else the wording of now is.
    Raises SpeechError when there is no take, OSError when the library can't be written.
    """
    # recorders write .WAV as well
    found = sorted((path for path in takes.rglob("*") if path.suffix.lower() == ".wav"), key=str)
    if not found:
        raise SpeechError(
            f"there is no WAV in {takes}; put recordings there as `menling speech list` names them"
        )
    read = _words_read(takes / LIST)
    done = []
    entries = {}
    for path in found:
        name = path.relative_to(takes).with_suffix(".wav").as_posix()
        says, problem = _words_of(name, wanted.get(name, frozenset()), read)
        if not problem:
            try:
                sound, problem = telephone_take(path, says)
            except (WavError, OSError) as error:
                problem = str(error)
        if not problem:
            target = library / name
            target.parent.mkdir(parents=True, exist_ok=True)
            write_wav(target, sound)
            entries[name] = {"says": says, "digest": sha256(sound).hexdigest()[:32]}
        done.append(Take(name, problem))
    _note(library, entries)
    return tuple(done)


def _words_of(name: str, wordings: frozenset[str], read: Mapping[str, str]) -> tuple[str, str]:
    """Return the words of a take, or why they aren't known."""
    if name in read:
        return read[name], ""
    if not wordings:
        return "", "no flow asks for a file of that name; see `menling speech list`"
    if len(wordings) > 1:
        return "", "flows word it differently; put it in the folder of one flow"
    return next(iter(wordings)), ""


def _words_read(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {row["file"]: row["words"] for row in csv.DictReader(file)}
    except FileNotFoundError:
        return {}
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        raise SpeechError(
            f"{path} can't be read ({error}); it needs the columns file and words, in UTF-8"
        ) from error


def _entries(library: Path) -> dict[str, dict[str, str]]:
    try:
        return yaml.safe_load((library / MANIFEST).read_text("utf-8")) or {}
    except FileNotFoundError:
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpeechError(f"{library / MANIFEST} can't be read ({error}); put it right") from error


def _note(library: Path, entries: Mapping[str, dict[str, str]]) -> None:
    if not entries:
        return
    merged = dict(sorted({**_entries(library), **entries}.items()))
    partial = library / f".{uuid4().hex}.yaml"
    partial.write_text(yaml.safe_dump(merged, allow_unicode=True, sort_keys=False), "utf-8")
    os.replace(partial, library / MANIFEST)
