from __future__ import annotations

import numpy as np
import pytest

from audio.level import dbfs, tone
from audio.pcm import frames, silence
from audio.rates import Lowering, Raising, factor_of

RATES = (16_000, 32_000, 48_000)


def lowered(pcm: bytes, rate: int) -> bytes:
    lowering = Lowering(rate)
    size = 320 * factor_of(rate)
    return b"".join(lowering.lower(pcm[at : at + size]) for at in range(0, len(pcm), size))


def at_rate(hertz: float, rate: int) -> bytes:
    """Half a second of a tone at -20 dBFS peak, at a rate that is not the telephone's."""
    at = np.arange(rate // 2) / rate
    return (3276.7 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes()


@pytest.mark.parametrize("rate", RATES)
def test_a_voice_comes_through_a_device_and_back_as_loud_as_it_was(rate: int) -> None:
    said = tone(1000.0, 0.5, -20.0)
    raising = Raising(rate)
    played = b"".join(raising.raised(frame) for frame in frames(said))
    assert len(played) == len(said) * rate // 8000
    heard = lowered(played, rate)
    assert len(heard) == len(said)
    assert dbfs(heard[800:]) == pytest.approx(dbfs(said), abs=0.3)


@pytest.mark.parametrize("rate", RATES)
def test_what_no_telephone_carries_does_not_fold_back(rate: int) -> None:
    assert dbfs(lowered(at_rate(6500.0, rate), rate)[800:]) < -60


@pytest.mark.parametrize("rate", RATES)
def test_silence_stays_silence(rate: int) -> None:
    assert not any(lowered(silence(0.1) * factor_of(rate), rate))
    assert not any(Raising(rate).raised(silence(0.02)))


def test_at_the_telephones_rate_nothing_is_touched() -> None:
    said = tone(1000.0, 0.02, -20.0)
    assert Raising(8000).raised(said) == Lowering(8000).lower(said) == said


@pytest.mark.parametrize("rate", [44_100, 11_025, 4000])
def test_a_rate_that_is_no_multiple_is_refused(rate: int) -> None:
    with pytest.raises(ValueError, match="multiple"):
        factor_of(rate)
