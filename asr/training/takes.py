"""Takes: pieces of speech with what is said in them, as they are kept in the work folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import log2
from pathlib import Path

import numpy as np
import numpy.typing as npt

from asr.training.features import Floats
from asr.training.language import Clip, Pcm, PhoneSet, Pronunciation

_PEAK = 20000
_LARGEST_BITS = 26
_CANDIDATES = 40
_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which output of the network holds from which sample on."""

    pdfs: npt.NDArray[np.int16]
    starts: npt.NDArray[np.float64]
    """Samples at normal speed; the first output holds from the beginning whatever it says."""


@dataclass(frozen=True, slots=True)
class Take:
    """One utterance at the rate of the model."""

    pcm: Pcm
    text: str
    words: tuple[Pronunciation, ...]
    alignment: Alignment | None = None


@cache
def _good_sizes() -> npt.NDArray[np.int64]:
    """Return the numbers without prime factors above eleven, for which transforms are quick."""
    found = np.array([1], np.int64)
    for prime in (2, 3, 5, 7, 11):
        powers = prime ** np.arange(int(_LARGEST_BITS / log2(prime)) + 1, dtype=np.int64)
        found = np.unique(np.outer(found, powers))
        found = found[found < 1 << _LARGEST_BITS]
    return found


def good_size(length: int) -> int:
    """Return the smallest number not below `length` that a Fourier transform likes."""
    sizes = _good_sizes()
    return int(sizes[np.searchsorted(sizes, length)])


def _sizes(length: int, factor: float) -> tuple[int, int]:
    """Return two good sizes, the first at least `length`, the second by the factor larger."""
    sizes = _good_sizes()
    padded = sizes[np.searchsorted(sizes, length) :][:_CANDIDATES]
    wanted = padded * factor
    above = np.searchsorted(sizes, wanted)
    targets = sizes[np.stack([above, np.maximum(above - 1, 0)])]
    errors = np.abs(targets / wanted - 1).min(0)
    chosen = int(np.argmax(errors < _TOLERANCE)) if errors.min() < _TOLERANCE else errors.argmin()
    side = int(np.abs(targets[:, chosen] / wanted[chosen] - 1).argmin())
    return int(padded[chosen]), int(targets[side, chosen])


def resample(samples: npt.NDArray[np.generic], factor: float) -> Floats:
    """Return the samples stretched in number by the factor, band limited, by Fourier transform.

    Both sizes of the transform are good ones whose ratio is within 0.1 % of the factor.
    """
    length = max(1, round(len(samples) * factor))
    padded, target = _sizes(len(samples) + 32, factor)
    spectrum = np.fft.rfft(samples.astype(np.float32), padded)
    kept = np.zeros(target // 2 + 1, spectrum.dtype)
    shared = min(len(kept), len(spectrum))
    kept[:shared] = spectrum[:shared]
    result = np.fft.irfft(kept, target)[:length] * (target / padded)
    return result.astype(np.float32)


def normalised(samples: Floats) -> Pcm:
    """Return the samples with one peak for all, so that nothing clips later."""
    peak = float(np.abs(samples).max(initial=0.0)) + 1e-9
    scaled: Floats = samples * np.float32(_PEAK / peak)
    return np.clip(scaled, -32768, 32767).astype(np.int16)


def take_of(clip: Clip, phones: PhoneSet, rate: int, size: float = 1.0) -> Take:
    """Return the clip at the rate; a size above 1 makes the speaker smaller and quicker."""
    factor = rate / (clip.rate * size)
    pcm = normalised(resample(clip.pcm, factor))
    alignment = aligned(clip, phones, factor * clip.rate) if clip.segments else None
    return Take(pcm, clip.text, clip.words, alignment)


def aligned(clip: Clip, phones: PhoneSet, rate: float) -> Alignment:
    """Return the segments of a clip as outputs of the network; the states of a phone share it."""
    pdfs: list[int] = []
    starts: list[float] = []
    for phone, began, ended in clip.segments:
        outputs = phones.pdfs_of(phone)
        pdfs.extend(outputs)
        starts.extend(
            (began + (ended - began) * k / len(outputs)) * rate for k in range(len(outputs))
        )
    pdfs.append(0)
    starts.append(clip.segments[-1][2] * rate)
    return Alignment(np.array(pdfs, np.int16), np.array(starts))


def write_takes(path: Path, takes: Sequence[Take]) -> None:
    """Keep the takes in one file, written whole or not at all."""
    alignments = [take.alignment for take in takes]
    known = [a for a in alignments if a is not None]
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            pcm=np.concatenate([take.pcm for take in takes]),
            ends=np.cumsum([len(take.pcm) for take in takes]),
            text=np.array([take.text for take in takes]),
            words=np.array([json.dumps(take.words) for take in takes]),
            pdfs=np.concatenate([np.zeros(0, np.int16), *(a.pdfs for a in known)]),
            starts=np.concatenate([np.zeros(0), *(a.starts for a in known)]),
            counts=np.array([len(a.pdfs) if a else 0 for a in alignments]),
        )
    unfinished.rename(path)


def read_takes(path: Path) -> list[Take]:
    """Return the takes of a file of `write_takes`."""
    with np.load(path) as parts:
        sounds = np.split(parts["pcm"], parts["ends"][:-1])
        edges = np.cumsum(parts["counts"])[:-1]
        pdfs, starts = np.split(parts["pdfs"], edges), np.split(parts["starts"], edges)
        texts, words = parts["text"], parts["words"]
    return [
        Take(
            sound,
            str(text),
            tuple(tuple(word) for word in json.loads(str(spelt))),
            Alignment(outputs, times) if len(outputs) else None,
        )
        for sound, text, spelt, outputs, times in zip(
            sounds, texts, words, pdfs, starts, strict=True
        )
    ]
