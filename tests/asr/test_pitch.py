"""Does a throat sound in this?"""

from __future__ import annotations

import numpy as np
import pytest

from asr.pitch import LEAST_LIKENESS, likeness_of_periods, pitched_seconds
from audio.level import pcm_of, tone
from audio.pcm import FRAME_SECONDS, SAMPLE_RATE, frames, silence
from audio_fixtures.clips import clip_sound


def hum(hertz: float, seconds: float = 0.2) -> bytes:
    """Return a throat at this pitch: overtones up to the edge of the telephone band."""
    clock = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    overtones = range(1, int(3400 / hertz) + 1)
    sound = sum(
        (np.sin(2 * np.pi * hertz * k * clock) / k for k in overtones), np.zeros(len(clock))
    )
    return pcm_of(3000.0 * sound)


@pytest.mark.parametrize("hertz", [80.0, 120.0, 200.0, 300.0, 380.0])
def test_the_pitch_of_a_throat_is_found(hertz: float) -> None:
    assert likeness_of_periods(hum(hertz)[:640]) > LEAST_LIKENESS


@pytest.mark.parametrize("hertz", [480.0, 600.0, 900.0, 1400.0])
def test_what_sounds_higher_than_a_throat_is_none(hertz: float) -> None:
    assert likeness_of_periods(hum(hertz)[:640]) == 0.0
    assert likeness_of_periods(tone(hertz, 0.04, -20.0)) == 0.0


def test_hiss_has_no_pitch() -> None:
    chance = np.random.default_rng(5)
    hiss = pcm_of(2000.0 * chance.standard_normal(SAMPLE_RATE))
    assert pitched_seconds(list(frames(hiss))) < 0.05


def test_silence_has_no_pitch() -> None:
    assert likeness_of_periods(silence(0.04)) == 0.0


@pytest.mark.parametrize("clip", ["sound/cough", "sound/lorry"])
def test_a_cough_and_a_lorry_have_hardly_any(clip: str) -> None:
    sound = list(frames(clip_sound(clip)))
    assert pitched_seconds(sound) < 0.1 * len(sound) * FRAME_SECONDS


@pytest.mark.parametrize("clip", ["lin/keyi_de", "wang/wo_buyao", "chen/bie_zai_da_le"])
def test_people_have_it_while_they_speak(clip: str) -> None:
    assert pitched_seconds(list(frames(clip_sound(clip)))) > 0.2
