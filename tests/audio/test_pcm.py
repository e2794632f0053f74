from __future__ import annotations

import pytest

from audio.pcm import FRAME_BYTES, SILENCE, frames, seconds, silence


def test_a_frame_is_20_ms_of_8_khz_16_bit_sound() -> None:
    assert len(SILENCE) == FRAME_BYTES == 320
    assert seconds(SILENCE) == pytest.approx(0.02)


def test_silence_has_the_length_asked_for() -> None:
    assert seconds(silence(1.5)) == pytest.approx(1.5)
    assert set(silence(0.1)) == {0}


def test_the_last_frame_is_filled_up_with_silence() -> None:
    pieces = list(frames(b"\1" * 330))
    assert pieces == [b"\1" * 320, b"\1" * 10 + bytes(310)]


def test_no_sound_makes_no_frame() -> None:
    assert list(frames(b"")) == []
