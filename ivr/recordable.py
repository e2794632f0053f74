"""What of a flow people can record, and how much of it they have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from ivr.flow_model import Flow
from tts.pieces import clips_of
from tts.prompts import spoken_seconds
from tts.recordings import SHARED, Recording, Recordings, names_of
from tts.speech import Piece


@dataclass(frozen=True, slots=True)
class Recordable:
    """Words of a flow that are always the same: one file to record."""

    language: str
    piece: Piece
    wording: str
    """All of what is said there, so that it is read in its context."""
    fragment: str
    """Which one it stands in, of those that several flows include; empty: the flow's own."""

    @property
    def shared(self) -> str:
        """Its name among what flows share: two fragments may word a prompt differently."""
        name = self.piece.clip.partition("/")[2]
        return f"{SHARED}/{self.fragment}/{name}" if self.fragment else ""

    @property
    def file(self) -> str:
        """Name of the file in the folder of recordings."""
        return f"{self.language}/{self.shared or self.piece.clip}.wav"

    @property
    def seconds(self) -> float:
        """About how long it takes to say."""
        return spoken_seconds(self.piece.text)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a flow is recorded."""

    recorded: tuple[Recordable, ...]
    missing: tuple[Recordable, ...]
    outdated: tuple[tuple[Recordable, Recording], ...]
    """What is worded differently now, with what was recorded."""


def recordable(flow: Flow) -> tuple[Recordable, ...]:
    """Return everything of a flow that can be recorded, in the order of its file."""
    return tuple(
        Recordable(flow.language, piece, wording, _fragment(prompt.place.file))
        for prompt in flow.script.prompts.values()
        for variant, wording in prompt.wordings.items()
        for piece in clips_of(wording, flow.language, flow.id, prompt.id, variant)
    )


def coverage(flow: Flow, recordings: Recordings) -> Coverage:
    """Return which recordings a flow has, lacks, and can't use any more."""
    recorded, missing, outdated = [], [], []
    for each in recordable(flow):
        if recordings.find(each.language, each.piece) is not None:
            recorded.append(each)
        elif (stale := recordings.stale(each.language, each.piece, each.shared)) is not None:
            outdated.append((each, stale))
        else:
            missing.append(each)
    return Coverage(tuple(recorded), tuple(missing), tuple(outdated))


def wordings_by_file(flows: Iterable[Flow]) -> dict[str, frozenset[str]]:
    """Return the words that each file may say, under every name a recording may have."""
    wordings: dict[str, set[str]] = {}
    for flow in flows:
        for each in recordable(flow):
            for name in {*names_of(each.piece.clip), each.shared} - {""}:
                wordings.setdefault(f"{flow.language}/{name}.wav", set()).add(each.piece.text)
    return {file: frozenset(words) for file, words in wordings.items()}


def _fragment(file: str) -> str:
    *folders, name = PurePath(file).parts
    return name.partition(".")[0] if SHARED in folders else ""
