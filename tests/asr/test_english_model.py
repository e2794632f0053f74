"""The bundled English model, and how models are found by language."""

from __future__ import annotations

import pytest

from asr.model_files import ModelError, bundled_model, bundled_models, notice, read_model_files
from asr.recognizer import SpeechModel
from asr.training.english import English
from audio_fixtures.corpus.conditions import CLEAN
from audio_fixtures.corpus.ear import Ear
from audio_fixtures.corpus.recordings import Kind, Recording, recordings, voices

SPEAKERS = {"en_annie": 2, "en_edward": 2, "en_awb": 2, "en_ked": 2}
"""Voices that the model was never trained with, and how many sentences of each are played."""
MOST_WRONG = 0.15
LEAST_UNDERSTOOD = 0.8


def played() -> list[Recording]:
    chosen: list[Recording] = []
    for speaker, count in SPEAKERS.items():
        own = [
            row
            for row in recordings()
            if row.voice == speaker and row.kind is Kind.SENTENCE and row.split == "dev"
        ]
        chosen += own[:count]
    return chosen


@pytest.mark.vosk
def test_voices_the_english_model_was_never_trained_with_are_heard_and_understood() -> None:
    assert all(voices()[name].held_out for name in SPEAKERS)
    ear = Ear(SpeechModel(bundled_model("en-US")), "en-US", ())
    heard = [ear.hear(row, CLEAN) for row in played()]
    assert len(heard) == sum(SPEAKERS.values())
    assert sum(each.wrong for each in heard) <= MOST_WRONG * sum(each.wanted for each in heard)
    assert sum(each.intent for each in heard) >= LEAST_UNDERSTOOD * len(heard)


def test_each_language_has_a_bundled_model_that_takes_grammars() -> None:
    names = [path.name for path in bundled_models()]
    assert names == ["model-zh-delivery", "model-en-delivery"]
    for path in bundled_models():
        files = read_model_files(path)
        assert files.takes_grammars
        assert files.sample_rate == 8000
        assert files.megabytes < 5


def test_the_english_model_has_the_words_of_its_lexicon() -> None:
    words = set(read_model_files(bundled_model("en-US")).words)
    assert set(English().lexicon()) <= words


def test_mandarin_is_meant_where_no_language_is_named() -> None:
    assert bundled_model() == bundled_model("zh-CN")


def test_a_language_without_a_bundled_model_is_refused_with_those_there_are() -> None:
    with pytest.raises(ModelError, match="zh-CN and en-US"):
        bundled_model("fr-FR")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_english_model_is_kept_from_strangers_too(language: str) -> None:
    assert "vosk-model-small-en-us-0.15" in notice("model-en-delivery", language)
