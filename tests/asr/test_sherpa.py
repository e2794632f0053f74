from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from asr.engine import RecognitionModel, Recognizer, RecognizerError
from asr.engines import open_model
from asr.enquiry import prepare
from asr.hearing import Recognition
from asr.model_files import EngineName, ModelError, bundled_model, read_model_files
from asr.model_shelf import check, inspect
from asr.service import start_recognizers
from asr.sherpa import UNTOLD_CONFIDENCE, recognition_of_json
from asr.sherpa_files import SherpaFilesError, SherpaKind, onnx_properties, read_sherpa_files
from asr.stream import open_stream
from audio.pcm import FRAME_SECONDS, frames, seconds, silence

Speak = Callable[..., bytes]
MODEL = Path(__file__).parent / "models/sherpa-test"
SENTENCES = ("可以的", "放快递柜吧", "下午三点以后", "我不在家", "再说一遍")


@pytest.fixture(scope="module")
def sherpa() -> RecognitionModel:
    """Return the model of these tests, loaded once."""
    return open_model(MODEL)


def recognise(recognizer: Recognizer, pcm: bytes) -> tuple[Recognition, list[str]]:
    recognizer.begin()
    partials = [""]
    for frame in frames(pcm):
        recognizer.accept(frame)
        if recognizer.partial() != partials[-1]:
            partials.append(recognizer.partial())
    return recognizer.finish(), partials


def result(tokens: list[str], times: list[float], **others: object) -> str:
    text = "".join(tokens).replace("\u2581", " ").strip()
    return json.dumps({"text": text, "tokens": tokens, "timestamps": times, **others})


@pytest.mark.vosk
@pytest.mark.parametrize("voice", ["cmn-latn-pinyin", "cmn-latn-pinyin+f4"])
def test_a_streaming_model_hears_whole_sentences(
    voice: str, sherpa: RecognitionModel, speak: Speak
) -> None:
    recognizer = sherpa.recognizer()
    for text in SENTENCES:
        recognition, partials = recognise(recognizer, silence(0.2) + speak(text, voice=voice))
        assert recognition.text == text
        assert text.startswith(partials[-1])
    assert len(partials) > 1


@pytest.mark.vosk
def test_word_times_count_from_the_utterance_and_end_with_the_sound(
    sherpa: RecognitionModel, speak: Speak
) -> None:
    pcm = silence(1.0) + speak("放门口")
    recognizer = sherpa.recognizer()
    for _ in range(2):
        words = recognise(recognizer, pcm)[0].words
        assert [word.text for word in words] == ["放", "门", "口"]
        assert 0.9 < words[0].began < words[1].began < words[2].began
        assert words[-1].ended <= seconds(pcm) + FRAME_SECONDS
        assert {word.confidence for word in words} == {UNTOLD_CONFIDENCE}


@pytest.mark.vosk
def test_a_discarded_utterance_leaves_nothing_and_none_is_empty(
    sherpa: RecognitionModel, speak: Speak
) -> None:
    recognizer = sherpa.recognizer()
    recognizer.begin()
    recognizer.accept(speak("你打错了"))
    recognizer.discard()
    assert recognise(recognizer, speak("可以的"))[0].text == "可以的"
    assert recognise(recognizer, b"")[0] == Recognition("", 0.0)
    with pytest.raises(RecognizerError, match="begin"):
        recognizer.accept(silence(0.1))


@pytest.mark.vosk
def test_the_service_hears_with_it_as_with_any_model(speak: Speak, sockets_directory: Path) -> None:
    async def talk() -> list[str]:
        async with await start_recognizers(MODEL, 1, sockets_directory) as recognizers:
            await prepare(recognizers.sockets, [("可以", "不可以")])
            streams = [await open_stream(recognizers.sockets) for _ in SENTENCES]

            async def say(place: int) -> str:
                await streams[place].begin(("可以", "不可以"))
                for frame in frames(speak(SENTENCES[place])):
                    await streams[place].accept(frame)
                return (await streams[place].finish()).text

            texts = await asyncio.gather(*map(say, range(len(SENTENCES))))
            for stream in streams:
                await stream.close()
            return list(texts)

    assert tuple(asyncio.run(talk())) == SENTENCES


@pytest.mark.vosk
def test_the_shelf_checks_it_and_says_what_it_is(tmp_path: Path) -> None:
    model = check(MODEL)
    assert (model.problem, model.sample_rate, model.takes_grammars) == ("", 8000, False)
    assert read_model_files(MODEL).engine is EngineName.SHERPA
    assert read_model_files(bundled_model()).engine is EngineName.VOSK
    damaged = tmp_path / "damaged"
    shutil.copytree(MODEL, damaged)
    (damaged / "tokens.txt").write_text("not 0\ntokens 1\n")
    assert check(damaged).problem


def test_a_model_whose_engine_is_not_installed_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "sherpa_onnx.py").write_text("raise ImportError('not here')\n")
    done = subprocess.run(
        [sys.executable, "-m", "asr.smoke", str(MODEL)],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"},
    )
    assert done.returncode == 1
    assert "pip install 'menling[sherpa]'" in done.stdout


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("encoder.onnx", "decoder.onnx", "joiner.onnx"), SherpaKind.TRANSDUCER),
        (("encoder.int8.onnx", "decoder.int8.onnx"), SherpaKind.PARAFORMER),
    ],
)
def test_models_in_parts_are_known_by_their_parts(
    names: tuple[str, ...], kind: SherpaKind, tmp_path: Path
) -> None:
    for name in (*names, "tokens.txt"):
        (tmp_path / name).write_bytes(b"x")
    files = read_sherpa_files(tmp_path)
    assert (files.kind, files.sample_rate) == (kind, 16000)
    assert {path.name for path in files.parts.values()} == set(names)


def test_of_several_networks_for_a_part_the_8_bit_one_is_taken(tmp_path: Path) -> None:
    for name in ("encoder-9.onnx", "encoder-9.int8.onnx", "decoder-9.onnx", "tokens.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert read_sherpa_files(tmp_path).parts["encoder"].name == "encoder-9.int8.onnx"


@pytest.mark.parametrize(
    ("properties", "kind"),
    [
        ({"frame_length_ms": "300", "state_dim": "9", "sample_rate": "8000"}, SherpaKind.T_ONE),
        ({"cache_last_channel_dim1": "17", "window_size": "65"}, SherpaKind.NEMO),
        ({"cnn_module_kernel": "15", "right_context": "6", "num_blocks": "12"}, SherpaKind.WENET),
        ({"decode_chunk_len": "32", "num_encoder_layers": "2,2"}, SherpaKind.ZIPFORMER),
    ],
)
def test_models_in_one_file_are_known_by_their_metadata(
    properties: dict[str, str], kind: SherpaKind, tmp_path: Path
) -> None:
    (tmp_path / "tokens.txt").write_text("<blk> 0\n")
    (tmp_path / "model.onnx").write_bytes(onnx_with(properties))
    files = read_sherpa_files(tmp_path)
    assert files.kind is kind
    assert files.sample_rate == (8000 if kind is SherpaKind.T_ONE else 16000)


def onnx_with(properties: dict[str, str]) -> bytes:
    """Return an ONNX file with this metadata and an empty graph."""

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    version, graph = b"\x08\x08", field(7, b"")
    entries = (field(1, k.encode()) + field(2, v.encode()) for k, v in properties.items())
    return version + graph + b"".join(field(14, entry) for entry in entries)


def test_the_metadata_of_a_real_file_is_read() -> None:
    assert onnx_properties(MODEL / "t-one.onnx")["frame_length_ms"] == "300"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"model.onnx": b""}, "tokens.txt is missing"),
        ({"model.onnx": b"", "tokens.txt": b"x"}, "empty"),
        ({"model.onnx": b"\x0b\xff\xff", "tokens.txt": b"x"}, "damaged"),
        ({"model.onnx": b"\x3a\x7f", "tokens.txt": b"x"}, "damaged"),
        ({"model.onnx": b"\xff" * 12, "tokens.txt": b"x"}, "damaged"),
        ({"model.onnx": onnx_with({"model_type": "whisper"}), "tokens.txt": b"x"}, "whole files"),
        ({"encoder.onnx": b"x", "tokens.txt": b"x"}, "for encoder only"),
    ],
)
def test_what_is_no_streaming_model_is_refused_by_name(
    files: dict[str, bytes], message: str, tmp_path: Path
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SherpaFilesError, match=message):
        read_sherpa_files(tmp_path)
    assert message in inspect(tmp_path).problem
    with pytest.raises(ModelError, match="can't be used"):
        open_model(tmp_path)


def test_tokens_of_words_are_put_together_and_hanzi_stand_alone() -> None:
    text = result(["\u2581he", "llo", "你", "好"], [0.2, 0.4, 0.8, 1.0])
    recognition = recognition_of_json(text, 1.2)
    assert recognition.text == "hello你好"
    assert [word.text for word in recognition.words] == ["hello", "你", "好"]
    assert [word.began for word in recognition.words] == [0.2, 0.8, 1.0]
    assert [word.ended for word in recognition.words] == [0.8, 1.0, 1.2]


def test_told_probabilities_become_confidences() -> None:
    text = result(["可", "以"], [0.2, 0.4], ys_probs=[-0.1, -0.3])
    recognition = recognition_of_json(text, 1.0)
    assert [word.confidence for word in recognition.words] == pytest.approx(
        [0.9048, 0.7408], abs=1e-3
    )
    assert recognition.confidence == pytest.approx(0.8228, abs=1e-3)


def test_no_token_is_no_text() -> None:
    assert recognition_of_json(result([], []), 1.0) == Recognition("", 0.0)
