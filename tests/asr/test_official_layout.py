"""A model made as official ones are: 16 kHz, i-vectors, words of its own inside the graph."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from asr.engine import Recognizer
from asr.hearing import Recognition
from asr.model_files import ModelError, read_model_files
from asr.model_shelf import check
from asr.recognizer import SpeechModel
from asr.service import start_recognizers
from asr.stream import open_stream
from audio.pcm import frames, seconds

pytestmark = pytest.mark.vosk

MODEL = Path(__file__).parent / "models" / "model-zh-16k"
HEARD = ("可以的", "放快递柜吧", "明天下午三点以后吧", "转人工")

Speak = Callable[[str], bytes]


@pytest.fixture(scope="module")
def official() -> SpeechModel:
    return SpeechModel(MODEL)


def recognise(recognizer: Recognizer, pcm: bytes, phrases: tuple[str, ...] = ()) -> Recognition:
    recognizer.begin(phrases)
    for frame in frames(pcm):
        recognizer.accept(frame)
    return recognizer.finish()


def test_its_words_are_known_only_to_the_engine(official: SpeechModel) -> None:
    files = read_model_files(MODEL)
    assert (files.sample_rate, files.words, files.takes_grammars) == (16000, (), True)
    assert official.grammar(("快递柜",)).entries == ("快递柜",)
    assert official.grammar(("丰巢",)).dropped == ("丰", "巢")


def test_it_hears_telephone_sound_that_was_raised_for_it(
    official: SpeechModel, speak: Speak
) -> None:
    assert official.engine_rate == 16000
    recognizer = official.recognizer()
    for text in HEARD:
        heard = recognise(recognizer, speak(text))
        assert heard.text == text
        assert 0.0 <= heard.words[0].began < heard.words[-1].ended <= seconds(speak(text))


def test_it_hears_the_same_when_the_engine_raises_the_rate(tmp_path: Path, speak: Speak) -> None:
    path = tmp_path / "raising"
    shutil.copytree(MODEL, path)
    with (path / "conf/mfcc.conf").open("a") as config:
        config.write("--allow-upsample=true\n")
    model = SpeechModel(path)
    assert model.engine_rate == 8000
    recognizer = model.recognizer()
    assert [recognise(recognizer, speak(text)).text for text in HEARD] == list(HEARD)


def test_a_grammar_is_cut_into_its_own_words_and_rejects_the_rest(
    official: SpeechModel, speak: Speak
) -> None:
    grammar = official.grammar(("明天下午三点", "放快递柜"))
    assert grammar.entries == ("明天 下午 三 点", "放 快递柜")
    recognizer = official.recognizer()
    assert recognise(recognizer, speak("放快递柜"), ("明天下午三点", "放快递柜")).text == "放快递柜"
    assert recognise(recognizer, speak("你打错了"), ("明天下午三点", "放快递柜")).text == ""


def test_a_phrase_with_a_word_it_lacks_is_written_otherwise(
    official: SpeechModel, speak: Speak
) -> None:
    grammar = official.grammar(("尾号幺三五幺",))
    assert grammar.entries == ("尾号 一 三 五 一",)
    assert grammar.dropped == ()
    heard = recognise(official.recognizer(), speak("尾号一三五一"), ("尾号幺三五幺",))
    assert heard.text == "尾号一三五一"


def test_the_speaker_it_is_told_of_changes_what_the_network_says(
    official: SpeechModel, tmp_path: Path, speak: Speak
) -> None:
    other = tmp_path / "other"
    shutil.copytree(MODEL, other)
    mean = (MODEL / "ivector/global_cmvn.stats").read_bytes()
    extractor = bytearray((MODEL / "ivector/final.ie").read_bytes())
    offset = extractor.rindex(b"<IvectorOffset>") + len(b"<IvectorOffset> ") + 1
    extractor[offset : offset + 8] = bytes(8)
    (other / "ivector/final.ie").write_bytes(bytes(extractor))
    assert mean == (other / "ivector/global_cmvn.stats").read_bytes()
    pcm = speak("明天下午三点以后吧")
    known = recognise(official.recognizer(), pcm)
    mistaken = recognise(SpeechModel(other).recognizer(), pcm)
    assert known != mistaken


def test_a_missing_part_of_the_speaker_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / "halved"
    shutil.copytree(MODEL, path)
    (path / "ivector/final.dubm").unlink()
    with pytest.raises(ModelError, match=r"ivector/final\.dubm"):
        read_model_files(path)
    shutil.rmtree(path / "ivector")
    with pytest.raises(ModelError, match=r"ivector/final\.ie"):
        read_model_files(path)


def test_the_shelf_finds_it_sound() -> None:
    found = check(MODEL)
    assert found.problem == ""
    assert found.path == MODEL


def test_a_recogniser_service_hears_with_it(speak: Speak, sockets_directory: Path) -> None:
    async def talk() -> list[Recognition]:
        async with await start_recognizers(MODEL, 1, sockets_directory) as recognizers:
            stream = await open_stream(recognizers.sockets)
            found = []
            for text, phrases in ((HEARD[1], ()), (HEARD[0], ("可以的", "不用了"))):
                await stream.begin(phrases)
                for frame in frames(speak(text)):
                    await stream.accept(frame)
                found.append(await stream.finish())
            await stream.close()
            return found

    assert [heard.text for heard in asyncio.run(talk())] == [HEARD[1], HEARD[0]]
