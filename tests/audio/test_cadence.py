from __future__ import annotations

import math

import numpy as np
import pytest

from audio.cadence import CadenceDetector, CallTone, Signal
from audio.level import beep, busy, congestion, pcm_of, ringback, tone
from audio.pcm import SAMPLE_RATE, frames, silence


def together(hz: tuple[float, ...], seconds: float, level_dbfs: float = -20.0) -> bytes:
    clock = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    amplitude = math.sqrt(2.0 / len(hz)) * 10 ** (level_dbfs / 20)
    return pcm_of(amplitude * sum(np.sin(2 * np.pi * each * clock) for each in hz))


def rhythm(hz: tuple[float, ...], *seconds: float, times: int = 1) -> bytes:
    return (
        b"".join(silence(each) if at % 2 else together(hz, each) for at, each in enumerate(seconds))
        * times
    )


def noisy(pcm: bytes, level_dbfs: float, seed: int = 3) -> bytes:
    values = np.frombuffer(pcm, dtype="<i2") / 32768
    noise = np.random.default_rng(seed).normal(0, 10 ** (level_dbfs / 20), len(values))
    return pcm_of(values + noise)


def signals(pcm: bytes) -> list[Signal]:
    detector = CadenceDetector()
    found = [detector.hear(frame) for frame in frames(pcm)]
    return [each for each in found if each]


SIT = together((950,), 0.33) + together((1400,), 0.33) + together((1800,), 0.33) + silence(1.0)
KNOWN = [
    (ringback(2), CallTone.RINGBACK, "CN"),
    (busy(5), CallTone.BUSY, "CN"),
    (congestion(3), CallTone.CONGESTION, "CN"),
    (rhythm((450,), 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.4, times=2), CallTone.VACANT, "CN"),
    (rhythm((425,), 0.5, 0.5, times=4), CallTone.BUSY, "EU"),
    (rhythm((425,), 0.2, 0.2, times=6), CallTone.CONGESTION, "EU"),
    (rhythm((400, 450), 0.4, 0.2, 0.4, 2.0, times=2), CallTone.RINGBACK, "GB"),
    (rhythm((400,), 0.4, 0.35, 0.225, 0.525, times=3), CallTone.CONGESTION, "GB"),
    (rhythm((440, 480), 2.0, 4.0), CallTone.RINGBACK, "US"),
    (rhythm((480, 620), 0.5, 0.5, times=4), CallTone.BUSY, "US"),
    (rhythm((480, 620), 0.25, 0.25, times=6), CallTone.CONGESTION, "US"),
    (SIT, CallTone.SPECIAL_INFORMATION, ""),
    (rhythm((1100,), 0.5, 3.0, times=3), CallTone.FAX, ""),
    (together((2100,), 3.0), CallTone.FAX, ""),
]


@pytest.mark.parametrize("noise_dbfs", [-90.0, -38.0])
@pytest.mark.parametrize("lead_seconds", [0.0, 0.413])
@pytest.mark.parametrize(("pcm", "meaning", "country"), KNOWN)
def test_a_signal_is_known_by_its_rhythm(
    pcm: bytes, meaning: CallTone, country: str, lead_seconds: float, noise_dbfs: float
) -> None:
    found = signals(noisy(silence(lead_seconds) + pcm, noise_dbfs))
    assert [(each.tone, each.country) for each in found] == [(meaning, country)]


@pytest.mark.parametrize("rate", [0.93, 1.07])
@pytest.mark.parametrize("hz", [435.0, 465.0])
def test_an_exchange_that_is_not_exact_is_understood(hz: float, rate: float) -> None:
    assert [each.tone for each in signals(rhythm((hz,), 0.35 * rate, 0.35 * rate, times=5))] == [
        CallTone.BUSY
    ]
    assert [each.tone for each in signals(rhythm((hz,), 1.0 * rate, 4.0 * rate, times=2))] == [
        CallTone.RINGBACK
    ]


def test_busy_is_known_after_the_third_tone() -> None:
    [found] = signals(busy(8))
    assert found.at == pytest.approx(5 * 0.35, abs=0.08)


def test_ringback_is_known_during_its_first_pause() -> None:
    [found] = signals(ringback(3))
    assert found.at == pytest.approx(1.0 + 1.2, abs=0.08)


def test_a_signal_that_changes_is_told_again() -> None:
    assert [each.tone for each in signals(ringback(2) + busy(5))] == [
        CallTone.RINGBACK,
        CallTone.BUSY,
    ]


@pytest.mark.parametrize(
    "pcm",
    [
        silence(3.0),
        noisy(silence(5.0), -30.0),
        beep() + silence(3.0),
        beep(1100.0) + silence(6.0),
        beep(440.0) + silence(6.0),
        beep(2100.0, 1.0) + silence(2.0),
        tone(450.0, 6.0),
        b"".join(tone(hz, 0.3) for hz in (440, 523, 587, 659, 523, 440, 392, 523)) * 2,
        rhythm((450,), 0.2, 0.9, 0.5, 0.1, 0.3, 0.6),
    ],
    ids=["silence", "noise", "beep", "fax-like beep", "low beep", "high beep", "dial tone",
         "melody", "no rhythm"],
)  # fmt: skip
def test_other_sounds_are_no_signal(pcm: bytes) -> None:
    assert signals(pcm) == []
