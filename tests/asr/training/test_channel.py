from __future__ import annotations

import numpy as np

from asr.training.channel import spoil
from asr.training.features import Floats
from audio.g711 import Law, decode


def spoilt(seed: int, sound: Floats) -> Floats:
    noise = np.random.default_rng(9).standard_normal(40000).astype(np.float32)
    return spoil(sound, [noise], 8000, np.random.default_rng(seed))


SPEECH = (4000 * np.sin(2 * np.pi * 0.06 * np.arange(24000))).astype(np.float32)


def test_the_same_dice_spoil_in_the_same_way() -> None:
    assert (spoilt(4, SPEECH) == spoilt(4, SPEECH)).all()
    assert (spoilt(4, SPEECH) != spoilt(5, SPEECH)).any()


def test_spoilt_sound_is_whole_samples_of_sixteen_bits() -> None:
    for seed in range(30):
        heard = spoilt(seed, SPEECH)
        assert heard.shape == SPEECH.shape
        assert np.isfinite(heard).all()
        assert (heard == np.round(heard)).all()
        assert np.abs(heard).max() <= 32768


def test_most_lines_are_companded() -> None:
    laws = {law: set(np.frombuffer(decode(bytes(range(256)), law), "<i2").tolist()) for law in Law}
    companded = sum(
        any(set(np.unique(spoilt(seed, SPEECH)).astype(int)) <= values for values in laws.values())
        for seed in range(40)
    )
    assert 20 <= companded <= 39


def test_silence_stays_finite() -> None:
    assert np.isfinite(spoilt(1, np.zeros(24000, np.float32))).all()
