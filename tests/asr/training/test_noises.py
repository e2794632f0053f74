from __future__ import annotations

import numpy as np
import pytest

from asr.training.noises import BACKGROUNDS, EVENTS, Sound, babble, background, coloured, event


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("sound", sorted({*EVENTS, *BACKGROUNDS}, key=lambda made: made.__name__))
def test_every_sound_is_as_long_as_wanted_and_can_be_made_again(sound: Sound, rate: int) -> None:
    for seed in range(5):
        made = sound(np.random.default_rng(seed), 6000, rate)
        assert made.shape == (6000,)
        assert np.isfinite(made).all()
        assert (made == sound(np.random.default_rng(seed), 6000, rate)).all()


def test_an_event_is_scaled_to_its_loudest_moment() -> None:
    for seed in range(20):
        assert np.abs(event(np.random.default_rng(seed), 8000, 8000)).max() <= 1.0


def test_backgrounds_have_one_power() -> None:
    for seed in range(10):
        made = background(np.random.default_rng(seed), 16000, 8000)
        assert np.mean(made.astype(float) ** 2) == pytest.approx(1.0, rel=0.3)


def test_pink_noise_loses_three_decibels_per_octave() -> None:
    noise = coloured(np.random.default_rng(1), 1 << 17, 8000, 1.0)
    power = np.abs(np.fft.rfft(noise)) ** 2
    octave = len(power) // 8
    low, high = power[octave : 2 * octave].mean(), power[2 * octave : 4 * octave].mean()
    assert 10 * np.log10(low / high) == pytest.approx(3.0, abs=0.4)


def test_babble_is_made_of_the_voices_given() -> None:
    voice = np.sin(2 * np.pi * 0.05 * np.arange(4000)).astype(np.float32)
    mixed = babble(np.random.default_rng(1), 8000, [voice])
    spectrum = np.abs(np.fft.rfft(mixed))
    assert spectrum.argmax() == pytest.approx(0.05 * 8000, abs=1)
