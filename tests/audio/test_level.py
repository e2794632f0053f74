from __future__ import annotations

import pytest

from audio.level import (
    QUIETEST_DBFS,
    beep,
    busy,
    congestion,
    dbfs,
    pcm_of,
    ringback,
    samples,
    strongest_tone,
    tone,
    tone_share,
)
from audio.pcm import frames, seconds, silence


@pytest.mark.parametrize("level", [-3.1, -20.0, -45.0])
def test_a_tone_has_the_level_asked_for(level: float) -> None:
    assert dbfs(tone(1000.0, 1.0, level)) == pytest.approx(level, abs=0.2)


def test_silence_and_nothing_are_the_quietest() -> None:
    assert dbfs(silence(0.1)) == dbfs(b"") == QUIETEST_DBFS


def test_samples_go_there_and_back_and_too_loud_ones_are_clipped() -> None:
    pcm = tone(700.0, 0.02)
    assert samples(pcm_of(samples(pcm))) == pytest.approx(samples(pcm), abs=1e-4)
    assert max(samples(pcm_of(samples(pcm) * 100))) <= 1.0


def test_a_tone_is_found_at_its_frequency_and_nowhere_else() -> None:
    frame = list(frames(tone(1000.0, 1.0)))[5]
    assert tone_share(frame, 1000.0) == pytest.approx(1.0, abs=0.01)
    assert tone_share(frame, 1500.0) < 0.05
    assert tone_share(silence(0.02), 1000.0) == 0.0


@pytest.mark.parametrize("hz", [425.0, 450.0, 1000.0, 1400.0, 2000.0])
def test_the_strongest_tone_is_named_to_25_hz(hz: float) -> None:
    found = strongest_tone(list(frames(tone(hz, 0.2)))[4])
    assert found.hz == pytest.approx(hz, abs=25.0)
    assert found.share > 0.9


def test_silence_has_no_tone() -> None:
    assert strongest_tone(silence(0.02)).share == 0.0


@pytest.mark.parametrize(
    ("sound", "length", "on"),
    [(ringback(), 5.0, 1.0), (busy(), 0.7, 0.35), (congestion(), 1.4, 0.7)],
)
def test_progress_tones_keep_the_chinese_cadence(sound: bytes, length: float, on: float) -> None:
    assert seconds(sound) == pytest.approx(length)
    loud = sum(dbfs(frame) > -30.0 for frame in frames(sound)) * 0.02
    assert loud == pytest.approx(on, abs=0.03)
    assert strongest_tone(list(frames(sound))[3]).hz == pytest.approx(450.0)


def test_a_beep_is_half_a_second_of_one_kilohertz() -> None:
    assert seconds(beep()) == pytest.approx(0.5)
    assert tone_share(list(frames(beep()))[5], 1000.0) > 0.95


def test_a_tone_of_no_length_is_no_sound() -> None:
    assert tone(440.0, 0.0) == b""
