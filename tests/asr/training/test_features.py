from __future__ import annotations

import numpy as np
import pytest

from asr.training.features import (
    TELEPHONE,
    WIDEBAND,
    FeatureConfig,
    cosines,
    edges,
    filters,
    log_mel,
    mfcc,
    plain_filters,
)


def tone(frequency: float, seconds: float, config: FeatureConfig) -> np.ndarray:
    times = np.arange(int(seconds * config.rate)) / config.rate
    return (3000 * np.sin(2 * np.pi * frequency * times)).astype(np.float32)


def test_a_second_of_telephone_sound_has_98_frames_as_kaldi_counts_them() -> None:
    assert mfcc(np.zeros(8000), TELEPHONE).shape == (98, 20)
    assert TELEPHONE.frames(199) == 0
    assert TELEPHONE.frames(200) == 1


@pytest.mark.parametrize("config", [TELEPHONE, WIDEBAND])
def test_a_tone_is_loudest_in_the_filter_around_it(config: FeatureConfig) -> None:
    centres = edges(config)[1:-1]
    for wanted in (5, 15, 25):
        sound = tone(float(centres[wanted]), 0.2, config)
        starts = np.arange(config.frames(len(sound))) * config.shift
        energies = log_mel(sound, starts, plain_filters(config), config)
        assert (energies.argmax(1) == wanted).all()


def test_twice_the_amplitude_moves_the_first_cepstrum_only() -> None:
    sound = tone(700, 0.2, TELEPHONE) + np.random.default_rng(1).normal(0, 30, 1600)
    difference = mfcc(2 * sound, TELEPHONE) - mfcc(sound, TELEPHONE)
    assert difference[:, 0] == pytest.approx(2 * np.log(2) * np.sqrt(32), rel=1e-3)
    assert np.abs(difference[:, 1:]).max() < 1e-3


def test_silence_gives_finite_features() -> None:
    assert np.isfinite(mfcc(np.zeros(4000), TELEPHONE)).all()


def test_cepstra_are_liftered_cosines() -> None:
    table = cosines(TELEPHONE)
    lift = 1 + 11 * np.sin(np.pi * np.arange(20) / 22)
    assert (table / lift).T @ (table / lift) == pytest.approx(np.eye(20), abs=1e-5)


def test_moved_corners_hear_a_shorter_vocal_tract_as_a_usual_one() -> None:
    factor = 1.15
    raised = tone(factor * float(edges(TELEPHONE)[13]), 0.2, TELEPHONE)
    starts = np.arange(TELEPHONE.frames(len(raised))) * TELEPHONE.shift
    warped = filters(TELEPHONE, np.minimum(edges(TELEPHONE) * factor, 3990 + np.arange(34) * 0.1))
    assert (log_mel(raised, starts, warped, TELEPHONE).argmax(1) == 12).all()


def test_the_configuration_file_makes_vosk_compute_the_same() -> None:
    lines = TELEPHONE.text().splitlines()
    assert "--sample-frequency=8000" in lines
    assert "--num-ceps=20" in lines
    assert "--dither=0" in lines
    assert "--high-freq=3700" in lines
