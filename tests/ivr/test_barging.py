"""Is what is said into our words meant to stop them?"""

from __future__ import annotations

import pytest

from asr.hearing import Alternative, Partial
from ivr.barging import NOTHING_YET, answers_us, look_at, means_something

ZH = "zh-CN"
EN = "en-US"


def look(*readings: tuple[str, float], throat: float = 0.1, settled: bool = False) -> Partial:
    """Return a look at the words with their readings, likeliest first."""
    text, sureness = readings[0]
    others = tuple(Alternative(*reading) for reading in readings)
    return Partial(text, settled, sureness, throat, others)


def stops(*looks: Partial, language: str = ZH) -> list[bool]:
    """Return after each look, 40 ms apart, whether we fall silent."""
    evidence, found = NOTHING_YET, []
    for number, heard in enumerate(looks):
        evidence = evidence.with_look(heard, 0.16 + 0.04 * number, language)
        found.append(evidence.stops_us)
    return found


def test_it_need_not_be_known_which_word_it_is() -> None:
    first = look(("遍", 0.4), ("别", 0.35), ("变", 0.25))
    second = look(("别", 0.5), ("变", 0.5))
    assert stops(first, second) == [False, True]


@pytest.mark.parametrize(
    "sign", ["嗯", "对", "好", "好的", "喂", "哦", "行", "是", "嗯嗯", "对对对", "哎好"]
)
def test_signs_of_life_stop_nothing(sign: str) -> None:
    assert not any(stops(*[look((sign, 1.0))] * 4))


@pytest.mark.parametrize("sign", ["mm", "uh-huh", "okay", "yeah right", "hello", "i see", "got it"])
def test_english_signs_of_life_stop_nothing(sign: str) -> None:
    assert not any(stops(*[look((sign, 1.0))] * 4, language=EN))


def test_english_words_stop_us() -> None:
    assert stops(look(("i'm", 0.9)), look(("i'm not", 0.9)), language=EN) == [False, True]


@pytest.mark.parametrize("heard", ["实施", "十", "新", "号", "二", "五"])
def test_what_sounds_like_a_sign_of_life_stops_nothing(heard: str) -> None:
    assert not any(stops(*[look((heard, 1.0))] * 4))


@pytest.mark.parametrize("heard", ["在", "三", "等", "会", "您"])
def test_what_signs_of_life_are_taken_for_must_be_certain(heard: str) -> None:
    assert not any(stops(*[look((heard, 0.8), ("嗯", 0.2))] * 4))
    assert stops(*[look((heard, 1.0))] * 2) == [False, True]


def test_two_weak_words_are_a_word() -> None:
    assert stops(*[look(("等一", 0.9))] * 2) == [False, True]


def test_a_word_that_only_one_look_finds_stops_nothing() -> None:
    assert stops(look(("我", 1.0)), look(("嗯", 1.0)), look(("嗯", 1.0))) == [False] * 3


def test_what_may_be_either_needs_three_looks() -> None:
    either = look(("下", 0.7), ("行", 0.3))
    assert stops(either, either, either) == [False, False, True]


@pytest.mark.parametrize("noise", ["会", "啊", "坏", "拜拜", "我不在家"])
def test_a_word_without_a_throat_is_a_noise(noise: str) -> None:
    assert not any(stops(*[look((noise, 1.0), throat=0.0)] * 4))


def test_a_creaking_voice_is_believed_when_the_word_is_certain() -> None:
    assert stops(*[look(("不", 1.0), throat=0.02)] * 2) == [False, True]
    assert not any(stops(*[look(("不", 0.9), throat=0.02)] * 4))


def test_words_said_up_to_a_pause_need_no_second_look() -> None:
    assert stops(look(("不要", 1.0), settled=True)) == [True]


def test_one_syllable_that_goes_on_and_on_is_a_hum() -> None:
    assert look_at(look(("没", 1.0)), 0.2, ZH).meant == 1.0
    assert look_at(look(("没", 1.0)), 0.4, ZH).meant == 0.0
    assert look_at(look(("没有", 1.0)), 0.4, ZH).meant == 1.0


def test_words_of_which_nothing_else_is_told_are_no_evidence() -> None:
    assert NOTHING_YET.with_look(Partial("我不在家"), 0.5, ZH) is NOTHING_YET


def test_assent_answers_a_question_that_is_being_asked() -> None:
    heard = look(("好的", 0.9))
    assert answers_us(heard, NOTHING_YET.with_look(heard, 0.3, ZH), ZH)
    breath = look(("好的", 0.9), throat=0.0)
    assert not answers_us(breath, NOTHING_YET.with_look(breath, 0.3, ZH), ZH)


def test_a_sign_of_life_means_something_only_where_we_asked() -> None:
    assert means_something("嗯", asking=True, language=ZH)
    assert not means_something("嗯", asking=False, language=ZH)
    assert means_something("我不在家", asking=False, language=ZH)
    assert not means_something("二", asking=False, language=ZH)
