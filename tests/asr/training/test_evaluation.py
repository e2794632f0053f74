from __future__ import annotations

import numpy as np
import pytest

from asr.training.card import Facts, card, notice
from asr.training.evaluation import Heard, distance, on_the_line, table, written_units
from asr.training.takes import Take


@pytest.mark.parametrize(
    ("expected", "heard", "errors"),
    [
        ("", "", 0),
        ("放门口", "放门口", 0),
        ("放门口", "门口", 1),
        ("三点", "四点半", 2),
        ("", "嗯", 1),
    ],
)
def test_errors_are_replacements_omissions_and_additions(
    expected: str, heard: str, errors: int
) -> None:
    assert distance(expected, heard) == errors


def test_chinese_is_counted_in_characters_and_english_in_words() -> None:
    assert written_units("放 门口") == ["放", "门", "口"]
    assert written_units("leave it there") == ["leave", "it", "there"]


def test_a_take_on_the_line_has_quiet_around_it_and_one_level() -> None:
    dice = np.random.default_rng(1)
    loud = Take(dice.normal(0, 6000, 8000).astype(np.int16), "", ())
    soft = Take((loud.pcm // 50).astype(np.int16), "", ())
    levels = []
    for take in (loud, soft):
        heard = np.frombuffer(on_the_line(take, dice, None), "<i2").astype(float)
        assert len(heard) == 8000 + int(0.8 * 8000)
        assert np.abs(heard[:2000]).max() < 100
        levels.append(heard[2400:10400].std())
    assert levels[0] == pytest.approx(levels[1], rel=0.05)


def test_noise_is_as_far_below_the_speech_as_asked() -> None:
    dice = np.random.default_rng(1)
    take = Take(dice.normal(0, 6000, 8000).astype(np.int16), "", ())
    heard = np.frombuffer(on_the_line(take, dice, 10.0), "<i2").astype(float)
    ratio = heard[2400:10400].std() ** 2 / heard[11000:].std() ** 2
    assert 10 * np.log10(ratio - 1) == pytest.approx(10.0, abs=2.0)


ROWS = (Heard("synthetic", 300, 0.0512, 0.123),)
FACTS = Facts("zh-CN", 8000, 1, 5950, 1_660_000, {"synthetic": 8.2, "tan": 2.8}, left_out="anna")


def test_the_table_tells_errors_in_percent() -> None:
    assert "| synthetic | 300 | 5.1 | 12.3 |" in table(ROWS)


def test_the_card_says_plainly_whom_the_model_does_not_hear() -> None:
    text = card(FACTS, ROWS, 0.05)
    assert "It does not hear strangers" in text
    assert "Without anna." in text
    assert "tan 2.8 h" in text
    assert "heard as words: 5%" in text


def test_the_notice_names_people_with_their_licences() -> None:
    text = notice(FACTS, {"tan": "CC-BY-SA", "anna": "Apache-2.0"})
    assert "recordings of tan: 2.8 h, licence CC-BY-SA" in text
    assert "espeak-ng" in text
    assert "anna" not in text
