"""What rooms, microphones, networks and codecs do to speech, drawn by dice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.random import Generator

from asr.training.features import Floats, Wide
from asr.training.takes import good_size
from audio.g711 import Law, decode, encode

_LOW_SNR, _HIGH_SNR = (2.0, 12.0), (12.0, 32.0)
_NOISY_SHARE = 0.6
_FULL = 32768.0


@cache
def _companded(law: Law) -> Floats:
    """Return what each 16-bit sample becomes through the codec."""
    samples = np.arange(-32768, 32768).astype("<i2").tobytes()
    return np.frombuffer(decode(encode(samples, law), law), "<i2").astype(np.float32)


def _level(sound: Floats, floor: float) -> float:
    """Return the root mean square of what is louder than the floor."""
    loud = sound[np.abs(sound) > floor]
    return float(np.sqrt(np.mean(loud**2))) + 1e-3 if len(loud) else 1.0


def _colouring(dice: Generator, frequencies: Wide, rate: int) -> Wide:
    """Return a smooth equaliser in dB with or without the edges of the telephone band."""
    octaves = np.log2(np.maximum(frequencies, 50) / 50)
    knots = np.linspace(0, np.log2(rate / 100), 8)
    wander = np.cumsum(dice.normal(0, 2.6, 8)) * dice.uniform(0, 1)
    gain = np.interp(octaves, knots, wander + dice.uniform(-1.2, 1.2) * np.arange(8))
    gain -= gain.mean()
    if dice.random() < 0.75:
        low, high = dice.uniform(60, 350), dice.uniform(0.375, 0.494) * rate
        gain -= 10 * np.log10(1 + (low / np.maximum(frequencies, 1)) ** 6)
        gain -= 10 * np.log10(1 + (frequencies / high) ** 24)
    return gain


def _room(dice: Generator, rate: int) -> Floats:
    """Return the impulse response of a small room."""
    length = int(rate * dice.uniform(0.05, 0.45))
    tail = dice.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    tail *= dice.uniform(0.05, 0.6) / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    return tail[: rate // 2].astype(np.float32)


def _through_air(sound: Floats, rate: int, dice: Generator) -> Floats:
    """Return the sound after the room, the microphone and the line."""
    size = good_size(len(sound) + rate // 4)
    grid = np.linspace(0.0, rate / 2, 200)
    gain = np.interp(
        np.fft.rfftfreq(size, 1 / rate), grid, 10 ** (_colouring(dice, grid, rate) / 20)
    )
    spectrum = np.fft.rfft(sound, size) * gain.astype(np.float32)
    if dice.random() < 0.35:
        spectrum *= np.fft.rfft(_room(dice, rate), size)
    result: Floats = np.fft.irfft(spectrum, size)[: len(sound)].astype(np.float32)
    return result


def _add_noise(sound: Floats, noises: Sequence[Floats], dice: Generator) -> None:
    """Mix backgrounds in, more often loud (2 to 12 dB below the speech) than soft."""
    for _ in range(1 if dice.random() < 0.8 else 2):
        noise = noises[int(dice.integers(len(noises)))]
        place = int(dice.integers(0, len(noise) - len(sound)))
        ratio = dice.uniform(*(_LOW_SNR if dice.random() < _NOISY_SHARE else _HIGH_SNR))
        sound += noise[place : place + len(sound)] * np.float32(10 ** (-ratio / 20))


def _wobble(dice: Generator, samples: int) -> Floats:
    """Return slow changes of level: automatic gain, a head that moves."""
    knots = np.linspace(0, samples, 6)
    curve = np.interp(np.arange(samples), knots, dice.normal(0, 4, 6))
    return (10 ** (curve / 20)).astype(np.float32)


def _drop_packets(sound: Floats, rate: int, dice: Generator) -> None:
    for _ in range(dice.integers(1, 4)):
        place = int(dice.integers(len(sound) - rate // 50))
        sound[place : place + rate // 50] = 0


def spoil(sound: Floats, noises: Sequence[Floats], rate: int, dice: Generator) -> Floats:
    """Return the sound (range of int16) as the far end of a telephone line hears it."""
    heard = _through_air(sound / _level(sound, 30.0), rate, dice)
    heard /= _level(heard, 0.05)
    if dice.random() < 0.85:
        _add_noise(heard, noises, dice)
    heard *= np.float32(10 ** (dice.uniform(-40, -11) / 20) * _FULL)
    if dice.random() < 0.3:
        heard *= _wobble(dice, len(heard))
    if dice.random() < 0.06:
        heard *= np.float32(dice.uniform(2, 5))
    if dice.random() < 0.12:
        _drop_packets(heard, rate, dice)
    heard = np.clip(np.round(heard), -32768, 32767)
    codec = dice.random()
    if codec < 0.75:
        table = _companded(Law.A if codec < 0.55 else Law.MU)
        heard = table[heard.astype(np.int64) + 32768]
    return heard
