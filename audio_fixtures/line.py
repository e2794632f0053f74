"""What a telephone line does to a voice: band, level, noise, companding. Pure and repeatable."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from audio.g711 import decode, encode
from audio.pcm import FRAME_SAMPLES, SAMPLE_RATE

Samples = NDArray[np.float64]
"""Mono sound between -1 and 1."""

SPEECH_DBFS = -20.0
"""Level of speech as it leaves the line, measured where somebody speaks."""
BAND_HZ = (300.0, 3400.0)
_EDGE_HZ = 60.0
_PEAK = 0.89
_LEAD_SECONDS = 0.06
_TAIL_SECONDS = 0.12


def generator(name: str) -> np.random.Generator:
    """Return the random numbers that belong to `name`: the same ones in every build."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def band_limited(
    sound: Samples, rate: int, low_hz: float = BAND_HZ[0], high_hz: float = BAND_HZ[1]
) -> Samples:
    """Return `sound` at 8 kHz with nothing left outside the band."""
    length = round(len(sound) * SAMPLE_RATE / rate)
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / rate)
    rise = np.clip((hertz - low_hz + _EDGE_HZ) / _EDGE_HZ, 0, 1)
    fall = np.clip((high_hz + _EDGE_HZ - hertz) / _EDGE_HZ, 0, 1)
    spectrum *= rise * fall
    kept = np.zeros(length // 2 + 1, dtype=np.complex128)
    shared = min(len(kept), len(spectrum))
    kept[:shared] = spectrum[:shared]
    return np.asarray(np.fft.irfft(kept, length) * (length / len(sound)))


def frame_levels(sound: Samples) -> Samples:
    """Return the level of each 20 ms in dBFS."""
    whole = len(sound) // FRAME_SAMPLES * FRAME_SAMPLES
    power = np.square(sound[:whole].reshape(-1, FRAME_SAMPLES)).mean(axis=1)
    return np.asarray(10 * np.log10(power + 1e-12))


def speech_level(sound: Samples) -> float:
    """Return the level of the frames in which somebody speaks, in dBFS."""
    levels = frame_levels(sound)
    spoken = levels[levels > levels.max() - 30]
    return float(10 * np.log10(np.mean(10 ** (spoken / 10))))


def at_level(sound: Samples, dbfs: float = SPEECH_DBFS) -> Samples:
    """Return `sound` with its speech at that level and no sample over the top."""
    gain = 10 ** ((dbfs - speech_level(sound)) / 20)
    peak = float(np.abs(sound).max()) * gain
    return sound * (gain if peak <= _PEAK else gain * _PEAK / peak)


def trimmed(sound: Samples) -> Samples:
    """Return `sound` with a little air before the first and after the last word."""
    levels = frame_levels(sound)
    spoken = np.flatnonzero(levels > levels.max() - 40)
    lead = round(_LEAD_SECONDS * SAMPLE_RATE)
    tail = round(_TAIL_SECONDS * SAMPLE_RATE)
    begin = max(0, spoken[0] * FRAME_SAMPLES - lead)
    return sound[begin : (spoken[-1] + 1) * FRAME_SAMPLES + tail]


def line_noise(seconds: float, dbfs: float, name: str) -> Samples:
    """Return the hiss of a line: noise that falls with the frequency, within the band."""
    count = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(generator(name).standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    inside = (hertz >= BAND_HZ[0]) & (hertz <= BAND_HZ[1])
    spectrum *= inside / np.sqrt(np.maximum(hertz, BAND_HZ[0]))
    noise = np.fft.irfft(spectrum, count)
    rms = np.sqrt(np.mean(np.square(noise)))
    return np.asarray(noise * (10 ** (dbfs / 20) / rms))


def through_the_line(sound: Samples, noise_dbfs: float, name: str) -> bytes:
    """Return telephone samples: `sound` with the line's noise, coded and decoded as A-law."""
    noisy = sound + line_noise(len(sound) / SAMPLE_RATE, noise_dbfs, name)[: len(sound)]
    pcm = np.clip(np.round(noisy * 32768), -32768, 32767).astype("<i2").tobytes()
    return decode(encode(pcm))
