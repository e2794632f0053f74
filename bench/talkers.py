"""Recipients who talk a fixed part of the time, whatever is answered, until they hang up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from audio.level import dbfs
from audio.pcm import FRAME_SECONDS, frames
from audio_fixtures.clips import clip_sound
from audio_fixtures.scenarios import load_catalogue
from audio_fixtures.script import SayClip

SENTENCES = (
    "wang/gai_dao_houtian",
    "lin/xingfu_lu",
    "sun/shangwu_bu_zai",
    "qian/wanshang_ba_dian",
)
"""None of them settles the matter, so that the conversation goes on."""
PARCEL = "+8613800138001"
VOICE_DBFS = -40.0
"""The lines of the clips hiss below this."""


@dataclass(frozen=True, slots=True)
class Talkers:
    """Recipients of one's own making."""

    folder: Path
    """Their scenario files."""
    parcels: Mapping[str, str]
    """The number in the example manifests whose parcel each of them is called for."""
    share: float
    """Part of the time each of them talks."""


def talkers(folder: Path, calls: int, seconds: float, share: float) -> Talkers:
    """Write the files of recipients who talk that part of so many seconds and then hang up."""
    folder.mkdir(parents=True)
    parcels: dict[str, str] = {}
    for place in range(calls):
        number = f"+86137{calls:03d}{place:05d}"
        parcels[number] = PARCEL
        text = yaml.safe_dump(_talker(place, number, seconds, share), allow_unicode=True)
        (folder / f"{place:05d}.yaml").write_text(text, encoding="utf-8")
    load_catalogue(folder)  # says at once what is wrong with a file
    return Talkers(folder, parcels, share)


def voice_seconds(clip: str) -> float:
    """Return how long somebody speaks in a clip, from the first sound to the last."""
    loud = [dbfs(frame) > VOICE_DBFS for frame in frames(clip_sound(clip))]
    return (len(loud) - loud.index(True) - loud[::-1].index(True)) * FRAME_SECONDS


def conversation(place: int, seconds: float, share: float) -> Iterator[SayClip | float]:
    """Return what one of them does: sentences, and pauses in seconds between them."""
    sentences = itertools.cycle(SENTENCES)
    for _ in range(place % len(SENTENCES)):
        next(sentences)
    at = 2.0 + 0.37 * (place % 8)  # they do not speak in step
    yield at
    while at < seconds:
        clip = next(sentences)
        length = len(clip_sound(clip)) / len(next(frames(clip_sound(clip)))) * FRAME_SECONDS
        pause = round(voice_seconds(clip) / share - length, 2)
        yield SayClip(clip)
        yield pause
        at += length + pause


def _talker(place: int, number: str, seconds: float, share: float) -> dict[str, Any]:
    script: list[dict[str, Any]] = [
        {"say": act.clip} if isinstance(act, SayClip) else {"wait": act}
        for act in conversation(place, seconds, share)
    ]
    return {
        "id": f"talker_{place}",
        "number": number,
        "title": "一直在说",
        "noise_dbfs": -54,
        "script": [*script, {"hang_up": True}],
        "expect": {"disposition": "completed", "outcome": "confirmed"},
    }
