"""From recordings and a synthesiser to a trained network; each step is kept in the work folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from asr.training.features import TELEPHONE, WIDEBAND, FeatureConfig, Floats
from asr.training.language import Language
from asr.training.languages import language_of
from asr.training.layout import Layout
from asr.training.loading import load
from asr.training.net import Network
from asr.training.noises import babble, background
from asr.training.realignment import (
    read_alignments,
    realigned,
    with_alignments,
    write_alignments,
)
from asr.training.recordings import held_out_files, read_index, speakers, split
from asr.training.reporting import Reporter
from asr.training.rows import Material, Reading, Source, priors, reading_of
from asr.training.schedule import SHARES, Stage, stages, synthetic_stages
from asr.training.synthesis import synthesise
from asr.training.takes import Take, read_takes, write_takes
from asr.training.trainer import Trainer

ALIGNING_SILENCE = 0.35
"""Prior of silence when aligning."""
DECODING_SILENCE = 0.2
"""Prior of silence in the finished model, chosen on known speakers."""
_NOISES, _BABBLES = 24, 20
_NOISE_SECONDS = 15


@dataclass(frozen=True)
class Order:
    """What is to be trained, and where its steps are kept."""

    code: str
    work: Path
    speech: Path | None = None
    """Folder with index.csv; None: synthetic speech only."""
    rate: int = 8000
    seed: int = 1
    shards: int = 80
    """Amount of synthetic speech, in pieces of 250 utterances."""
    scale: float = 1.0
    """Of the number of steps."""
    left_out: str | None = None
    """A speaker who takes no part."""
    processes: int = 2
    reporter: Reporter = field(default_factory=Reporter)

    @property
    def config(self) -> FeatureConfig:
        """The features for the rate."""
        return TELEPHONE if self.rate == TELEPHONE.rate else WIDEBAND

    @cached_property
    def language(self) -> Language:
        """The language by its code."""
        return language_of(self.code)

    @property
    def layout(self) -> Layout:
        """The network for the language and the features."""
        return Layout(self.config.cepstra, len(self.language.phones.pdfs))

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What is to be done."""
        return stages(self.scale) if self.speech else synthetic_stages(self.scale)


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished network and what its outputs mean."""

    network: Network
    priors: Sequence[float]
    hours: Mapping[str, float]
    """Speaker, or `synthetic` -> hours of speech."""


def _synthetic(order: Order) -> list[Take]:
    with order.reporter.step("synthetic speech") as tell:
        paths = synthesise(
            order.code, order.rate, order.seed, order.shards, order.work, order.processes, tell
        )
        return [take for path in paths for take in read_takes(path)]


def _recorded(order: Order) -> dict[str, list[Take]]:
    """Return the recorded takes of each speaker, without those kept for measuring."""
    if order.speech is None:
        return {}
    training, _ = split(read_index(order.speech), held_out_files(order.code))
    found: dict[str, list[Take]] = {}
    for speaker in speakers(training):
        if speaker == order.left_out:
            continue
        path = order.work / f"recorded-{speaker}.npz"
        if not path.exists():
            own = tuple(recording for recording in training if recording.speaker == speaker)
            with order.reporter.step(f"recordings of {speaker}") as tell:
                takes = list(load(order.speech, own, order.language, order.rate, tell))
                write_takes(path, takes)
        found[speaker] = read_takes(path)
    return found


def _noises(order: Order, takes: Sequence[Take]) -> list[Floats]:
    dice = np.random.default_rng([order.seed, 7])
    samples = _NOISE_SECONDS * order.rate
    noises = [background(dice, samples, order.rate) for _ in range(_NOISES)]
    voices = [takes[int(dice.integers(len(takes)))].pcm.astype(np.float32) for _ in range(60)]
    voices = [voice / (voice.std() + 1e-9) for voice in voices]
    return [*noises, *(babble(dice, samples, voices) for _ in range(_BABBLES))]


def _sources(synthetic: Sequence[Take], recorded: Mapping[str, Sequence[Take]]) -> list[Source]:
    readings = {speaker: reading_of(takes) for speaker, takes in recorded.items()}
    alike = {reading: list(readings.values()).count(reading) for reading in Reading}
    return [
        Source(Reading.SYNTHETIC, synthetic, SHARES[Reading.SYNTHETIC]),
        Source(Reading.NOTHING, (), SHARES[Reading.NOTHING]),
        *(
            Source(readings[speaker], takes, SHARES[readings[speaker]] / alike[readings[speaker]])
            for speaker, takes in recorded.items()
        ),
    ]


def _with_sounds(sources: Sequence[Source], share: float) -> list[Source]:
    return [
        replace(source, share=share) if source.reading is Reading.NOTHING else source
        for source in sources
    ]


def _aligned(
    order: Order,
    stage: Stage,
    trainer: Trainer,
    recorded: Mapping[str, Sequence[Take]],
    known: Sequence[Source],
) -> dict[str, list[Take]]:
    """Return the recorded takes with alignments by the network as it is before the stage."""
    if not stage.recorded:
        return {}
    outputs = order.layout.outputs
    aligned: dict[str, list[Take]] = {}
    for speaker, takes in recorded.items():
        path = order.work / f"aligned-{stage.name}-{speaker}.npz"
        if not path.exists():
            alignments, summary = realigned(
                trainer.network,
                speaker,
                takes,
                order.language.phones,
                order.config,
                priors(known, outputs, ALIGNING_SILENCE),
                order.processes,
            )
            write_alignments(path, alignments)
            order.reporter.say(
                f"{summary.speaker} aligned: score {summary.score:.2f}, {summary.kept} of "
                f"{summary.takes} kept; worst: {' '.join(summary.worst)}"
            )
        aligned[speaker] = with_alignments(takes, read_alignments(path))
    return aligned


def train(order: Order) -> Trained:
    """Train a network; what an earlier, broken run finished is not done again."""
    order.work.mkdir(parents=True, exist_ok=True)
    synthetic = _synthetic(order)
    recorded = _recorded(order)
    trainer = Trainer(order.layout, order.seed)
    noises = _noises(order, synthetic)
    sources = _sources(synthetic, {})
    for number, stage in enumerate(order.stages):
        if number == 0 or stage.realigns:
            sources = _sources(synthetic, _aligned(order, stage, trainer, recorded, sources))
        material = Material(order.config, _with_sounds(sources, stage.sounds), noises)
        if number == 0:
            trainer.look_at(material)
        with order.reporter.training(stage) as tell:
            trainer.run(stage, material, order.work / f"stage-{stage.name}.pt", tell)
    hours = {"synthetic": _hours(synthetic, order.rate)} | {
        speaker: _hours(takes, order.rate) for speaker, takes in recorded.items()
    }
    return Trained(trainer.network, priors(sources, order.layout.outputs, DECODING_SILENCE), hours)


def _hours(takes: Sequence[Take], rate: int) -> float:
    return sum(len(take.pcm) for take in takes) / rate / 3600
