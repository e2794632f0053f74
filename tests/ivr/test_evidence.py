"""Cutting an answer out of what the line carried."""

from __future__ import annotations

import pytest

from audio.pcm import FRAME_BYTES, seconds
from ivr.evidence import KEPT_SECONDS, MARGIN_SECONDS, RecentSound


def line(duration_seconds: float) -> RecentSound:
    """A line whose every frame carries its own number."""
    sound = RecentSound()
    for number in range(round(duration_seconds / 0.02)):
        sound.add(number.to_bytes(2, "little") * (FRAME_BYTES // 2))
    return sound


def test_sound_is_the_clock_of_a_conversation() -> None:
    assert line(3.0).seconds == pytest.approx(3.0)


def test_a_clip_holds_the_answer_and_a_margin_on_both_sides() -> None:
    clip = line(10.0).clip(4.0, 5.0)
    assert seconds(clip) == pytest.approx(1.0 + 2 * MARGIN_SECONDS)
    assert int.from_bytes(clip[:2], "little") == round((4.0 - MARGIN_SECONDS) / 0.02)


def test_a_clip_at_the_start_of_a_call_has_no_margin_to_take() -> None:
    assert seconds(line(5.0).clip(0.0, 1.0)) == pytest.approx(1.0 + MARGIN_SECONDS)


def test_sound_older_than_what_is_kept_is_gone_and_the_rest_is_still_in_its_place() -> None:
    long_call = line(KEPT_SECONDS + 20)
    assert long_call.clip(1.0, 2.0) == b""
    clip = long_call.clip(30.0, 31.0)
    assert int.from_bytes(clip[:2], "little") == round((30.0 - MARGIN_SECONDS) / 0.02)
