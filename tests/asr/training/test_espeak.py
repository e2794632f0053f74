from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from asr.training.espeak import (
    HELD_OUT_VARIANTS,
    TRAINING_VARIANTS,
    Phoneme,
    Spoken,
    say,
    syllable_segments,
    units,
)

NI_HAO = (("n", "i"), ("h", "ao"))


def spoken(*phonemes: tuple[float, str, int], seconds: float = 1.0) -> Spoken:
    pcm = np.zeros(int(seconds * 1000), np.int16)
    return Spoken(pcm, 1000, tuple(Phoneme(*phoneme) for phoneme in phonemes))


def test_no_voice_that_measures_is_trained_with() -> None:
    assert not set(HELD_OUT_VARIANTS) & set(TRAINING_VARIANTS)
    assert "rob" not in TRAINING_VARIANTS


def test_phonemes_at_one_place_of_the_text_are_one_syllable() -> None:
    said = units(spoken((0.0, "n", 1), (0.1, "i", 1), (0.3, "X", 5), (0.4, "Au", 5)))
    assert [(unit.began, unit.ended) for unit in said] == [(0.0, 0.3), (0.3, 1.0)]


def test_pauses_are_units_without_phonemes() -> None:
    said = units(spoken((0.0, "n", 1), (0.3, "_:", 3), (0.5, "X", 5)))
    assert [bool(unit.phonemes) for unit in said] == [True, False, True]


def test_the_closure_of_a_stop_belongs_to_the_stop() -> None:
    said = units(spoken((0.0, "n", 1), (0.30, "_|", 3), (0.35, "t", 5)))
    assert said[1].began == 0.30
    far = units(spoken((0.0, "n", 1), (0.10, "_|", 3), (0.35, "t", 5)))
    assert far[1].began == 0.35


def test_a_syllable_is_cut_where_its_second_phoneme_began() -> None:
    said = spoken((0.0, "n", 1), (0.1, "i", 1), (0.3, "X", 5), (0.4, "Au", 5))
    assert syllable_segments(said, NI_HAO) == (
        ("n", 0.0, 0.1),
        ("i", 0.1, 0.3),
        ("h", 0.3, 0.4),
        ("ao", 0.4, 1.0),
    )


def test_a_swallowed_syllable_leaves_no_segments_at_all() -> None:
    assert syllable_segments(spoken((0.0, "n", 1), (0.1, "i", 1)), NI_HAO) == ()


def test_a_glide_that_is_not_said_is_given_a_moment() -> None:
    said = spoken((0.0, "i", 1), seconds=0.4)
    assert syllable_segments(said, [("y", "i")]) == (("y", 0.0, 0.06), ("i", 0.06, 0.4))


@pytest.mark.tts
def test_espeak_tells_when_it_said_what(alone) -> None:
    said = alone(say, "ni3 hao3", "cmn-latn-pinyin+f1")
    segments = syllable_segments(said, NI_HAO)
    phones = [phone for phone, _, _ in segments if phone != "SIL"]
    assert phones == ["n", "i", "h", "ao"]
    assert all(earlier[2] <= later[1] + 1e-9 for earlier, later in pairwise(segments))
    assert 0.3 < said.seconds < 2.0


@pytest.mark.tts
def test_a_voice_that_does_not_exist_is_named(alone) -> None:
    with pytest.raises(ValueError, match="no voice 'tlh"):
        alone(say, "nuqneH", "tlh-nowhere")
