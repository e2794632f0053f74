"""What recipients say in a benchmark, and whether all of it was heard."""

from __future__ import annotations

import pytest

from bench.replies import Answer, answer_of, is_speech, lost_first_syllables


@pytest.mark.parametrize(
    ("clip", "kind"),
    [
        ("lin/keyi_de", Answer.CLOSED),
        ("lin/en", Answer.CLOSED),
        ("wang/gai_dao_houtian", Answer.OPEN),
        ("lin/xingfu_lu", Answer.OPEN),
        ("zhao/ni_shi_shei", Answer.OPEN),
    ],
)
def test_a_clip_answers_a_closed_or_an_open_question(clip: str, kind: Answer) -> None:
    assert answer_of(clip) is kind


def test_noises_and_keys_are_no_speech() -> None:
    assert is_speech("lin/keyi_de")
    assert not is_speech("sound/cough")
    assert not is_speech("keys 12")


def test_a_first_syllable_is_lost_when_a_turn_begins_with_the_second() -> None:
    assert lost_first_syllables(["zhao/ni_shi_shei"], ["是谁啊"]) == 1
    assert lost_first_syllables(["zhao/ni_shi_shei"], ["喂", "你是谁啊"]) == 0


def test_a_word_that_was_taken_for_another_is_not_lost() -> None:
    assert lost_first_syllables(["zhao/ni_shi_shei"], ["李是谁啊", "可以"]) == 0
