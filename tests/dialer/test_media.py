from __future__ import annotations

import threading
from pathlib import Path

import pytest

from audio.pcm import SILENCE
from audio.wav import read_stereo
from dialer.media import START_FRAMES, Playback, Playlist, Recorder, Recording, frames_of

A = Playback(1, Path("a.wav"), 2)
B = Playback(2, Path("b.wav"), 1)


def test_a_begun_frame_counts() -> None:
    assert [frames_of(size) for size in (0, 1, 320, 321)] == [0, 1, 1, 2]


def test_a_playback_ends_after_its_last_frame_and_the_next_one_follows() -> None:
    playlist = Playlist()
    playlist.add(A)
    playlist.add(B)
    assert playlist.start_next() == A
    assert playlist.start_next() is None
    playlist.ticks_passed(START_FRAMES + A.frames - 1)
    assert playlist.finish() is None
    playlist.ticks_passed(1)
    assert playlist.finish() == A
    assert playlist.finish() is None
    assert playlist.start_next() == B
    playlist.ticks_passed(START_FRAMES + B.frames)
    assert playlist.finish() == B
    assert playlist.start_next() is None


def test_a_cleared_playlist_plays_and_ends_nothing() -> None:
    playlist = Playlist()
    playlist.add(A)
    playlist.add(B)
    playlist.start_next()
    playlist.clear()
    playlist.ticks_passed(20)
    assert playlist.finish() is None
    assert playlist.start_next() is None


def test_ticks_that_were_over_before_a_playback_do_not_shorten_it() -> None:
    playlist = Playlist()
    playlist.add(A)
    assert playlist.start_next(ticks_pending=3) == A
    playlist.ticks_passed(3)
    playlist.ticks_passed(A.frames)
    assert playlist.finish() is None
    playlist.ticks_passed(START_FRAMES)
    assert playlist.finish() == A


def test_a_playback_that_can_not_be_played_ends_at_once() -> None:
    playlist = Playlist()
    playlist.add(A)
    playlist.start_next()
    playlist.abandon()
    assert playlist.finish() == A


def frame(value: int) -> bytes:
    return value.to_bytes(2, "little") * 160


def test_both_sides_of_a_tick_are_written_side_by_side(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.start()
    wav = tmp_path / "new folder" / "call.wav"
    recording = Recording(recorder, wav)
    recording.add(frame(1) + SILENCE, frame(2) + frame(3))
    recording.flush()
    recording.flush()
    recording.add(frame(4), SILENCE)
    complete = threading.Event()
    recording.close(complete.set)
    assert complete.wait(5)
    assert read_stereo(wav) == (
        frame(1) + SILENCE + frame(4),
        frame(2) + frame(3) + SILENCE,
    )
    recorder.stop()


def test_recordings_left_open_are_finished_when_the_recorder_stops(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.start()
    recorder.write(tmp_path / "a.wav", frame(1), frame(2))
    recorder.stop()
    assert read_stereo(tmp_path / "a.wav") == (frame(1), frame(2))


def test_a_recording_that_can_not_be_written_is_told_once_and_ends_like_any_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    recorder = Recorder()
    recorder.start()
    recording = Recording(recorder, tmp_path / "file" / "call.wav")
    for _ in range(3):
        recording.add(frame(1), SILENCE)
        recording.flush()
    complete = threading.Event()
    recording.close(complete.set)
    assert complete.wait(5)
    recorder.stop()
    assert len(caplog.records) == 1
    assert "make room on the disk or correct its permissions" in caplog.text
