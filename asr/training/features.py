"""MFCC as Kaldi computes them (feat/feature-mfcc.cc, feat/mel-computations.cc), in numpy.

Kaldi's defaults hold: 25 ms Povey window every 10 ms without padding at the edges, the mean
removed, pre-emphasis 0.97, power spectrum, triangular mel filters, lifter 22. No dither, no energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Wide = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

_LIFTER = 22
_PREEMPHASIS = 0.97
_FLOOR = 1.1920929e-07
"""Kaldi's floor of a filter's energy: the epsilon of a float."""


@dataclass(frozen=True)
class FeatureConfig:
    """What is computed, once for training and for `conf/mfcc.conf`."""

    rate: int = 8000
    mel_bins: int = 32
    cepstra: int = 20
    low: float = 100.0
    high: float = 3700.0
    """Hz; the filters span low to high."""

    @property
    def window(self) -> int:
        """Samples of a frame."""
        return self.rate // 40

    @property
    def shift(self) -> int:
        """Samples from one frame to the next."""
        return self.rate // 100

    @cached_property
    def fft_size(self) -> int:
        """The window, rounded up to a power of two."""
        return 1 << (self.window - 1).bit_length()

    def frames(self, samples: int) -> int:
        """Return how many whole frames fit."""
        return max(0, (samples - self.window) // self.shift + 1)

    def text(self) -> str:
        """Return `conf/mfcc.conf`; without dither the same sound gives the same words."""
        options = {
            "sample-frequency": self.rate,
            "use-energy": "false",
            "dither": 0,
            "num-mel-bins": self.mel_bins,
            "num-ceps": self.cepstra,
            "low-freq": f"{self.low:g}",
            "high-freq": f"{self.high:g}",
            "allow-downsample": "true",
        }
        return "".join(f"--{name}={value}\n" for name, value in options.items())


TELEPHONE = FeatureConfig()
"""8 kHz; 20 of 32 cepstra, because the lost fine structure is mostly the pitch."""

WIDEBAND = FeatureConfig(16000, 40, 24, 60.0, 7400.0)


def mel(hertz: npt.ArrayLike) -> Wide:
    """Return Hz on the mel scale."""
    scale: Wide = 1127.0 * np.log(1.0 + np.asarray(hertz, np.float64) / 700.0)
    return scale


def hertz(mels: Wide) -> Wide:
    """Return mels in Hz."""
    return 700.0 * (np.exp(mels / 1127.0) - 1.0)


def edges(config: FeatureConfig) -> Wide:
    """Return the corners of the mel filters in Hz: filter k goes from k over k+1 to k+2."""
    span = mel(np.array([config.low, config.high]))
    return hertz(np.linspace(span[0], span[1], config.mel_bins + 2))


def filters(config: FeatureConfig, corners: Wide) -> Floats:
    """Return the triangular filters as a matrix, spectrum bins by mel bins."""
    half = config.fft_size // 2
    bins = mel(np.arange(half) * (config.rate / config.fft_size))[:, None]
    corners = mel(corners)
    left, centre, right = corners[:-2], corners[1:-1], corners[2:]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    matrix = np.zeros((half + 1, config.mel_bins), np.float32)
    matrix[:half] = np.maximum(0.0, np.minimum(rising, falling))
    return matrix


@lru_cache(maxsize=4)
def plain_filters(config: FeatureConfig) -> Floats:
    """Return the filters as Vosk will apply them."""
    return filters(config, edges(config))


@lru_cache(maxsize=4)
def cosines(config: FeatureConfig) -> Floats:
    """Return the matrix from log mel energies to liftered cepstra."""
    place = np.arange(config.mel_bins) + 0.5
    number = np.arange(config.cepstra)
    scale = np.where(number == 0, 1.0, 2.0) / config.mel_bins
    lift = 1.0 + 0.5 * _LIFTER * np.sin(np.pi * number / _LIFTER)
    table = np.cos(np.pi * np.outer(place, number) / config.mel_bins)
    return (table * np.sqrt(scale) * lift).astype(np.float32)


@lru_cache(maxsize=4)
def _povey(length: int) -> Floats:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / (length - 1))
    return (hann**0.85).astype(np.float32)


def log_mel(samples: Floats, starts: Numbers, matrix: Floats, config: FeatureConfig) -> Floats:
    """Return log mel energies (frames by bins) of the frames that begin at `starts`.

    Samples have the range of int16.
    """
    frames = samples[starts[:, None] + np.arange(config.window)]
    frames -= frames.mean(1, keepdims=True)
    emphasised = np.empty_like(frames)
    emphasised[:, 1:] = frames[:, 1:] - _PREEMPHASIS * frames[:, :-1]
    emphasised[:, 0] = (1 - _PREEMPHASIS) * frames[:, 0]
    emphasised *= _povey(config.window)
    spectrum = np.fft.rfft(emphasised, config.fft_size)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    energies: Floats = np.log(np.maximum(power @ matrix, np.float32(_FLOOR)))
    return energies


def mfcc(samples: npt.ArrayLike, config: FeatureConfig) -> Floats:
    """Return what Vosk computes of the samples (range of int16), frames by cepstra."""
    sound = np.asarray(samples, np.float32)
    starts = np.arange(config.frames(len(sound))) * config.shift
    result: Floats = log_mel(sound, starts, plain_filters(config), config) @ cosines(config)
    return result
