from __future__ import annotations

import struct
import wave
from pathlib import Path

import pytest

from audio.level import tone
from audio.pcm import silence
from audio.wav import (
    HEADER_BYTES,
    StereoRecording,
    WavError,
    append_chunks,
    read_chunk,
    read_stereo,
    read_wav,
    write_wav,
)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    pcm = tone(1000.0, 0.3)
    write_wav(tmp_path / "tone.wav", pcm)
    assert read_wav(tmp_path / "tone.wav") == pcm
    assert [each.name for each in tmp_path.iterdir()] == ["tone.wav"]


def test_a_wav_of_another_shape_is_refused_with_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "music.wav"
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(44100)
        wav.writeframes(bytes(400))
    with pytest.raises(WavError, match=r"44100 Hz.*sox"):
        read_wav(path)


def test_a_file_that_is_no_wav_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "note.wav"
    path.write_text("not sound")
    with pytest.raises(WavError, match=r"note\.wav"):
        read_wav(path)


def test_a_recording_keeps_both_sides_apart(tmp_path: Path) -> None:
    callee, menling = tone(500.0, 0.1), tone(900.0, 0.06)
    with StereoRecording(tmp_path / "calls" / "1.wav") as recording:
        recording.write(callee, menling)
    left, right = read_stereo(tmp_path / "calls" / "1.wav")
    assert left == callee
    assert right == menling + silence(0.04)


def test_a_telephone_wav_is_no_recording_of_two_sides(tmp_path: Path) -> None:
    write_wav(tmp_path / "one.wav", silence(0.1))
    with pytest.raises(WavError, match="two-sided"):
        read_stereo(tmp_path / "one.wav")


@pytest.mark.parametrize("pcm", [tone(1000.0, 0.3), silence(0.3)])
@pytest.mark.parametrize("told", [0, 160, 1_000_000])
def test_samples_that_the_header_of_a_broken_recording_does_not_tell_of_are_heard(
    tmp_path: Path, told: int, pcm: bytes
) -> None:
    path = tmp_path / "call.wav"
    write_wav(path, pcm)
    with path.open("r+b") as file:
        file.seek(HEADER_BYTES - 4)
        file.write(struct.pack("<I", told))
    append_chunks(path, [(b"NOTE", b"odd")])
    append_chunks(path, [(b"MORE", b"even")])
    assert read_wav(path) == pcm
    assert (read_chunk(path, b"NOTE"), read_chunk(path, b"MORE")) == (b"odd", b"even")
