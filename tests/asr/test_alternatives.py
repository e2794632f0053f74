from __future__ import annotations

import math

import pytest

from asr.alternatives import Reading, recognition_of_readings, shares
from asr.hearing import Recognition, Word


def word(text: str, began: float, ended: float) -> Word:
    return Word(text, 0.0, began, ended)


DUI = Reading("对", 5.7, (word("对", 0.9, 1.2),))
HUI = Reading("会", 5.0, (word("会", 0.9, 1.2),))


def test_shares_are_the_softmax_of_the_scores() -> None:
    assert shares([2.0, 1.0]) == pytest.approx((math.e / (math.e + 1), 1 / (math.e + 1)))
    assert shares([-4000.0, -4000.0]) == pytest.approx((0.5, 0.5))
    assert shares([]) == ()


def test_a_higher_temperature_evens_shares_out() -> None:
    assert shares([3.0, 0.0], 3.0) == pytest.approx(shares([1.0, 0.0]))


def test_a_single_reading_is_certain_and_none_is_nothing() -> None:
    assert recognition_of_readings([DUI]).confidence == 1.0
    assert recognition_of_readings([]) == Recognition("", 0.0)


def test_texts_are_listed_from_the_likeliest_with_shares_that_make_one() -> None:
    recognition = recognition_of_readings([HUI, DUI])
    assert [each.text for each in recognition.alternatives] == ["对", "会"]
    assert sum(each.confidence for each in recognition.alternatives) == pytest.approx(1.0)
    assert recognition.text == "对"
    assert recognition.confidence == recognition.alternatives[0].confidence


def test_two_readings_of_one_text_count_together() -> None:
    split = Reading("对", 4.9, (word("对", 1.0, 1.2),))
    recognition = recognition_of_readings([HUI, split, DUI])
    assert len(recognition.alternatives) == 2
    assert recognition.words[0].confidence == pytest.approx(recognition.alternatives[0].confidence)
    assert recognition.words[0].began == 0.9


def test_a_word_of_another_place_lends_no_confidence() -> None:
    twice = Reading("不对", 5.7, (word("不", 0.9, 1.2), word("对", 1.2, 1.5)))
    recognition = recognition_of_readings([DUI, twice])
    assert recognition.confidence == pytest.approx(0.5)
