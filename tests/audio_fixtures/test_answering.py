from __future__ import annotations

from collections import Counter

import pytest

from asr.amd import Answerer
from asr.announcements import Announcement
from asr.early_media import EarlyKind
from audio.level import dbfs
from audio.pcm import seconds
from audio_fixtures.answering import Moment, answering_clips, answering_sound

CLIPS = answering_clips()


def test_there_are_enough_clips_of_every_kind_and_voice() -> None:
    count = Counter(clip.moment for clip in CLIPS.values())
    assert count[Moment.ANSWERED] + count[Moment.EARLY] >= 60
    assert count[Moment.PEOPLE] >= 40
    assert len({clip.speaker.variant for clip in CLIPS.values()}) >= 8


def test_every_label_is_a_kind_that_can_be_found() -> None:
    kinds = {*map(str, Answerer), *map(str, Announcement), *map(str, EarlyKind)}
    assert {clip.who for clip in CLIPS.values()} <= kinds


@pytest.mark.parametrize("clip", ["vm_plain", "p_wei", "off_mobile", "busy", "quiet"])
def test_a_clip_sounds_as_labelled(clip: str) -> None:
    sound = answering_sound(clip)
    assert 1.0 <= seconds(sound) <= 20.0
    if clip == "quiet":
        assert dbfs(sound) == pytest.approx(CLIPS[clip].noise_dbfs, abs=2.0)
    else:
        assert -35.0 <= dbfs(sound) <= -15.0


def test_every_clip_is_there() -> None:
    assert [clip.id for clip in CLIPS.values() if not clip.path.is_file()] == []
