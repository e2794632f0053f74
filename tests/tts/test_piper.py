"""Piper voices, with the smallest voice that Piper takes: a tone for every sound it is given."""

from __future__ import annotations

import asyncio
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from audio.aigc import mark_of
from audio.level import samples, strongest_tone
from audio.pcm import seconds
from audio.wav import read_wav
from campaigns.host import voices_of
from campaigns.settings import SettingsError, load_settings
from tts.cache import Cache
from tts.loudness import LOUD_DB, SPEECH_DBOV, active_level
from tts.piper import PiperSynthesizer, pinyin_ids
from tts.service import start_synthesizer
from tts.speaker import Speaker
from tts.speech import Manner, SpeechError, Voice, VoiceEngine

INT64, FLOAT = 7, 1
SAMPLES_A_SOUND = 900.0


def field(number: int, value: int | bytes | str) -> bytes:
    """Return one field of a protocol buffer."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    more = bytearray()
    while value > 127:
        more.append(value & 127 | 128)
        value >>= 7
    return bytes([*more, value])


def node(kind: str, inputs: str, output: str, **attributes: int) -> bytes:
    content = b"".join(field(1, name) for name in inputs.split()) + field(2, output)
    content += field(4, kind)
    for name, value in attributes.items():
        content += field(5, field(1, name) + field(3, value) + field(20, 2))
    return field(1, content)


def constant(name: str, kind: int, raw: bytes, *dims: int) -> bytes:
    shape = b"".join(field(1, dim) for dim in dims)
    return field(5, shape + field(2, kind) + field(8, name) + field(9, raw))


def port(number: int, name: str, kind: int, *dims: str) -> bytes:
    shape = b"".join(field(1, field(2, dim)) for dim in dims)
    return field(number, field(1, name) + field(2, field(1, field(1, kind) + field(2, shape))))


def tone_voice() -> bytes:
    """Return a network with the inputs and output of a Piper voice (ONNX).

    It hums as long as there are sounds to say, times the length scale, and as high as they mean.
    """
    graph = b"".join(
        (
            node("Gather", "scales one", "length_scale"),
            node("Cast", "input_lengths", "sounds", to=FLOAT),
            node("Mul", "sounds length_scale", "stretched"),
            node("Mul", "stretched per_sound", "samples"),
            node("Squeeze", "samples", "end"),
            node("Range", "zero end step", "at"),
            node("Cast", "input", "ids", to=FLOAT),
            node("ReduceMean", "ids", "mean", keepdims=0),
            node("Mul", "mean turn", "turns"),
            node("Mul", "at turns", "phase"),
            node("Sin", "phase", "wave"),
            node("Mul", "wave quiet", "sound"),
            node("Unsqueeze", "sound axes", "output"),
            field(2, "tone"),
            constant("one", INT64, struct.pack("<q", 1)),
            constant("axes", INT64, struct.pack("<2q", 0, 1), 2),
            *(
                constant(name, FLOAT, struct.pack("<f", value))
                for name, value in (
                    *(("per_sound", SAMPLES_A_SOUND), ("zero", 0.0), ("step", 1.0)),
                    *(("turn", 0.004), ("quiet", 0.2)),
                )
            ),
            port(11, "input", INT64, "batch", "sounds"),
            port(11, "input_lengths", INT64, "batch"),
            port(11, "scales", FLOAT, "three"),
            port(12, "output", FLOAT, "batch", "channel", "time"),
        )
    )
    return field(1, 8) + field(8, field(1, "") + field(2, 13)) + field(7, graph)


SOUNDS = " !',-.:;?abcdefghijklmnopqrstuvwxyzæɐɑɒɔəɚɛɜɡɪŋɹɾʃʊʌʒθðχɕʈʂʐˈˌː12345ɨø̩y5̪ʰ"
ESPEAK_IDS = {"_": [0], "^": [1], "$": [2], **{char: [n + 3] for n, char in enumerate(SOUNDS)}}


def piper_voice(folder: Path, name: str = "zh", **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "audio": {"sample_rate": 22050},
        "espeak": {"voice": "cmn"},
        "phoneme_type": "espeak",
        "num_symbols": 128,
        "num_speakers": 1,
        "inference": {"noise_scale": 0.6, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_id_map": ESPEAK_IDS,
    }
    path = folder / f"{name}.onnx"
    path.write_bytes(tone_voice())
    path.with_name(f"{name}.onnx.json").write_text(json.dumps({**settings, **changes}), "utf-8")
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return piper_voice(tmp_path_factory.mktemp("voices"))


@pytest.fixture(scope="module")
def synthesizer() -> PiperSynthesizer:
    return PiperSynthesizer()


def voice_of(file: Path, **changes: Any) -> Voice:
    return Voice(**{"name": str(file), "engine": VoiceEngine.PIPER, **changes})


def test_a_voice_file_speaks_at_our_loudness(file: Path, synthesizer: PiperSynthesizer) -> None:
    for manner, level in ((Manner(), SPEECH_DBOV), (Manner(loud=True), SPEECH_DBOV + LOUD_DB)):
        heard = synthesizer.speak("您好,请问您明天方便收件吗?", voice_of(file), manner)
        assert seconds(heard) > 1.0
        assert active_level(samples(heard)) == pytest.approx(level, abs=0.3)


def test_it_speaks_slower_by_its_own_means(file: Path, synthesizer: PiperSynthesizer) -> None:
    usual = synthesizer.speak("您明天方便收件吗?", voice_of(file))
    slow = synthesizer.speak("您明天方便收件吗?", voice_of(file), Manner(slow=True))
    assert seconds(slow) / seconds(usual) == pytest.approx(4 / 3, rel=0.05)
    assert strongest_tone(slow).hz == pytest.approx(strongest_tone(usual).hz, abs=25)
    hasty = synthesizer.speak("您明天方便收件吗?", voice_of(file, rate=400))
    assert seconds(hasty) / seconds(usual) == pytest.approx(1 / 2, rel=0.1)


def test_our_readings_count_in_its_voices_too(file: Path, synthesizer: PiperSynthesizer) -> None:
    """The voice hums a word by its sounds: 重 in 重庆 sounds like 虫, in 重量 like 众."""
    said = {text: synthesizer.speak(text, voice_of(file)) for text in ("重庆", "虫庆", "众庆")}
    assert said["重庆"] == said["虫庆"]
    assert said["重庆"] != said["众庆"]


def test_a_voice_trained_on_pinyin_is_given_pinyin(
    tmp_path: Path, synthesizer: PiperSynthesizer
) -> None:
    ids = {"_": [0], "^": [1], "$": [2], "n": [10], "in": [45], "2": [65], "h": [14], "ao": [32]}
    ids |= {"3": [66], "\xd8": [3], "er": [62], "?": [70]}
    assert pinyin_ids("nin2 hao3?", ids) == [1, 10, 45, 65, 0, 14, 32, 66, 0, 70, 0, 2]
    assert pinyin_ids("er2", ids) == [1, 3, 62, 65, 0, 2]
    file = piper_voice(tmp_path, phoneme_type="pinyin", phoneme_id_map=ids)
    assert seconds(synthesizer.speak("您好?", voice_of(file))) == pytest.approx(0.6, abs=0.1)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda file: file.unlink(), "is not there"),
        (lambda file: file.with_name(f"{file.name}.json").unlink(), "is not there"),
        (lambda file: file.write_bytes(b"no network"), "not a Piper voice"),
        (lambda file: file.with_name(f"{file.name}.json").write_text("{}"), "not a Piper voice"),
    ],
)
def test_a_voice_file_that_cannot_be_used_is_named(
    tmp_path: Path, synthesizer: PiperSynthesizer, damage: Any, told: str
) -> None:
    file = piper_voice(tmp_path)
    damage(file)
    with pytest.raises(SpeechError, match=told):
        synthesizer.speak("您好。", voice_of(file))


def test_what_has_no_sound_in_the_voice_is_an_error(
    tmp_path: Path, synthesizer: PiperSynthesizer
) -> None:
    file = piper_voice(tmp_path, phoneme_id_map={"_": [], "^": [], "$": []})
    with pytest.raises(SpeechError, match="Piper"):
        synthesizer.speak("您好。", voice_of(file))


@pytest.mark.tts
def test_it_speaks_in_the_killable_process_beside_the_other_engine(
    file: Path, tmp_path: Path
) -> None:
    voices = (voice_of(file), Voice("en-US", "gmw/en-US"))
    handle = start_synthesizer(
        tmp_path, tmp_path / "socket", tmp_path / "cache", voices, producer="Shunda"
    )
    try:
        mandarin, english = (
            Speaker(handle.socket, Cache(tmp_path / "cache"), voice) for voice in voices
        )
        spoken = asyncio.run(mandarin.wav("您好,我是门铃。"))
        assert active_level(samples(read_wav(spoken))) == pytest.approx(SPEECH_DBOV, abs=0.3)
        mark = mark_of(spoken)
        assert mark is not None
        assert mark.producer == "Shunda"
        assert seconds(read_wav(asyncio.run(english.wav("Your parcel is here.")))) > 0.5
    finally:
        handle.stop()


def test_the_settings_name_the_voice_file(file: Path, tmp_path: Path) -> None:
    settings = tmp_path / "menling.toml"
    settings.write_text(f"[speech]\nengine = 'piper'\nvoice_file = '{file}'\n", "utf-8")
    voices = voices_of(load_settings(settings))
    assert (voices["zh-CN"].engine, voices["zh-CN"].name) == (VoiceEngine.PIPER, str(file))
    assert voices["en-US"].engine is VoiceEngine.PYTTSX3
    settings.write_text("[speech]\nengine = 'piper'\nvoice_file = 'gone.onnx'\n", "utf-8")
    with pytest.raises(SettingsError, match=r"gone\.onnx"):
        voices_of(load_settings(settings))
    settings.write_text("[speech]\nengine = 'piper'\n", "utf-8")
    with pytest.raises(SettingsError, match="voice_file"):
        load_settings(settings)


def test_another_file_of_the_same_name_is_another_voice(file: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    old, new = voice_of(file, edition="1"), voice_of(file, edition="2")
    assert cache.path("您好。", old) != cache.path("您好。", new)
