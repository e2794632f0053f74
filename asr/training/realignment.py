"""Alignment of all recorded speech with the network as it is, in a few forked processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path

import numpy as np

from asr.training.alignment import Aligned, align, chain_of
from asr.training.features import FeatureConfig, Floats, mfcc
from asr.training.language import PhoneSet
from asr.training.net import Network
from asr.training.takes import Alignment, Take
from asr.training.trainer import log_posteriors

_QUIET = 0.25
"""Takes have a high peak; the network hears telephones."""
_PRIOR_WEIGHT = 0.7
_BATCH_SAMPLES = 200_000
_WAITING = 16
"""Batches whose alignments may wait to be taken."""
_WORST = 0.03
"""Share of the takes that is left out: wrong readings show up there."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a speaker's alignment went."""

    speaker: str
    takes: int
    kept: int
    score: float
    """Mean log pseudo-likelihood of the speech frames."""
    worst: tuple[str, ...]
    """Texts that fit worst."""


def _in_batches(takes: Sequence[Take]) -> Iterator[list[int]]:
    """Yield the numbers of takes of similar length, so that padding is short."""
    order = sorted(range(len(takes)), key=lambda number: len(takes[number].pcm))
    together: list[int] = []
    for number in order:
        if together and (len(together) + 1) * len(takes[number].pcm) > _BATCH_SAMPLES:
            yield together
            together = []
        together.append(number)
    if together:
        yield together


@dataclass(frozen=True)
class _Work:
    network: Network
    takes: Sequence[Take]
    phones: PhoneSet
    config: FeatureConfig
    log_priors: Floats

    def __call__(self, numbers: list[int]) -> list[tuple[int, Aligned | None]]:
        sounds = [
            mfcc(self.takes[number].pcm * np.float32(_QUIET), self.config) for number in numbers
        ]
        posteriors = log_posteriors(self.network, sounds)
        return [
            (
                number,
                align(
                    told - _PRIOR_WEIGHT * self.log_priors,
                    chain_of(self.takes[number].words, self.phones),
                    self.config,
                ),
            )
            for number, told in zip(numbers, posteriors, strict=True)
        ]


def _worker(
    work: _Work,
    todo: Sequence[list[int]],
    results: Queue[list[tuple[int, Aligned | None]]],
) -> None:
    for numbers in todo:
        results.put(work(numbers))


def realigned(
    network: Network,
    speaker: str,
    takes: Sequence[Take],
    phones: PhoneSet,
    config: FeatureConfig,
    priors: Sequence[float],
    processes: int,
) -> tuple[dict[int, Alignment], Summary]:
    """Return the alignments of the takes by their numbers, without the worst few."""
    todo = list(_in_batches(takes))[::-1]
    work = _Work(network, takes, phones, config, np.log(np.array(priors, np.float32)))
    forked = get_context("fork")
    results: Queue[list[tuple[int, Aligned | None]]] = forked.Queue(_WAITING)
    workers = [
        forked.Process(target=_worker, args=(work, todo[k::processes], results), daemon=True)
        for k in range(processes)
    ]
    for worker in workers:
        worker.start()
    found: dict[int, Aligned] = {}
    for _ in todo:
        found.update((number, best) for number, best in results.get() if best is not None)
    for worker in workers:
        worker.join()
    order = sorted(found, key=lambda number: found[number].score)
    kept = sorted(order[int(len(order) * _WORST) :])
    score = float(np.mean([best.score for best in found.values()])) if found else 0.0
    worst = tuple(takes[number].text for number in order[:10])
    alignments = {number: found[number].alignment for number in kept}
    return alignments, Summary(speaker, len(takes), len(kept), score, worst)


def write_alignments(path: Path, alignments: Mapping[int, Alignment]) -> None:
    """Keep alignments by the numbers of their takes; the sound is kept elsewhere."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            numbers=np.array(list(alignments)),
            counts=np.array([len(alignment.pdfs) for alignment in alignments.values()]),
            pdfs=np.concatenate([alignment.pdfs for alignment in alignments.values()]),
            starts=np.concatenate([alignment.starts for alignment in alignments.values()]),
        )
    unfinished.rename(path)


def read_alignments(path: Path) -> dict[int, Alignment]:
    """Return the alignments of a file of `write_alignments`."""
    with np.load(path) as parts:
        edges = np.cumsum(parts["counts"])[:-1]
        pdfs, starts = np.split(parts["pdfs"], edges), np.split(parts["starts"], edges)
        numbers = parts["numbers"].tolist()
    return {
        number: Alignment(outputs, times)
        for number, outputs, times in zip(numbers, pdfs, starts, strict=True)
    }


def with_alignments(takes: Sequence[Take], alignments: Mapping[int, Alignment]) -> list[Take]:
    """Return those takes that have an alignment, with it."""
    return [replace(takes[number], alignment=found) for number, found in alignments.items()]
