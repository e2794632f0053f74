"""Clips of those who answer and of what is heard before: labels, and their sound.

Needs soundfile, which the extra `dev` brings; the product itself never plays these clips.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import soundfile
import yaml

from audio.pcm import SAMPLE_RATE
from audio_fixtures.clips import FOLDER
from audio_fixtures.line import Samples, through_the_line

ANSWERING = FOLDER / "answering"
_COMPRESSION = 0.92
"""soundfile's compression level; the noise of the line is added when a clip is read."""


class Moment(StrEnum):
    """When a clip is heard."""

    ANSWERED = "answered"
    PEOPLE = "people"
    """After the answer, too; the openings of people."""
    EARLY = "early"


@dataclass(frozen=True, slots=True)
class Speaker:
    """An espeak-ng voice."""

    variant: str
    rate: int
    pitch: int


@dataclass(frozen=True, slots=True)
class AnsweringClip:
    """One clip and what is to be found in it."""

    id: str
    moment: Moment
    who: str
    """An Answerer, an Announcement or an EarlyKind."""
    speaker: Speaker
    noise_dbfs: float
    played: tuple[float | str, ...]
    """Pauses in seconds, `#` sounds, `en:` English, and Mandarin."""

    @property
    def path(self) -> Path:
        """Return where its sound is."""
        return sound_path(self.id)

    @property
    def words(self) -> str:
        """Return the Mandarin that is said."""
        said = (each for each in self.played if isinstance(each, str))
        return "".join(each for each in said if not each.startswith(("#", "en:")))


@cache
def answering_clips() -> Mapping[str, AnsweringClip]:
    """Return every labelled clip by its id."""
    labels = yaml.safe_load((ANSWERING / "labels.yaml").read_text(encoding="utf-8"))
    speakers = {name: Speaker(**facts) for name, facts in labels["voices"].items()}
    clips = [
        AnsweringClip(name, moment, who, speakers[voice], float(noise), tuple(played))
        for moment in Moment
        for name, (who, voice, noise, *played) in labels[moment.value].items()
    ]
    return {clip.id: clip for clip in clips}


def sound_path(clip: str) -> Path:
    """Return where the sound of a clip is, whether it exists or not."""
    return ANSWERING / f"{clip}.opus"


@cache
def answering_sound(clip: str) -> bytes:
    """Return a clip as it leaves the trunk, with the noise of its line; OSError without one."""
    if not sound_path(clip).is_file():
        raise FileNotFoundError(
            f"the clip {clip} is missing; run `python -m audio_fixtures.answering_build`"
        )
    values, _ = soundfile.read(sound_path(clip), dtype="float64")
    return through_the_line(values, answering_clips()[clip].noise_dbfs, clip)


def write_sound(clip: AnsweringClip, sound: Samples) -> None:
    """Write the sound of a clip, without its line, as Opus."""
    soundfile.write(
        clip.path, sound, SAMPLE_RATE, format="OGG", subtype="OPUS", compression_level=_COMPRESSION
    )
