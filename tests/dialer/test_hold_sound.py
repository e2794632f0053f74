from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from audio.level import dbfs, samples
from audio.pcm import frames, seconds
from audio.wav import read_wav
from dialer.hold_sound import LEVEL_DBFS, SECONDS, hold_sound, hold_wav

TWICE = hold_sound() * 2


def test_the_tune_is_as_loud_as_something_in_the_background() -> None:
    assert dbfs(hold_sound()) == pytest.approx(LEVEL_DBFS, abs=0.2)
    assert seconds(hold_sound()) == SECONDS
    assert np.abs(samples(hold_sound())).max() < 0.5


def test_it_never_falls_silent_for_long_not_even_where_it_begins_again() -> None:
    heard = [number for number, frame in enumerate(frames(TWICE)) if dbfs(frame) > -45]
    assert max(after - before for before, after in pairwise(heard)) * 0.02 < 0.5


def test_no_seam_is_heard_where_it_begins_again() -> None:
    steps = np.abs(np.diff(samples(TWICE)))
    seam = len(hold_sound()) // 2
    assert steps[seam - 2 : seam + 2].max() <= np.quantile(steps, 0.99)


def test_the_file_is_written_once(tmp_path: Path) -> None:
    path = hold_wav(tmp_path / "cache")
    assert read_wav(path) == hold_sound()
    before = path.stat().st_mtime_ns
    assert hold_wav(tmp_path / "cache") == path
    assert path.stat().st_mtime_ns == before
    assert list(path.parent.iterdir()) == [path]
