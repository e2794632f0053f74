from __future__ import annotations

import asyncio

import pytest

from asr.boosting import boosted, hoped_share
from asr.hearing import Alternative, Expectation, Recognition, Word
from asr.scripted_stream import ScriptedStream
from asr.sounding import syllables
from asr.turn import HeardTurn
from audio.pcm import FRAME_BYTES, SILENCE

WORDS = (Word("会", 0.6, 0.9, 1.2),)
UNSURE = Recognition(
    "会", 0.55, WORDS, (Alternative("会", 0.55), Alternative("对", 0.4), Alternative("喂", 0.05))
)


def sounds(*phrases: str) -> tuple[tuple[str, ...], ...]:
    return tuple(map(syllables, phrases))


def test_the_reading_the_question_hopes_for_wins_over_one_a_little_likelier() -> None:
    recognition = boosted(UNSURE, ("对", "不对"))
    assert recognition.text == "对"
    assert [each.text for each in recognition.alternatives] == ["对", "会", "喂"]
    assert sum(each.confidence for each in recognition.alternatives) == pytest.approx(1.0)
    assert recognition.confidence == recognition.alternatives[0].confidence
    assert recognition.words == ()


def test_a_hope_does_not_outweigh_what_was_heard_clearly() -> None:
    clear = Recognition("会", 0.95, WORDS, (Alternative("会", 0.95), Alternative("对", 0.05)))
    recognition = boosted(clear, ("对",))
    assert recognition.text == "会"
    assert recognition.words == WORDS
    assert recognition.alternatives[1].confidence > 0.05


def test_without_hopes_or_alternatives_nothing_changes() -> None:
    assert boosted(UNSURE, ()) is UNSURE
    alone = Recognition("会", 0.9, WORDS, (Alternative("会", 1.0),))
    assert boosted(alone, ("对",)) is alone
    assert boosted(Recognition("", 0.0), ("对",)) == Recognition("", 0.0)


def test_hopes_of_which_nothing_sounds_keep_the_order_and_the_shares() -> None:
    recognition = boosted(UNSURE, ("门口",))
    assert recognition.text == "会"
    assert recognition.alternatives[0].confidence == pytest.approx(0.55)


def test_phrases_count_by_sound_whatever_characters_were_written() -> None:
    assert hoped_share("放无夜吧", sounds("物业")) == pytest.approx(0.5)
    assert hoped_share("是点", sounds("四点")) == 1.0


def test_overlapping_phrases_count_once() -> None:
    assert hoped_share("不可以", sounds("可以", "不可以", "不可")) == 1.0


def test_silence_and_other_words_hold_no_hope() -> None:
    assert hoped_share("", sounds("可以")) == 0.0
    assert hoped_share("以可", sounds("可以")) == 0.0


def test_readings_without_any_share_are_left_as_they_are() -> None:
    nothing = Recognition("会", 0.0, (), (Alternative("会", 0.0), Alternative("对", 0.0)))
    assert boosted(nothing, ("对",)) is nothing


def test_what_a_question_hopes_for_reaches_the_recogniser() -> None:
    stream = ScriptedStream()
    turn = HeardTurn(stream, Expectation(boost=("对", "不对")), FRAME_BYTES)
    asyncio.run(turn.begin([SILENCE], 0.0))
    assert stream.hoped == [("对", "不对")]
