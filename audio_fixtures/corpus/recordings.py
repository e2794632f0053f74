"""The recordings of the corpus: what is said, what it means, and its sound.

Needs soundfile, which the extra `dev` brings; the product itself never plays the corpus.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path

import soundfile
import yaml

from audio.pcm import SAMPLE_RATE
from audio_fixtures.line import Samples, generator

FOLDER = Path(__file__).parent
LABELS = FOLDER / "labels.csv"
VOICES = FOLDER / "voices.yaml"
SOUNDS = FOLDER / "voices"


class CorpusError(Exception):
    """The corpus on disk is not what its labels say; the message says what to do."""


class Kind(StrEnum):
    """What a recording is good for."""

    SENTENCE = "sentence"
    PAIR = "pair"
    """One of two sentences that are easily taken for each other."""
    BACKCHANNEL = "backchannel"
    SOUND = "sound"
    """No words."""


class Engine(StrEnum):
    """What speaks."""

    ESPEAK = "espeak"
    FLITE = "flite"
    FESTIVAL = "festival"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CorpusVoice:
    """Somebody who speaks in the corpus."""

    name: str
    language: str
    engine: Engine
    speaker: str
    """As the engine calls it; a variant for espeak-ng."""
    rate: int = 160
    """Words per minute as espeak-ng counts them."""
    pitch: int = 50
    held_out: bool = True
    """No bundled model was trained with it."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One labelled piece of sound."""

    id: str
    voice: str
    kind: Kind
    split: str
    """dev or test, as the sentence is in the text corpus; empty for what is in neither."""
    pair: str
    """What both of a pair share."""
    question: str
    label: str
    """In the notation of `audio_fixtures.meant`; empty for sounds."""
    text: str
    begin: int
    """First sample in the file of its voice."""
    samples: int


COLUMNS = tuple(each.name for each in fields(Recording))


def voices() -> dict[str, CorpusVoice]:
    """Return everybody who speaks, by name."""
    facts = yaml.safe_load(VOICES.read_text("utf-8"))
    return {
        name: CorpusVoice(name=name, **{**each, "engine": Engine(each["engine"])})
        for name, each in facts.items()
    }


def recordings() -> tuple[Recording, ...]:
    """Return every labelled recording, in the order of the labels."""
    with LABELS.open(encoding="utf-8", newline="") as lines:
        return tuple(_recording(row) for row in csv.DictReader(lines))


def _recording(row: dict[str, str]) -> Recording:
    return Recording(
        id=row["id"],
        voice=row["voice"],
        kind=Kind(row["kind"]),
        split=row["split"],
        pair=row["pair"],
        question=row["question"],
        label=row["label"],
        text=row["text"],
        begin=int(row["begin"]),
        samples=int(row["samples"]),
    )


def a_share(rows: Iterable[Recording], portion: float) -> list[Recording]:
    """Return about that part of them, 0 to 1, the same each time; both of a pair or neither."""
    return [r for r in rows if generator(f"share {r.pair or r.id}").random() < portion]


def write_labels(rows: Iterable[Recording]) -> None:
    """Replace the labels."""
    with LABELS.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows([getattr(row, column) for column in COLUMNS] for row in rows)


def sound_path(voice: str) -> Path:
    """Return the file that holds all recordings of a voice, one after another."""
    return SOUNDS / f"{voice}.opus"


@cache
def voice_sound(voice: str) -> Samples:
    """Return everything a voice says; raises CorpusError when the file is missing."""
    try:
        sound, rate = soundfile.read(sound_path(voice), dtype="float64")
    except soundfile.LibsndfileError as error:
        raise CorpusError(f"{error}; run `python -m audio_fixtures.corpus`") from error
    if rate != SAMPLE_RATE:
        raise CorpusError(f"{sound_path(voice)} is not at {SAMPLE_RATE} Hz; build it again")
    return sound


def sound_of(recording: Recording) -> Samples:
    """Return a recording without the noise of a line."""
    sound = voice_sound(recording.voice)[recording.begin : recording.begin + recording.samples]
    if len(sound) != recording.samples:
        raise CorpusError(f"{recording.id} is cut short; run `python -m audio_fixtures.corpus`")
    return sound


def everything_said(rows: Sequence[Recording]) -> list[Samples]:
    """Return what each of the voices says, end to end: the raw material of babble."""
    return [
        voice_sound(name) for name in sorted({r.voice for r in rows if r.kind is Kind.SENTENCE})
    ]
