"""The mark of AI-generated speech: in the file, and in nobody's way."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

from audio.aigc import Mark, mark_file, mark_of, marks
from audio.pcm import silence
from audio.wav import (
    StereoRecording,
    WavError,
    append_chunks,
    read_chunk,
    read_stereo,
    read_wav,
    write_wav,
)

MARK = Mark("00119131000000000000X10001", "sentence-1")


def test_a_marked_sound_names_its_maker_and_sounds_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, silence(0.5), marks(MARK))
    assert mark_of(path) == MARK
    assert read_wav(path) == silence(0.5)
    label = json.loads(read_chunk(path, b"AIGC") or b"")
    assert label == {
        "Label": "1",
        "ContentProducer": MARK.producer,
        "ProduceID": "sentence-1",
        "ReservedCode1": "",
        "ContentPropagator": MARK.producer,
        "PropagateID": "sentence-1",
        "ReservedCode2": "",
    }
    assert b"AI-generated speech" in (read_chunk(path, b"LIST") or b"")


def test_the_file_stays_a_whole_riff_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, silence(0.1), marks(MARK))
    content = path.read_bytes()
    assert int.from_bytes(content[4:8], "little") == len(content) - 8
    assert len(content) % 2 == 0
    assert content[36:40] == b"data"


def test_a_recording_of_both_sides_is_marked_when_it_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    with StereoRecording(path) as recording:
        recording.write(silence(1.0), silence(0.5))
    mark_file(path, MARK)
    once = path.read_bytes()
    mark_file(path, Mark("somebody", "else"))
    assert path.read_bytes() == once
    assert mark_of(path) == MARK
    assert read_stereo(path) == (silence(1.0), silence(1.0))


def test_values_hold_only_what_the_standard_allows(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, silence(0.1), marks(Mark('顺达 "快递"\\', "a b")))
    assert mark_of(path) == Mark("_", "a_b")
    write_wav(path, silence(0.1), marks(Mark("", "1")))
    assert mark_of(path) == Mark("Menling", "1")


def test_sound_without_a_mark_or_with_an_unreadable_one_has_none(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, silence(0.1))
    assert mark_of(path) is None
    append_chunks(path, [(b"AIGC", b"not JSON")])
    assert mark_of(path) is None


def test_what_is_no_wav_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"just words")
    with pytest.raises(WavError, match="not a WAV"):
        mark_file(path, MARK)
    with pytest.raises(WavError, match="not a WAV"):
        append_chunks(path, marks(MARK))
    assert path.read_bytes() == b"just words"


def test_odd_chunks_are_padded_and_skipped_over(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    write_wav(path, silence(0.1), [(b"odd ", b"abc"), (b"next", b"de")])
    assert read_chunk(path, b"odd ") == b"abc"
    assert read_chunk(path, b"next") == b"de"
    assert read_chunk(path, b"none") is None
    with wave.open(str(path)) as wav:
        assert wav.getnframes() == 800
