from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from asr.engine import Recognizer, RecognizerError
from asr.grammar import plain
from asr.hearing import Recognition
from asr.model_files import bundled_model
from asr.recognizer import UTTERANCES_PER_ENGINE, SpeechModel, recognition_of
from audio.pcm import frames, seconds, silence

Speak = Callable[[str], bytes]


def recognise(recognizer: Recognizer, pcm: bytes, phrases: tuple[str, ...] = ()) -> Recognition:
    recognizer.begin(phrases)
    for frame in frames(pcm):
        recognizer.accept(frame)
    return recognizer.finish()


def test_recognised_chinese_has_no_spaces_and_english_keeps_them() -> None:
    assert plain(["明天", "下午", "三", "点"]) == "明天下午三点"
    assert plain(["hello", "world"]) == "hello world"
    assert plain(["[unk]", "可以", "<unk>"]) == "可以"


def heard(word: str, start: float, end: float) -> dict[str, object]:
    return {"word": word, "start": start, "end": end}


def test_confidence_is_the_share_of_readings_that_agree_and_times_begin_with_the_utterance() -> (
    None
):
    keyi, unknown = heard("可以", 10.2, 10.5), heard("[unk]", 10.5, 10.6)
    result: dict[str, object] = {
        "alternatives": [
            {"confidence": 21.5, "result": [keyi, unknown, heard("的", 10.6, 10.8)]},
            {"confidence": 20.0, "result": [keyi, heard("地", 10.6, 10.8)]},
            {"confidence": 20.0, "result": [keyi, heard("的", 10.55, 10.8)]},
        ]
    }
    recognition = recognition_of(result, 10.0)
    assert recognition.text == "可以的"
    certain, likely = recognition.words
    assert certain.confidence == pytest.approx(1.0)
    assert likely.confidence == pytest.approx((math.e + 1) / (math.e + 2))
    assert recognition.confidence == pytest.approx((1.0 + likely.confidence) / 2)
    assert [word.began for word in recognition.words] == pytest.approx([0.2, 0.6])
    assert [each.text for each in recognition.alternatives] == ["可以的", "可以地"]
    assert sum(each.confidence for each in recognition.alternatives) == pytest.approx(1.0)


def test_no_word_is_no_text_without_confidence() -> None:
    silent: dict[str, object] = {"alternatives": [{"confidence": 3.0, "text": ""}]}
    recognition = recognition_of(silent, 0.0)
    assert (recognition.text, recognition.confidence, recognition.words) == ("", 0.0, ())
    assert recognition_of({}, 0.0) == Recognition("", 0.0)


@pytest.mark.vosk
def test_word_times_start_anew_with_every_utterance(model: SpeechModel, speak: Speak) -> None:
    recognizer = model.recognizer()
    pcm = speak("放快递柜吧")
    for _ in range(3):
        recognition = recognise(recognizer, silence(1.0) + pcm)
        assert recognition.text == "放快递柜吧"
        assert recognition.words[0].began == pytest.approx(1.0, abs=0.2)
        assert recognition.words[-1].ended <= 1.0 + seconds(pcm)


@pytest.mark.vosk
def test_engines_are_recycled_before_their_caches_grow(model: SpeechModel, speak: Speak) -> None:
    recognizer = model.recognizer()
    pcm = speak("可以的")
    texts = {recognise(recognizer, pcm).text for _ in range(UTTERANCES_PER_ENGINE + 3)}
    assert texts == {"可以的"}


@pytest.mark.vosk
def test_an_utterance_without_sound_is_empty(model: SpeechModel) -> None:
    recognizer = model.recognizer()
    recognizer.begin()
    assert recognizer.partial() == ""
    assert recognizer.finish() == Recognition("", 0.0)


@pytest.mark.vosk
def test_audio_before_the_beginning_is_a_mistake(model: SpeechModel) -> None:
    recognizer = model.recognizer()
    with pytest.raises(RecognizerError, match="begin"):
        recognizer.accept(silence(0.1))
    with pytest.raises(RecognizerError, match="begin"):
        recognizer.finish()


@pytest.mark.vosk
def test_words_missing_from_the_model_are_reported(model: SpeechModel) -> None:
    assert "龘" in model.recognizer().begin(("放龘柜",)).dropped


@pytest.mark.vosk
@pytest.mark.parametrize("engine_raises_the_rate", [True, False])
def test_a_16_khz_model_hears_telephone_sound(
    engine_raises_the_rate: bool, tmp_path: Path, speak: Speak
) -> None:
    path = tmp_path / "wide"
    shutil.copytree(bundled_model(), path)
    config = path / "conf/mfcc.conf"
    text = config.read_text().replace("=8000", "=16000")
    config.write_text(text + ("--allow-upsample=true\n" if engine_raises_the_rate else ""))
    wide = SpeechModel(path)
    assert wide.files.sample_rate == 16000
    assert wide.engine_rate == (8000 if engine_raises_the_rate else 16000)
    recognition = recognise(wide.recognizer(), speak("明天下午三点以后吧"))
    assert recognition.text == "明天下午三点以后吧"
    assert recognition.words[-1].ended <= seconds(speak("明天下午三点以后吧"))
