from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from asr.training.language import Clip, PhoneSet
from asr.training.takes import (
    Take,
    aligned,
    good_size,
    read_takes,
    resample,
    take_of,
    write_takes,
)

PHONES = PhoneSet({"SIL": 1, "b": 1, "a": 2})


def clip(rate: int = 16000) -> Clip:
    times = np.arange(rate) / rate
    pcm = (8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
    segments = (("SIL", 0.0, 0.2), ("b", 0.2, 0.3), ("a", 0.3, 0.7))
    return Clip(pcm, rate, "八", (("b", "a"),), segments)


@pytest.mark.parametrize("factor", [0.5, 8000 / 22050, 0.87, 1.13, 2.0])
def test_resampling_keeps_a_tone_at_its_pitch(factor: float) -> None:
    tone = np.sin(2 * np.pi * 0.02 * np.arange(20000))
    stretched = resample(tone, factor)
    assert len(stretched) == round(20000 * factor)
    inside = stretched[1000:-1000]
    crossings = np.count_nonzero(np.diff(np.signbit(inside)))
    assert crossings == pytest.approx(2 * 0.02 * len(inside) / factor, rel=3e-3)
    assert np.abs(stretched[500:-500]).max() == pytest.approx(1.0, abs=0.05)


def test_what_a_lower_rate_cannot_hold_is_removed_not_folded_back() -> None:
    high = np.sin(2 * np.pi * 0.4 * np.arange(20000))
    assert np.abs(resample(high, 0.5)[200:-200]).max() < 0.02


def test_good_sizes_have_small_factors_only() -> None:
    assert good_size(4001) <= 4050
    assert good_size(4096) == 4096


def test_the_states_of_a_phone_share_its_time() -> None:
    alignment = aligned(clip(), PHONES, 8000)
    assert alignment.pdfs.tolist() == [0, 1, 2, 3, 0]
    assert alignment.starts == pytest.approx([0, 1600, 2400, 4000, 5600])


def test_a_smaller_speaker_is_quicker_in_sound_and_in_labels() -> None:
    plain, small = take_of(clip(), PHONES, 8000), take_of(clip(), PHONES, 8000, size=1.1)
    assert len(plain.pcm) == 8000
    assert len(small.pcm) == round(8000 / 1.1)
    assert plain.alignment is not None
    assert small.alignment is not None
    assert small.alignment.starts * 1.1 == pytest.approx(plain.alignment.starts)


def test_takes_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    takes = [
        take_of(clip(), PHONES, 8000),
        Take(np.arange(5, dtype=np.int16), "没有时间", (("b",), ("a", "b"))),
        take_of(clip(8000), PHONES, 8000),
    ]
    write_takes(tmp_path / "takes.npz", takes)
    again = read_takes(tmp_path / "takes.npz")
    assert [take.text for take in again] == [take.text for take in takes]
    assert [take.words for take in again] == [take.words for take in takes]
    assert all((a.pcm == b.pcm).all() for a, b in zip(again, takes, strict=True))
    assert again[1].alignment is None
    assert again[2].alignment is not None
    assert again[2].alignment.pdfs.tolist() == [0, 1, 2, 3, 0]
    assert list(tmp_path.iterdir()) == [tmp_path / "takes.npz"]
