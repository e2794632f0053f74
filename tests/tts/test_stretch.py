from __future__ import annotations

import numpy as np
import pytest

from audio.level import samples, strongest_tone
from audio.pcm import SAMPLE_RATE
from tts.shaping import pcm_of
from tts.speaker import hum
from tts.stretch import slowed


@pytest.mark.parametrize("rate", [0.5, 0.75, 0.9])
def test_speech_lasts_longer_at_the_same_pitch_and_loudness(rate: float) -> None:
    at = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    voice = sum(np.sin(2 * np.pi * 125 * n * at) / n for n in range(1, 9)) * 0.1
    slow = slowed(voice, rate)
    assert slow.size == pytest.approx(voice.size / rate, abs=1)
    spectrum = np.abs(np.fft.rfft(slow))
    assert spectrum.argmax() * SAMPLE_RATE / slow.size == pytest.approx(125, abs=2)
    assert slow[800:-800].std() == pytest.approx(voice.std(), rel=0.03)


def test_no_seam_clicks() -> None:
    talk = samples(hum("您好,请问您明天下午方便收件吗"))
    jumps = np.abs(np.diff(slowed(talk))).max()
    assert jumps <= 1.2 * np.abs(np.diff(talk)).max()


def test_what_is_not_to_be_slowed_is_left_alone() -> None:
    talk = samples(hum("您好"))
    assert slowed(talk, 1.0) is talk
    assert slowed(talk[:100]).size == 100


@pytest.mark.parametrize("rate", [0.0, -1.0, 1.5])
def test_a_rate_that_does_not_slow_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="doesn't slow"):
        slowed(np.zeros(8000), rate)


def test_a_tone_stays_one_tone() -> None:
    at = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tone = strongest_tone(pcm_of(slowed(0.3 * np.sin(2 * np.pi * 500 * at))))
    assert tone.hz == 500
    assert tone.share > 0.98
