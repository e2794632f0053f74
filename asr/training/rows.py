"""One row of a training batch: four seconds of one speaker, spoiled as telephones do, as features.

A row is a function of the material and the dice alone, so that training doesn't depend on the
machine's load: the dice of a row are made from the seed, the stage, the step and its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from asr.training.channel import spoil
from asr.training.features import (
    FeatureConfig,
    Floats,
    Numbers,
    cosines,
    edges,
    filters,
    log_mel,
)
from asr.training.noises import event
from asr.training.takes import Take, resample
from asr.training.tape import Tape, speech_span

FRAMES = 399
"""Frames of a row: four seconds."""
SUBSAMPLING = 3
"""The network tells its outputs for every third frame."""
OUTPUTS = (FRAMES + SUBSAMPLING - 1) // SUBSAMPLING
_SHORTEST_STATE_SECONDS = 0.03
"""Every state lasts at least one output, or short initials would vanish from the labels."""

Labels = npt.NDArray[np.int16]


class Reading(StrEnum):
    """How a speaker's recordings were spoken; it decides how they are put together."""

    SYNTHETIC = "synthetic"
    SENTENCES = "sentences"
    WORDS = "words"
    SYLLABLES = "syllables"
    NOTHING = "nothing"
    """No speech at all."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How takes of a reading become rows; ranges are drawn from evenly."""

    joined: tuple[int, int] = (1, 1)
    """Takes that are put together tightly as if they were one sentence."""
    speeds: tuple[float, float] = (0.8, 1.12)
    """Pitch and formants and tempo together."""
    tempos: tuple[float, float] = (0.8, 1.35)
    """Tempo in the end; words read out one by one are slow."""
    sizes: tuple[float, float] = (0.82, 1.22)
    """Formants in the end."""


MANNERS = {
    Reading.SYNTHETIC: Manner(speeds=(0.9, 1.1), tempos=(0.8, 1.25), sizes=(0.86, 1.16)),
    Reading.SENTENCES: Manner(),
    Reading.WORDS: Manner((1, 4), tempos=(0.85, 1.75)),
    Reading.SYLLABLES: Manner((1, 6), tempos=(0.85, 2.2)),
    Reading.NOTHING: Manner(speeds=(1.0, 1.0), tempos=(0.8, 1.25)),
}


def reading_of(takes: Sequence[Take]) -> Reading:
    """Return how a speaker read, judged by the length of the texts in phones."""
    lengths = sorted(sum(len(word) for word in take.words) for take in takes)
    middle = lengths[len(lengths) // 2]
    if middle <= 2:
        return Reading.SYLLABLES
    return Reading.WORDS if middle <= 8 else Reading.SENTENCES


@dataclass(frozen=True, slots=True)
class Source:
    """The aligned takes of one speaker, or of the synthesiser."""

    reading: Reading
    takes: Sequence[Take]
    share: float
    """How often a row is taken from here, relative to the others."""


@dataclass(frozen=True, slots=True)
class Material:
    """All there is to make rows from."""

    config: FeatureConfig
    sources: Sequence[Source]
    noises: Sequence[Floats]
    """Backgrounds with a mean square of 1, each longer than any row."""

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """How probable each source is."""
        shares = np.array([source.share for source in self.sources])
        normal: npt.NDArray[np.float64] = shares / shares.sum()
        return normal


def _fill_with_sentences(tape: Tape, source: Source, dice: Generator, rate: int) -> None:
    """Synthetic or read sentences with pauses; the row may begin inside of one."""
    synthetic = source.reading is Reading.SYNTHETIC
    first = True
    while not tape.is_full:
        take = source.takes[int(dice.integers(len(source.takes)))]
        began, ended = speech_span(
            take, dice.uniform(0, 0.5) * rate, dice.uniform(0.025, 0.5) * rate
        )
        if first and dice.random() < (0.3 if synthetic else 0.7):
            began = int(dice.uniform(began, began + (0.5 if synthetic else 0.8) * (ended - began)))
        tape.put(take, began, ended, _SHORTEST_STATE_SECONDS * rate)
        tape.pause(dice.uniform(0.05, 1.0 if synthetic else 0.5) * rate, dice, rate)
        first = False


def _fill_with_words(tape: Tape, source: Source, dice: Generator, rate: int) -> None:
    """Words or syllables read out alone, cut out and joined as if spoken in one breath."""
    least, most = MANNERS[source.reading].joined
    while not tape.is_full:
        count = int(dice.integers(least, most + 1))
        for _ in range(count):
            take = source.takes[int(dice.integers(len(source.takes)))]
            tight = count > 1 and dice.random() < 0.75
            before, after = (
                (dice.uniform(0, 0.04), dice.uniform(-0.025, 0.06))
                if tight
                else (dice.uniform(0.025, 0.25), dice.uniform(0.05, 0.4))
            )
            began, ended = speech_span(take, before * rate, after * rate)
            ended = max(ended, began + rate // 20)
            gain = float(dice.uniform(0.6, 1.2))
            tape.put(take, began, min(ended, len(take.pcm)), _SHORTEST_STATE_SECONDS * rate, gain)
            if not tight:
                tape.pause(dice.uniform(0, 0.2) * rate, dice, rate)
        tape.pause(dice.uniform(0.1, 0.9) * rate, dice, rate)


def _fill_with_nothing(tape: Tape, source: Source, dice: Generator, rate: int) -> None:
    """Tones, knocks, coughs, engines."""
    del source
    if dice.random() < 0.65:
        tape.sound += 8000 * event(dice, len(tape.sound), rate)
    if dice.random() < 0.4:
        tape.sound += 10 ** dice.uniform(2, 4) * event(dice, len(tape.sound), rate)
    tape.place = len(tape.sound)


_FILLINGS = {
    Reading.SYNTHETIC: _fill_with_sentences,
    Reading.SENTENCES: _fill_with_sentences,
    Reading.WORDS: _fill_with_words,
    Reading.SYLLABLES: _fill_with_words,
    Reading.NOTHING: _fill_with_nothing,
}


def _log_uniform(dice: Generator, low: float, high: float) -> float:
    return float(np.exp(dice.uniform(np.log(low), np.log(high))))


def row(material: Material, source: Source, dice: Generator) -> tuple[Floats, Labels]:
    """Return features (frames by cepstra) and the right output for every third frame."""
    config, manner = material.config, MANNERS[source.reading]
    size = _log_uniform(dice, *manner.sizes)
    speed = float(dice.uniform(*manner.speeds))
    stretch = float(np.clip(dice.uniform(*manner.tempos) / speed, 0.75, 1.9))
    warp = float(np.clip(speed / size, 0.74, 1.34))
    starts = np.round(np.arange(FRAMES) * config.shift * stretch).astype(np.int64)
    length = int(starts[-1]) + config.window
    tape = Tape(int(np.ceil(length * speed)) + 2)
    if dice.random() < 0.6 and source.reading is not Reading.NOTHING:
        tape.pause(dice.uniform(0, 0.5) * config.rate * stretch, dice, config.rate)
    _FILLINGS[source.reading](tape, source, dice, config.rate)
    sound = resample(tape.sound, 1 / speed)[:length]
    sound = np.pad(sound, (0, length - len(sound)))
    heard = spoil(sound, material.noises, config.rate, dice)
    centres = starts[::SUBSAMPLING] + config.window // 2
    times = np.array(tape.times) / speed
    labels = np.array(tape.pdfs, np.int16)[np.searchsorted(times, centres, "right") - 1]
    return _features(heard, starts, warp, config, dice), labels


def _features(
    sound: Floats, starts: Numbers, warp: float, config: FeatureConfig, dice: Generator
) -> Floats:
    """Return cepstra of a warped vocal tract, with stretches of time and frequency wiped out."""
    energies = log_mel(sound, starts, filters(config, _warped(config, warp, dice)), config)
    mean = energies.mean(0)
    if dice.random() < 0.4:
        width = int(dice.integers(1, 6))
        low = int(dice.integers(0, config.mel_bins - width))
        energies[:, low : low + width] = mean[low : low + width]
    for _ in range(dice.integers(0, 3)):
        width = int(dice.integers(2, 14))
        begin = int(dice.integers(0, FRAMES - width))
        energies[begin : begin + width] = mean
    result: Floats = energies @ cosines(config)
    return result


def _warped(config: FeatureConfig, warp: float, dice: Generator) -> npt.NDArray[np.float64]:
    """Return filter corners for a vocal tract of another length, each formant a little astray."""
    corners = edges(config)
    knee = 0.75 * config.high / max(1.0, warp)
    slope = (config.high - warp * knee) / (config.high - knee)
    bent = np.where(corners <= knee, warp * corners, warp * knee + (corners - knee) * slope)
    if dice.random() < 0.7:
        anchors = np.array([0, 500, 1200, 2200, 3200, config.rate / 2])
        bent = bent * (1 + np.interp(bent, anchors, dice.normal(0, 0.035, len(anchors))))
    top = 0.4975 * config.rate
    bent = np.maximum.accumulate(np.clip(bent, 20.0, top)) + np.arange(len(bent)) * 0.3
    return _rising(bent)


def _rising(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the corners, each above the one before, so that no filter is empty of width."""
    if all(low < high for low, high in pairwise(corners)):
        return corners
    raised: npt.NDArray[np.float64] = np.maximum.accumulate(corners + np.arange(len(corners)) * 0.1)
    return raised


def batch(
    material: Material, seed: Sequence[int], rows: int, context: tuple[int, int]
) -> tuple[Floats, Labels]:
    """Return `rows` rows; edge frames are repeated for the network's context as Kaldi does."""
    picks = np.random.default_rng([*seed, 0]).choice(len(material.sources), rows, p=material.shares)
    made = [
        row(material, material.sources[pick], np.random.default_rng([*seed, number]))
        for number, pick in enumerate(picks, 1)
    ]
    features = np.stack([np.pad(cells, (context, (0, 0)), mode="edge") for cells, _ in made])
    return features, np.stack([labels for _, labels in made])


def priors(sources: Sequence[Source], outputs: int, silence: float) -> list[float]:
    """Return how often each output is right; silence is as given, for it depends on the caller."""
    lengths = np.zeros(outputs)
    for source in sources:
        for take in source.takes:
            if take.alignment is not None:
                starts = np.maximum(take.alignment.starts, 0.0)
                np.add.at(lengths, take.alignment.pdfs[:-1], np.diff(starts))
    lengths += 1e-5 * lengths.sum() + 1e-9
    lengths[0] = 0.0
    shares = lengths / lengths.sum() * (1.0 - silence)
    shares[0] = silence
    return [float(share) for share in shares]
