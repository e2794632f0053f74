"""Is what is said into our words meant to stop them?"""

from __future__ import annotations

import pytest

from asr.hearing import Alternative, Partial
from ivr.barging import NOTHING_YET, answers_us, likelihood, means_something

ZH = "zh-CN"


def look(*readings: tuple[str, float], throat: float = 0.1, settled: bool = False) -> Partial:
    """Return a look at the words with their readings, likeliest first."""
    text, sureness = readings[0]
    others = tuple(Alternative(*reading) for reading in readings)
    return Partial(text, settled, sureness, throat, others)


def stops(*looks: Partial, every: float = 0.04) -> list[bool]:
    """Return after each look whether we fall silent."""
    evidence, found = NOTHING_YET, []
    for number, heard in enumerate(looks):
        evidence = evidence.with_look(heard, 0.16 + every * number, ZH)
        found.append(evidence.stops_us(heard))
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


@pytest.mark.parametrize("heard", ["按", "十室", "还行", "在", "百号", "嗯什", "好九"])
def test_what_signs_of_life_are_taken_for_stops_nothing(heard: str) -> None:
    assert likelihood(look((heard, 1.0)), 0.2, ZH) == 0.0 or not any(
        stops(look((heard, 0.5), ("嗯", 0.5)), look((heard, 0.5), ("嗯", 0.5)))
    )


def test_a_word_that_only_one_look_finds_stops_nothing() -> None:
    assert stops(look(("我", 1.0)), look(("嗯", 1.0)), look(("嗯", 1.0))) == [False] * 3


def test_what_may_be_either_needs_three_looks() -> None:
    either = look(("下", 0.7), ("行", 0.3))
    assert stops(either, either, either) == [False, False, True]


@pytest.mark.parametrize("noise", ["会", "啊", "二", "五", "坏", "拜拜"])
def test_a_word_without_a_throat_is_a_noise(noise: str) -> None:
    assert not any(stops(*[look((noise, 0.8), ("嗯", 0.2), throat=0.0)] * 4))


def test_a_creaking_voice_is_believed_when_the_word_is_no_noise() -> None:
    assert stops(*[look(("不", 1.0), throat=0.02)] * 2) == [False, True]


def test_words_said_up_to_a_pause_need_no_second_look() -> None:
    assert stops(look(("不要", 1.0), settled=True)) == [True]


def test_too_few_syllables_for_so_long_a_sound_are_a_hum() -> None:
    assert likelihood(look(("没", 1.0)), 0.2, ZH) == 1.0
    assert likelihood(look(("没", 1.0)), 1.2, ZH) == 0.0


def test_words_of_which_nothing_else_is_told_are_believed_late_and_only_from_a_throat() -> None:
    told = Partial("我不在家", pitched_seconds=0.0)
    evidence = NOTHING_YET.with_look(told, 0.5, ZH)
    assert evidence is NOTHING_YET
    assert not evidence.with_look(told, 1.0, ZH).stops_us(told)
    from_a_throat = NOTHING_YET.with_look(look(("嗯", 1.0)), 0.2, ZH).with_look(told, 1.0, ZH)
    assert from_a_throat.stops_us(told)


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
