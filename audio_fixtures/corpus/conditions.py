"""What happens to a recording on its way: noise around the speaker, the line, lost packets. Pure.

The same recording in the same condition is the same sound every time, so that only the clean
recording needs to be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from audio.g711 import decode, encode
from audio.pcm import FRAME_SAMPLES, SAMPLE_RATE
from audio_fixtures.line import (
    SPEECH_DBFS,
    Samples,
    at_level,
    band_limited,
    generator,
    line_noise,
    speech_level,
)

LINE_NOISE_DBFS = -62.0
LEAD_SECONDS = 0.5
TAIL_SECONDS = 1.4
"""Noise goes on around the speech, as it does in a call."""
BABBLERS = 8
LONGEST_LOSS_FRAMES = 2
FADE_PER_FRAME = 0.5
"""How a receiver repeats the last frame for a lost one: quieter each time (as in G.711 App. I)."""
LEVEL_SPREAD_DB = 4.0
"""People hold the telephone nearer or farther."""


class Noise(StrEnum):
    """What is heard around a speaker."""

    BABBLE = "babble"
    STREET = "street"
    CAR = "car"
    PINK = "pink"


@dataclass(frozen=True, slots=True)
class Condition:
    """A way to the recogniser."""

    name: str
    snr_db: float | None = None
    """Speech above noise, over the frames with speech; None: only the hiss of the line."""
    loss: float = 0.0
    """Share of packets that never arrive."""


CLEAN = Condition("clean")
NOISY_15 = Condition("15 dB", 15.0)
NOISY_10 = Condition("10 dB", 10.0)
LOSSY = Condition("15 dB, 2 % lost", 15.0, 0.02)
CONDITIONS = (CLEAN, NOISY_15, NOISY_10, LOSSY)
_KINDS = tuple(Noise)


def noise_of(recording: str) -> Noise:
    """Return the noise a recording gets: every kind is as frequent."""
    return _KINDS[int(generator(f"{recording}, kind of noise").integers(len(_KINDS)))]


def on_the_line(
    sound: Samples, recording: str, condition: Condition, talkers: Sequence[Samples]
) -> bytes:
    """Return telephone samples of a recording, with the noise before and after it.

    `talkers`: what other people say, from which babble is mixed.
    """
    chance = generator(f"{recording}, {condition.name}")
    near = float(generator(f"{recording}, distance").uniform(-1, 1))
    lead = np.zeros(round(LEAD_SECONDS * SAMPLE_RATE))
    tail = np.zeros(round(TAIL_SECONDS * SAMPLE_RATE))
    call = np.concatenate([lead, at_level(sound, SPEECH_DBFS + LEVEL_SPREAD_DB * near), tail])
    call = call[: len(call) // FRAME_SAMPLES * FRAME_SAMPLES]
    call = call + line_noise(len(call) / SAMPLE_RATE, LINE_NOISE_DBFS, recording)[: len(call)]
    if condition.snr_db is not None:
        around = _AROUND[noise_of(recording)](len(call), chance, talkers)
        wanted = speech_level(call) - condition.snr_db
        call = call + around * 10 ** ((wanted - _rms_level(around)) / 20)
    pcm = np.clip(np.round(call * 32768), -32768, 32767).astype("<i2").tobytes()
    return _with_losses(decode(encode(pcm)), condition.loss, chance)


def _rms_level(sound: Samples) -> float:
    return float(10 * np.log10(np.mean(np.square(sound)) + 1e-12))


def _shaped(count: int, chance: np.random.Generator, slope: float) -> Samples:
    """Return noise within the telephone band whose power falls with frequency to `slope`."""
    spectrum = np.fft.rfft(chance.standard_normal(count))
    hertz = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 50.0)
    return band_limited(np.fft.irfft(spectrum / hertz ** (slope / 2), count), SAMPLE_RATE)


def _pink(count: int, chance: np.random.Generator, talkers: Sequence[Samples]) -> Samples:
    return _shaped(count, chance, 1.0)


def _car(count: int, chance: np.random.Generator, talkers: Sequence[Samples]) -> Samples:
    """Return a cabin at speed: road rumble and the engine's harmonics."""
    clock = np.arange(count) / SAMPLE_RATE
    turning = float(chance.uniform(55, 90)) * (1 + 0.03 * np.sin(2 * np.pi * 0.4 * clock))
    phase = 2 * np.pi * np.cumsum(turning) / SAMPLE_RATE
    engine = sum((np.sin(k * phase) / k for k in range(4, 12)), np.zeros(count))
    rumble = _shaped(count, chance, 2.4)
    return np.asarray(rumble / np.std(rumble) + 0.25 * engine / np.std(engine))


def _street(count: int, chance: np.random.Generator, talkers: Sequence[Samples]) -> Samples:
    """Return traffic that comes and goes, and sometimes a horn."""
    clock = np.arange(count) / SAMPLE_RATE
    passing = 0.6 + 0.4 * np.sin(2 * np.pi * (clock * chance.uniform(0.2, 0.5) + chance.random()))
    traffic = _shaped(count, chance, 1.5)
    street = passing * traffic / np.std(traffic)
    if chance.random() < 0.4:
        begins = int(chance.integers(max(1, count - SAMPLE_RATE // 2)))
        horn = np.arange(min(SAMPLE_RATE // 3, count - begins)) / SAMPLE_RATE
        street[begins : begins + len(horn)] += (
            1.2 * np.sign(np.sin(2 * np.pi * 420 * horn)) * (np.hanning(len(horn)))
        )
    return band_limited(street, SAMPLE_RATE)


def _babble(count: int, chance: np.random.Generator, talkers: Sequence[Samples]) -> Samples:
    """Return several people talking at once."""
    if not talkers:
        raise ValueError("babble needs talkers; give what other voices say")
    mixed = np.zeros(count)
    for _ in range(BABBLERS):
        talk = talkers[int(chance.integers(len(talkers)))]
        begins = int(chance.integers(max(1, len(talk) - count)))
        piece = np.resize(talk[begins : begins + count], count)
        mixed += piece / (np.std(piece) + 1e-6)
    return mixed


_AROUND: Mapping[Noise, Callable[[int, np.random.Generator, Sequence[Samples]], Samples]] = {
    Noise.BABBLE: _babble,
    Noise.STREET: _street,
    Noise.CAR: _car,
    Noise.PINK: _pink,
}


def _with_losses(pcm: bytes, share: float, chance: np.random.Generator) -> bytes:
    """Return what a receiver plays when packets are missing."""
    if not share:
        return pcm
    sound = np.frombuffer(pcm, dtype="<i2").reshape(-1, FRAME_SAMPLES).copy()
    missing = 0
    for place in range(1, len(sound)):
        if not missing and chance.random() < share * 2 / (1 + LONGEST_LOSS_FRAMES):
            missing = int(chance.integers(1, LONGEST_LOSS_FRAMES + 1))
        if missing:
            missing -= 1
            sound[place] = (sound[place - 1] * FADE_PER_FRAME).astype("<i2")
    return sound.tobytes()
