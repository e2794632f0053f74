"""Recorded speech: a folder with `index.csv` (file, text, speaker, licence) and the sound files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Recording:
    """One line of the index."""

    file: str
    text: str
    speaker: str
    licence: str


def read_index(folder: Path) -> tuple[Recording, ...]:
    """Return the recordings in order of their files; raises ValueError without an index."""
    index = folder / "index.csv"
    try:
        with index.open(encoding="utf-8", newline="") as file:
            rows = [
                Recording(row["file"], row["text"], row["speaker"], row["licence"])
                for row in csv.DictReader(file)
            ]
    except FileNotFoundError:
        raise ValueError(
            f"{index} is missing; --speech wants a folder with an index.csv of the columns "
            "file, text, speaker, licence"
        ) from None
    except KeyError as missing:
        raise ValueError(f"{index} has no column {missing}") from None
    return tuple(sorted(rows, key=lambda row: row.file))


def held_out_files(code: str) -> frozenset[str]:
    """Return the names of the recordings that are for measuring only, the same in every run."""
    listed = resources.files("asr.training") / "held_out" / f"{code}.txt"
    return frozenset(listed.read_text("utf-8").split()) if listed.is_file() else frozenset()


def split(
    recordings: tuple[Recording, ...], held_out: frozenset[str]
) -> tuple[tuple[Recording, ...], tuple[Recording, ...]]:
    """Return those to train on and those to measure with."""
    return (
        tuple(r for r in recordings if Path(r.file).name not in held_out),
        tuple(r for r in recordings if Path(r.file).name in held_out),
    )


def speakers(recordings: tuple[Recording, ...]) -> tuple[str, ...]:
    """Return who speaks, in alphabetical order."""
    return tuple(sorted({recording.speaker for recording in recordings}))
