"""Synthetic speech for training: shards of takes, made in a few processes and kept.

A shard depends on the seed and its number only. What espeak-ng says depends a little on what it
said before, so each shard has a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import log
from multiprocessing import get_context
from pathlib import Path
from random import Random

from asr.training.language import Language
from asr.training.languages import language_of
from asr.training.takes import Take, take_of, write_takes

SHARD = 250
"""Takes in one shard."""
_SHORTEST_SECONDS = 0.12
_SIZES = (0.86, 1.18)
"""A voice is made so much larger or smaller: its formants and pitch move together."""
_TRIES = 20


def synthetic_take(language: Language, random: Random, rate: int, held_out: bool = False) -> Take:
    """Return something that the language's synthesiser said; raises RuntimeError if it can't."""
    for _ in range(_TRIES):
        size = 2.0 ** random.uniform(log(_SIZES[0], 2), log(_SIZES[1], 2))
        clip = language.speak(random, held_out)
        if clip.segments and len(clip.pcm) > _SHORTEST_SECONDS * clip.rate:
            return take_of(clip, language.phones, rate, 1.0 if held_out else size)
    raise RuntimeError(
        f"the synthesiser of {language.code} gave no speech with alignment in {_TRIES} tries"
    )


def shard_path(work: Path, number: int) -> Path:
    """Return where a shard is kept."""
    return work / f"synthetic-{number:03}.npz"


def _write_shard(code: str, rate: int, seed: int, work: Path, number: int) -> int:
    language = language_of(code)
    random = Random(f"{seed}/{number}")
    takes = [synthetic_take(language, random, rate) for _ in range(SHARD)]
    write_takes(shard_path(work, number), takes)
    return sum(len(take.pcm) for take in takes)


def synthesise(
    code: str,
    rate: int,
    seed: int,
    shards: int,
    work: Path,
    processes: int,
    progress: Callable[[int, int], None],
) -> tuple[Path, ...]:
    """Make the shards that are not there yet and return them all; `progress(done, of)`."""
    paths = tuple(shard_path(work, number) for number in range(shards))
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    if missing:
        make = partial(_write_shard, code, rate, seed, work)
        spawn = get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=spawn, max_tasks_per_child=1) as pool:
            for done, _ in enumerate(pool.map(make, missing), shards - len(missing) + 1):
                progress(done, shards)
    return paths
