"""Simulated recipients who speak with recordings of the corpus, as scenario files of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from audio.wav import write_wav
from audio_fixtures.corpus.conditions import CLEAN, on_the_line
from audio_fixtures.corpus.recordings import recordings, sound_of


def write_recipient(
    folder: Path, number: str, says: Sequence[str], expect: Mapping[str, object]
) -> Path:
    """Write a recipient who says these recordings (`en_mike/021`), one at each of his turns.

    He says the last one again as long as he is asked. Returns the scenario file; what he says lies
    beside it.
    """
    by_id = {each.id: each for each in recordings()}
    clips = []
    for recording in says:
        clip = folder / recording
        clip.parent.mkdir(parents=True, exist_ok=True)
        pcm = on_the_line(sound_of(by_id[recording]), recording, CLEAN, ())
        write_wav(clip.with_suffix(".wav"), pcm)
        clips.append(str(clip))
    script: list[dict[str, object]] = []
    for clip_id in clips:
        script += [{"wait": "turn"}, {"say": clip_id}]
    path = folder / f"{number.lstrip('+')}.yaml"
    scenario = {
        "id": path.stem,
        "number": number,
        "title": says[0],
        "before": [{"ring": 0.6}],
        "script": script,
        "otherwise": [{"say": clips[-1]}],
        "expect": dict(expect),
    }
    path.write_text(yaml.safe_dump(scenario, allow_unicode=True), encoding="utf-8")
    return path
