"""Words of other people behind the callee are not his."""

from __future__ import annotations

from dataclasses import replace

import pytest

from asr.background_words import without_background
from asr.hearing import Alternative, Recognition, Word
from audio.level import tone
from audio.pcm import silence

SECONDS = 0.5


def heard(*texts: str) -> Recognition:
    """Return words of half a second each, one after another."""
    words = tuple(
        Word(text, 1.0, SECONDS * place, SECONDS * (place + 1)) for place, text in enumerate(texts)
    )
    whole = "".join(texts)
    return Recognition(whole, 0.9, words, (Alternative(whole, 0.8), Alternative(whole + "了", 0.2)))


def sound(*levels_dbfs: float) -> bytes:
    """Return half a second of each level."""
    return b"".join(tone(300, SECONDS, level) for level in levels_dbfs)


def test_soft_words_at_both_ends_belong_to_others() -> None:
    found = without_background(heard("就", "都", "不要", "付钱"), sound(-36, -24, -25, -35))
    assert found.text == "都不要"
    assert [word.text for word in found.words] == ["都", "不要"]


def test_the_other_readings_lose_them_too() -> None:
    found = without_background(heard("都", "不要", "付钱"), sound(-24, -25, -35))
    assert [each.text for each in found.alternatives] == ["都不要", "都不要付钱了"]


def test_readings_that_are_the_same_without_them_count_together() -> None:
    told = heard("都", "不要", "付钱")
    others = (Alternative("都不要付钱", 0.6), Alternative("都不要", 0.3), Alternative("不要", 0.1))
    found = without_background(replace(told, alternatives=others), sound(-24, -25, -35))
    assert [(each.text, each.confidence) for each in found.alternatives] == [
        ("都不要", pytest.approx(0.9)),
        ("不要", pytest.approx(0.1)),
    ]


def test_no_word_of_another_reading_is_cut_in_two() -> None:
    told = replace(
        heard("i", "cannot", "come"),
        text="i cannot come",
        alternatives=(Alternative("i cannot come", 0.7), Alternative("it's welcome", 0.3)),
    )
    found = without_background(told, sound(-36, -24, -35))
    assert found.text == "cannot"
    assert [each.text for each in found.alternatives] == ["cannot", "it's welcome"]


def test_a_soft_word_in_the_middle_is_his() -> None:
    found = without_background(heard("放", "门口", "吧"), sound(-24, -36, -25))
    assert found.text == "放门口吧"


def test_a_voice_that_falls_on_a_quiet_line_is_his() -> None:
    told = heard("放", "门口", "吧")
    assert without_background(told, sound(-24, -25, -40) + silence(0.5)) is told


def test_a_voice_that_falls_stays_above_the_noise() -> None:
    told = heard("放", "门口", "吧")
    assert without_background(told, sound(-24, -25, -34) + tone(300, 0.5, -45)) is told


def test_a_single_word_is_his() -> None:
    told = heard("好")
    assert without_background(told, sound(-40)) is told
