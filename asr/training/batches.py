"""Batches made ahead of the trainer in one forked process, which shares the material's memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.queues import Queue

from asr.training.features import Floats
from asr.training.rows import Labels, Material, batch

_AHEAD = 8
"""Batches that may wait for the trainer."""


@contextmanager
def batches(
    material: Material,
    seed: Sequence[int],
    steps: range,
    rows: int,
    context: tuple[int, int],
) -> Iterator[Iterator[tuple[Floats, Labels]]]:
    """Give the batches of the steps in order; a batch depends on the seed and its step alone."""
    forked = get_context("fork")
    ready: Queue[tuple[Floats, Labels]] = forked.Queue(_AHEAD)

    def fill() -> None:
        for step in steps:
            ready.put(batch(material, (*seed, step), rows, context))

    process = forked.Process(target=fill, daemon=True)
    process.start()
    try:
        yield (ready.get() for _ in steps)
    finally:
        process.terminate()
        process.join()
