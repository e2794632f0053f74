"""A waveform shows both sides of a call where they were loud."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from console.web.waveform import HALF, WaveformError, drawing_of, waveform_of

RATE = 8000


def recording(path: Path, *sides: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(sides))
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.stack(sides, axis=1).astype("<i2").tobytes())
    return path


def loud(seconds: float, began: float, ended: float, level: int) -> np.ndarray:
    side = np.zeros(round(seconds * RATE))
    side[round(began * RATE) : round(ended * RATE)] = level
    return side


def test_each_side_is_loud_where_it_spoke(tmp_path: Path) -> None:
    file = recording(tmp_path / "1.wav", loud(10, 0, 5, 16384), loud(10, 5, 10, -32768))
    waveform = waveform_of(file, points=10)
    assert waveform.seconds == 10.0
    assert waveform.callee == (0.5,) * 5 + (0.0,) * 5
    assert waveform.menling == (0.0,) * 5 + (1.0,) * 5


def test_a_long_recording_is_read_in_blocks_and_loses_no_peak(tmp_path: Path) -> None:
    side = np.zeros(200 * RATE)
    for second in range(0, 200, 10):
        side[second * RATE] = 8192
    waveform = waveform_of(recording(tmp_path / "long.wav", side, side), points=200)
    assert [place for place, peak in enumerate(waveform.callee) if peak] == list(range(0, 200, 10))


@pytest.mark.parametrize("samples", [1, 7, 899, 901, 1801])
def test_a_recording_of_any_length_is_drawn_to_its_end(tmp_path: Path, samples: int) -> None:
    side = np.zeros(samples)
    side[-1] = 32767
    waveform = waveform_of(recording(tmp_path / f"{samples}.wav", side, side))
    assert waveform.callee[-1] > 0.99
    assert len(waveform.callee) <= 900


def test_an_empty_recording_has_an_empty_waveform(tmp_path: Path) -> None:
    waveform = waveform_of(recording(tmp_path / "0.wav", np.zeros(0), np.zeros(0)))
    assert (waveform.seconds, waveform.callee) == (0.0, ())
    assert "<svg" in drawing_of(waveform, "nothing")


def test_a_clip_of_one_side_is_drawn_on_both_halves(tmp_path: Path) -> None:
    waveform = waveform_of(recording(tmp_path / "clip.wav", loud(1, 0, 1, 32767)), points=2)
    assert waveform.menling == ()
    assert f"V{2 * HALF - 0.5:.1f}" in drawing_of(waveform, "clip")


def test_a_recording_that_grew_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "1.wav"
    recording(path, loud(1, 0, 1, 100), loud(1, 0, 1, 100))
    assert waveform_of(path).seconds == 1.0
    recording(path, loud(2, 0, 2, 100), loud(2, 0, 2, 100))
    assert waveform_of(path).seconds == 2.0


def test_what_is_no_recording_of_ours_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("not sound")
    with pytest.raises(WaveformError, match=r"text\.wav"):
        waveform_of(tmp_path / "text.wav")
    with pytest.raises(WaveformError, match=r"missing\.wav"):
        waveform_of(tmp_path / "missing.wav")
    three = recording(tmp_path / "three.wav", *[np.zeros(8)] * 3)
    with pytest.raises(WaveformError, match="one or two channels"):
        waveform_of(three)
