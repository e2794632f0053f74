"""How a worker speaks, and what it notes in the recordings of calls."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from audio.aigc import mark_of
from audio.pcm import silence
from audio.wav import StereoRecording, write_wav
from campaigns.settings import load_settings
from campaigns.speaking import SpeechSource, mark_recording, prepare_speech, speech_from
from tts.recordings import MANIFEST
from tts.speaker import Speaker
from tts.speech import Piece, SpeechError, Voice


@pytest.fixture
def source(tmp_path: Path) -> SpeechSource:
    return SpeechSource(tmp_path / "socket", tmp_path / "cache", tmp_path / "prompts", "Shunda")


def test_without_recordings_the_synthesiser_says_everything(source: SpeechSource) -> None:
    assert isinstance(speech_from(source, Voice()), Speaker)


def test_what_is_recorded_is_said_without_the_synthesiser(source: SpeechSource) -> None:
    wav = source.recordings / "zh-CN" / "survey" / "goodbye.wav"
    wav.parent.mkdir(parents=True)
    write_wav(wav, silence(0.5))
    (source.recordings / MANIFEST).write_text(
        "zh-CN/survey/goodbye.wav: {says: 再见。, digest: abc}", "utf-8"
    )
    speech = speech_from(source, Voice())
    spoken = speech.wav("再见。", pieces=(Piece("再见。", "survey/goodbye"),))
    assert asyncio.run(spoken) == wav


def test_a_library_that_cannot_be_read_stops_the_call_before_it_rings(
    source: SpeechSource, caplog: pytest.LogCaptureFixture
) -> None:
    source.recordings.mkdir()
    (source.recordings / MANIFEST).write_text("{", "utf-8")
    prepare_speech(source)
    assert "menling speech import" in caplog.text
    with pytest.raises(SpeechError, match="menling speech import"):
        speech_from(source, Voice())


def test_a_recorded_call_says_who_made_the_synthetic_voice_in_it(tmp_path: Path) -> None:
    path = tmp_path / "12.wav"
    with StereoRecording(path) as recording:
        recording.write(silence(0.2), silence(0.2))
    mark_recording(path, 12, "Shunda")
    mark = mark_of(path)
    assert mark is not None
    assert mark.producer == "Shunda"
    assert mark.produce_id.startswith("call-12-")


def test_a_call_without_a_recording_or_with_a_broken_one_ends_as_well(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    mark_recording(None, 1, "Shunda")
    mark_recording(tmp_path / "none.wav", 1, "Shunda")
    assert caplog.text == ""
    (tmp_path / "broken.wav").write_bytes(b"broken")
    mark_recording(tmp_path / "broken.wav", 1, "Shunda")
    assert "could not be marked" in caplog.text


def test_recordings_and_voices_are_looked_for_beside_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "menling.toml"
    file.write_text("[speech]\nrecordings = 'studio'\n", "utf-8")
    assert load_settings(file).prompt_recordings_dir == tmp_path / "studio"
    file.write_text("[paths]\ndata_dir = 'data'\n", "utf-8")
    assert load_settings(file).prompt_recordings_dir == tmp_path / "data" / "prompts"


@pytest.mark.parametrize("producer", ["", "顺达", "two words", 'a"b'])
def test_a_producer_that_the_mark_cannot_hold_is_refused(tmp_path: Path, producer: str) -> None:
    file = tmp_path / "menling.toml"
    file.write_text(f"[speech]\nproducer = '{producer}'\n", "utf-8")
    with pytest.raises(ValueError, match="producer"):
        load_settings(file)
