"""Recordings as takes; soundfile, and the only importer of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import soundfile

from asr.training.language import Language
from asr.training.recordings import Recording
from asr.training.takes import Take, normalised, resample


def load(
    folder: Path,
    recordings: Sequence[Recording],
    language: Language,
    rate: int,
    progress: Callable[[int, int], None],
) -> Iterator[Take]:
    """Yield the takes; those whose text the language can't pronounce are left out."""
    for done, recording in enumerate(recordings, 1):
        try:
            words = language.pronounce(recording.text)
        except ValueError:
            continue
        samples, own_rate = soundfile.read(folder / recording.file, dtype="float64")
        mono = samples if samples.ndim == 1 else samples.mean(1)
        yield Take(normalised(resample(mono, rate / own_rate)), recording.text, words)
        progress(done, len(recordings))
