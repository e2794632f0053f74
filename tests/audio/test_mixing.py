from __future__ import annotations

import pytest

from audio.level import tone, tone_share
from audio.mixing import mix
from audio.pcm import FRAME_BYTES, SILENCE

LOUD = (30000).to_bytes(2, "little", signed=True) * (FRAME_BYTES // 2)
LOW = (-30000).to_bytes(2, "little", signed=True) * (FRAME_BYTES // 2)


def test_nobody_is_silence() -> None:
    assert mix(()) == SILENCE


def test_one_alone_sounds_as_he_does() -> None:
    assert mix((LOUD,)) == LOUD
    assert mix((LOUD, SILENCE)) == LOUD


def test_two_are_both_heard() -> None:
    both = mix((tone(500, 0.2), tone(1000, 0.2)))
    assert tone_share(both, 500) == pytest.approx(0.5, abs=0.05)
    assert tone_share(both, 1000) == pytest.approx(0.5, abs=0.05)


def test_what_is_too_loud_is_cut_off_and_does_not_turn_over() -> None:
    assert mix((LOUD, LOUD)) == (32767).to_bytes(2, "little") * 160
    assert mix((LOW, LOW, LOW)) == (-32768).to_bytes(2, "little", signed=True) * 160
    assert mix((LOUD, LOUD, LOW)) == LOUD
