from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

import pytest

from asr.model_files import bundled_model
from asr.training.espeak import HELD_OUT_VARIANTS, TRAINING_VARIANTS
from asr.training.language import Pronunciation
from asr.training.mandarin import NUMERALS, Mandarin, spoken
from asr.training.mandarin_sounds import PHONES, accented, phones_of, pinyin, standard, syllable
from asr.training.mandarin_texts import (
    filled,
    generated,
    held_out_sentences,
    number,
    sentences,
    short_answer,
    templates,
)

Lexicon = Mapping[str, tuple[Pronunciation, ...]]

HANZI = re.compile("[\u4e00-\u9fff]+")


@pytest.fixture(scope="module")
def mandarin() -> Mandarin:
    return Mandarin()


@pytest.fixture(scope="module")
def lexicon(mandarin: Mandarin) -> Lexicon:
    return mandarin.lexicon()


@pytest.mark.parametrize(
    ("pinyin", "phones"),
    [
        ("zhi1", ("zh", "iii")),
        ("si4", ("s", "ii")),
        ("xue2", ("x", "ve")),
        ("quan2", ("q", "van")),
        ("jun1", ("j", "vn")),
        ("gui4", ("g", "uei")),
        ("lun2", ("l", "uen")),
        ("yuan2", ("y", "van")),
        ("wo3", ("w", "uo")),
        ("yong4", ("y", "iong")),
        ("er2", ("er",)),
        ("bo1", ("b", "o")),
        ("nv3", ("n", "v")),
        ("ng2", ("en",)),
    ],
)
def test_a_syllable_is_an_initial_and_a_final(pinyin: str, phones: tuple[str, ...]) -> None:
    assert syllable(pinyin) == phones


@pytest.mark.parametrize("nonsense", ["", "xyz", "bing8g", "u", "ri4r"])
def test_what_is_no_syllable_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match="no syllable"):
        syllable(nonsense)


def test_words_are_read_as_these_calls_mean_them() -> None:
    assert pinyin("我还没收到地址") == (
        *("wo3", "hai2", "mei2", "shou1", "dao4"),
        *("di4", "zhi3"),
    )
    assert pinyin("幺") == ("yao1",)
    assert pinyin("") == ()


def test_only_hanzi_can_be_read() -> None:
    with pytest.raises(ValueError, match="Hanzi"):
        pinyin("OK可以")


def test_a_character_alone_has_all_its_readings_the_usual_one_first() -> None:
    assert standard("行") == (("x", "ing"), ("h", "ang"))
    assert standard("银行") == (phones_of("银行"),)


def test_accents_bend_the_standard_and_never_repeat_it() -> None:
    bent = list(accented(phones_of("生")))
    assert bent == [("sh", "en"), ("s", "eng"), ("s", "en")]
    assert list(accented(phones_of("好"))) == []


def test_every_word_has_a_reading_in_phones_of_the_network(lexicon: Lexicon) -> None:
    assert len(lexicon) > 7000
    for readings in lexicon.values():
        assert readings
        assert all(phone in PHONES.states for reading in readings for phone in reading)
        assert len(set(readings)) == len(readings)


def test_no_numeral_has_an_accent_that_makes_another_of_it(lexicon: Lexicon) -> None:
    with_numerals = [word for word in lexicon if NUMERALS & set(word)]
    assert with_numerals
    assert all(len(lexicon[word]) == len(standard(word)) for word in with_numerals)


def test_the_vocabulary_has_every_word_that_grammars_were_written_with(mandarin: Mandarin) -> None:
    table = bundled_model() / "graph/words.txt"
    known = {line.split()[0] for line in table.read_text(encoding="utf-8").splitlines()}
    assert {word for word in known if HANZI.fullmatch(word)} <= set(mandarin.words)


def test_every_character_of_gb_2312_level_one_is_a_word(mandarin: Mandarin) -> None:
    level_one = [
        bytes([high, low]).decode("gb2312")
        for high in range(0xB0, 0xD8)
        for low in range(0xA1, 0xFF if high < 0xD7 else 0xFA)
    ]
    assert len(level_one) == 3755
    assert all(character in mandarin.words for character in level_one)


def test_sentences_split_into_words_of_the_lexicon_and_together_they_are_the_text(
    mandarin: Mandarin,
) -> None:
    for text in (*sentences(), *held_out_sentences()):
        words = mandarin.split(text)
        assert "".join(words) == text
        assert all(word in mandarin.words for word in words)


def test_numbers_are_split_digit_by_digit(mandarin: Mandarin) -> None:
    assert mandarin.split("三单元五零二") == ("三", "单元", "五", "零", "二")


def test_the_texts_are_the_same_for_the_same_seed(mandarin: Mandarin) -> None:
    assert list(mandarin.texts(3, 50)) == list(mandarin.texts(3, 50))
    assert list(mandarin.texts(3, 50)) != list(mandarin.texts(4, 50))


def test_nothing_held_out_is_in_the_texts_or_among_the_written_sentences(
    mandarin: Mandarin,
) -> None:
    unseen = set(held_out_sentences())
    assert len(unseen) > 50
    assert not unseen & set(sentences())
    written = {"".join(words) for words in mandarin.texts(1, 3000)}
    streets = [*templates()["slots"]["road_held_out"], *templates()["slots"]["estate_held_out"]]
    assert not unseen & written
    assert not [text for text in written if any(f"{s}路" in text for s in streets)]


def test_patterns_fill_in_every_choice() -> None:
    slots = {"place": ["门口"], "street": ["中山路"], "street_held_out": ["天府路"]}
    assert filled("[放]{place}(吧|吧)", Random(2), slots) in ("放门口吧", "门口吧")
    assert filled("{street}{number:7-7}号", Random(1), slots, held_out=True) == "天府路七号"
    assert len(filled("{yao:11}", Random(1), slots)) == 11
    assert "一" not in filled("{yao:200}", Random(1), slots)


def test_every_pattern_gives_hanzi_only() -> None:
    random = Random(5)
    texts = [generated(random, held_out=number % 2 == 0) for number in range(2000)]
    assert all(HANZI.fullmatch(text) for text in texts)
    assert all(len(short_answer(random)) <= 4 for _ in range(200))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        *[(0, "零"), (10, "十"), (15, "十五"), (20, "二十"), (99, "九十九"), (100, "一百")],
        *[(105, "一百零五"), (110, "一百一十"), (999, "九百九十九"), (2030, "二千零三十")],
    ],
)
def test_numbers_are_said_as_people_say_them(value: int, said: str) -> None:
    assert number(value) == said


@pytest.mark.tts
def test_speech_comes_with_the_time_of_each_phone(alone) -> None:
    clip = alone(spoken, "明天下午三点", Random(3))
    assert clip is not None
    assert tuple(word[0] for word in clip.words) == ("m", "t", "x", "w", "s", "d")
    said = [phone for phone, _, _ in clip.segments if phone != "SIL"]
    assert said == [phone for word in clip.words for phone in word]
    assert all(began <= ended for _, began, ended in clip.segments)
    assert clip.segments[-1][2] <= len(clip.pcm) / clip.rate + 0.01


@pytest.mark.tts
def test_the_same_dice_say_the_same(mandarin: Mandarin, alone) -> None:
    first, second = (alone(mandarin.speak, Random(9)) for _ in range(2))
    assert first.text == second.text
    assert first.words == second.words
    assert [phone for phone, _, _ in first.segments] == [phone for phone, _, _ in second.segments]


def test_the_voices_that_measure_are_never_trained_with() -> None:
    assert not set(HELD_OUT_VARIANTS) & set(TRAINING_VARIANTS)


def test_a_transcript_reads_syllable_by_syllable(mandarin: Mandarin) -> None:
    assert mandarin.pronounce("可以") == (("k", "e"), ("y", "i"))
    assert [len(word) for word in mandarin.pronounce("儿子")] == [1, 2]
