from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from random import Random

import pytest

from asr.training import english_voices
from asr.training.english import English
from asr.training.english_sounds import PHONES
from asr.training.english_texts import (
    filled,
    generated,
    held_out_sentences,
    number,
    sentences,
    short_answer,
    templates,
)
from asr.training.language import Pronunciation
from asr.training.languages import language_of

Lexicon = Mapping[str, tuple[Pronunciation, ...]]

WORDS = re.compile(r"(?<!['\w])[a-z][a-z']*")
QUOTED = re.compile(r'^\s*- "(.*)"$')


@pytest.fixture(scope="module")
def english() -> English:
    return English()


@pytest.fixture(scope="module")
def lexicon(english: English) -> Lexicon:
    return english.lexicon()


def lines_of(package: str, name: str) -> list[str]:
    return resources.files(package).joinpath(name).read_text("utf-8").splitlines()


def test_the_tool_speaks_english() -> None:
    assert isinstance(language_of("en-US"), English)


def test_every_word_has_readings_in_phones_of_the_network(lexicon: Lexicon) -> None:
    assert 2500 <= len(lexicon) <= 3500
    for readings in lexicon.values():
        assert all(readings)
        assert all(phone in PHONES.states for reading in readings for phone in reading)
        assert len(set(readings)) == len(readings)


def test_every_phone_is_in_some_word(lexicon: Lexicon) -> None:
    used = {phone for readings in lexicon.values() for reading in readings for phone in reading}
    assert used | {"SIL"} == set(PHONES.states)


def test_the_vocabulary_has_every_word_of_the_phrases_that_are_understood(
    lexicon: Lexicon,
) -> None:
    matches = (QUOTED.match(line) for line in lines_of("ivr.nlu", "phrases.en-US.yaml"))
    phrases = [re.sub(r"\{\w+\}", " ", match[1]) for match in matches if match]
    assert len(phrases) > 150
    words = {word for phrase in phrases for word in WORDS.findall(phrase)}
    assert words <= set(lexicon)


@pytest.mark.parametrize("name", ["announcements.yaml", "answerers.yaml"])
def test_the_vocabulary_has_every_english_word_of_machines_and_networks(
    name: str, lexicon: Lexicon
) -> None:
    phrases = [line for line in lines_of("asr", name) if line.strip().startswith("- ")]
    words = {word for phrase in phrases for word in WORDS.findall(phrase)}
    assert len(words) > 20
    assert words <= set(lexicon)


def test_the_vocabulary_has_numbers_weekdays_and_months(lexicon: Lexicon) -> None:
    slots = templates()["slots"]
    words = {word for value in range(1000) for word in number(value).split()}
    words |= {
        word for slot in ("weekday", "month", "date") for d in slots[slot] for word in d.split()
    }
    assert words <= set(lexicon)


def test_all_that_is_written_is_made_of_words_of_the_lexicon(lexicon: Lexicon) -> None:
    random = Random(5)
    texts = [generated(random, held_out=turn % 2 == 0) for turn in range(6000)]
    texts += [short_answer(random) for _ in range(300)]
    texts += [*sentences(), *held_out_sentences()]
    assert {word for text in texts for word in text.split()} <= set(lexicon)


def test_short_answers_are_short() -> None:
    random = Random(2)
    assert all(1 <= len(short_answer(random).split()) <= 3 for _ in range(300))


def test_the_texts_are_the_same_for_the_same_seed(english: English) -> None:
    assert list(english.texts(3, 50)) == list(english.texts(3, 50))
    assert list(english.texts(3, 50)) != list(english.texts(4, 50))


def test_nothing_held_out_is_in_the_texts_or_among_the_written_sentences(english: English) -> None:
    unseen = set(held_out_sentences())
    assert len(unseen) > 40
    assert not unseen & set(sentences())
    written = {" ".join(words) for words in english.texts(1, 3000)}
    streets = templates()["slots"]["road_held_out"]
    assert not unseen & written
    assert not [text for text in written if any(f"{street} road" in text for street in streets)]


def test_patterns_fill_in_every_choice() -> None:
    slots = {"place": ["at the door"], "street": ["main street"], "street_held_out": ["ridge road"]}
    said = filled("[please] leave it {place} (please|thanks)", Random(2), slots)
    assert re.fullmatch(r"(please )?leave it at the door (please|thanks)", said)
    assert filled("{number:7-7} {street}", Random(1), slots, held_out=True) == "seven ridge road"
    assert len(filled("{digits:11}", Random(1), slots).split()) == 11


@pytest.mark.parametrize(
    ("value", "joined", "said"),
    [
        (0, True, "zero"),
        (15, True, "fifteen"),
        (40, True, "forty"),
        (42, True, "forty two"),
        (300, True, "three hundred"),
        (305, True, "three hundred and five"),
        (305, False, "three hundred five"),
        (999, True, "nine hundred and ninety nine"),
    ],
)
def test_numbers_are_said_as_people_say_them(value: int, joined: bool, said: str) -> None:
    assert number(value, joined) == said


def test_a_transcript_reads_word_by_word(english: English) -> None:
    assert english.pronounce("leave it") == (("L", "IY", "V"), ("IH", "T"))
    assert english.sounds(english.pronounce("it")) == (("IH",), ("T",))


def test_a_word_that_is_not_in_the_lexicon_is_named(english: English) -> None:
    with pytest.raises(ValueError, match=r"brobdingnag in .*words\.txt"):
        english.pronounce("leave it in brobdingnag")


def test_the_voices_that_measure_are_never_trained_with() -> None:
    assert not set(english_voices.FLITE) & set(english_voices.FLITE_HELD_OUT)
    assert not set(english_voices.FESTIVAL) & set(english_voices.FESTIVAL_HELD_OUT)


def test_the_dictionary_and_the_synthesisers_are_credited(english: English) -> None:
    assert "Carnegie Mellon University" in english.credits.dictionary
    assert len(english.credits.synthesisers) == 3


@pytest.mark.tts
def test_every_engine_tells_when_each_phone_was_said(english: English, alone) -> None:
    sentence = "leave it at the door please"
    clips = [alone(english.spoken, sentence, Random(seed)) for seed in range(8)]
    assert len({clip.rate for clip in clips if clip}) > 2
    for clip in clips:
        assert clip is not None
        said = [phone for phone, _, _ in clip.segments if phone != "SIL"]
        assert said == [phone for word in clip.words for phone in word]
        assert all(began < ended for _, began, ended in clip.segments)
        spoken = [ended for phone, _, ended in clip.segments if phone != "SIL"]
        assert spoken[-1] <= len(clip.pcm) / clip.rate + 0.05
