"""What people recorded: telephone WAVs by language and clip, each with the words it says.

LIBRARY/recordings.yaml                          zh-CN/pre-delivery/opening.1.wav: {says: …}
LIBRARY/zh-CN/pre-delivery/opening.1.wav         one flow's own
LIBRARY/zh-CN/shared/courtesy/goodbye.wav        of every flow that has none of its own
LIBRARY/zh-CN/shared/goodbye.wav                 so too; fragments may word a prompt differently
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tts.speech import Piece, SpeechError

MANIFEST = "recordings.yaml"
SHARED = "shared"

_HALF_WIDTH = str.maketrans("\uff0c\u3001\uff1b\uff1a\uff01\uff1f", ",,;:!?")


@dataclass(frozen=True, slots=True)
class Recording:
    """One clip of the library."""

    path: Path
    says: str
    """The words, as they were read aloud."""
    digest: str
    """Of the sound; part of the key of every sentence joined with it."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """Clips by language and name; an empty library is a valid one."""

    clips: Mapping[tuple[str, str], Recording]
    _fragments: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        folders = {name.rpartition("/")[0] for _, name in self.clips}
        fragments = sorted(each for each in folders if each.startswith(f"{SHARED}/"))
        object.__setattr__(self, "_fragments", tuple(fragments))

    def find(self, language: str, piece: Piece) -> Recording | None:
        """Return the recording that says these words; None when there is none."""
        for name in names_of(piece.clip, self._fragments):
            recording = self.clips.get((language, name))
            if recording is not None and same_words(recording.says, piece.text):
                return recording
        return None

    def stale(self, language: str, piece: Piece, shared: str = "") -> Recording | None:
        """Return the recording that was made for a piece, if it says other words and isn't used.

        `shared` is its name among what flows share, if it is of that: a flow that has words of
        its own lacks a recording of them, whatever others say under that name.
        """
        if self.find(language, piece) is not None:
            return None
        there = (self.clips.get((language, name)) for name in (piece.clip, shared))
        return next((recording for recording in there if recording is not None), None)


NONE = Recordings({})


def names_of(clip: str, fragments: Iterable[str] = ()) -> Iterator[str]:
    """Return under which names a clip may be recorded, the flow's own first.

    `fragments` are the folders of what flows share; which of theirs is meant, its words tell.
    """
    flow, _, name = clip.partition("/")
    if name:
        yield clip
        yield from (f"{fragment}/{name}" for fragment in fragments)
        if flow != SHARED:
            yield f"{SHARED}/{name}"


def same_words(recorded: str, wanted: str) -> bool:
    """Answer whether two wordings sound alike: pauses at the ends and the width of stops aside."""
    return _told(recorded) == _told(wanted)


def _told(text: str) -> str:
    return re.sub(r"\s+", "", text.translate(_HALF_WIDTH)).strip(",;:").casefold()


def load_recordings(folder: Path) -> Recordings:
    """Return the library of a folder; one that isn't there is empty.

    Raises SpeechError when its manifest can't be read. A clip whose file is gone is left out.
    """
    try:
        listed = yaml.safe_load((folder / MANIFEST).read_text("utf-8")) or {}
        clips = {}
        for name, entry in listed.items():
            path = folder / name
            language, _, clip = name.removesuffix(".wav").partition("/")
            if path.is_file():
                clips[language, clip] = Recording(path, str(entry["says"]), str(entry["digest"]))
    except FileNotFoundError:
        return NONE
    except (
        OSError,
        UnicodeDecodeError,
        yaml.YAMLError,
        AttributeError,
        LookupError,
        TypeError,
    ) as error:
        raise SpeechError(
            f"{folder / MANIFEST} can't be read ({error}); run: menling speech import"
        ) from error
    return Recordings(clips)
