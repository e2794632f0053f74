"""Forced alignment: which state of a known text holds at which frame (Viterbi, in numpy).

The text is a chain of states, each at least three frames long; silence may stand before, between
and after the words:

    (SIL) word (SIL) word (SIL)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from asr.training.features import FeatureConfig, Floats
from asr.training.language import PhoneSet, Pronunciation
from asr.training.takes import Alignment

SHORTEST = 3
"""Frames of 10 ms that a state lasts at least."""
_NEVER = -1e30
_STAY, _ADVANCE, _SKIP = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Chain:
    """The states of a text, each split into `SHORTEST` places of one frame or, the last, more."""

    pdfs: npt.NDArray[np.int64]
    """Output of each place."""
    skips: npt.NDArray[np.int64]
    """Place from which one may come by leaving an optional silence out; -1: none."""

    @property
    def may_stay(self) -> npt.NDArray[np.bool_]:
        """Whether a place may hold for more than one frame."""
        last: npt.NDArray[np.bool_] = np.arange(len(self.pdfs)) % SHORTEST == SHORTEST - 1
        return last


@dataclass(frozen=True, slots=True)
class Aligned:
    """An alignment and how well it fits."""

    alignment: Alignment
    score: float
    """Mean log pseudo-likelihood of a speech frame."""


def chain_of(words: Sequence[Pronunciation], phones: PhoneSet) -> Chain:
    """Return the states of the words with optional silences around them."""
    outputs: list[int] = [0]
    after_silence: set[int] = set()
    for word in words:
        after_silence.add(len(outputs))
        outputs.extend(pdf for phone in word for pdf in phones.pdfs_of(phone))
        outputs.append(0)
    skips = np.full(len(outputs) * SHORTEST, -1)
    for state in after_silence:
        if state > 1:
            skips[state * SHORTEST] = (state - 1) * SHORTEST - 1
    return Chain(np.repeat(np.array(outputs), SHORTEST), skips)


def best_path(scores: Floats, chain: Chain) -> npt.NDArray[np.int64] | None:
    """Return the place at every frame, or None when the sound is too short for the text.

    `scores` are log pseudo-likelihoods, frames by outputs.
    """
    observed = scores[:, chain.pdfs].astype(np.float64)
    frames, places = observed.shape
    best = np.full(places, _NEVER)
    best[0] = observed[0, 0]
    if places > SHORTEST:
        best[SHORTEST] = observed[0, SHORTEST]
    moves = np.zeros((frames, places), np.int8)
    skipping = np.nonzero(chain.skips >= 0)[0]
    origins = chain.skips[skipping]
    staying = np.where(chain.may_stay, 0.0, _NEVER)
    for frame in range(1, frames):
        stay = best + staying
        advance = np.concatenate([[_NEVER], best[:-1]])
        move = (advance > stay).astype(np.int8)
        reached = np.maximum(stay, advance)
        if len(skipping):
            skipped = best[origins]
            better = skipped > reached[skipping]
            reached[skipping[better]] = skipped[better]
            move[skipping[better]] = _SKIP
        best = reached + observed[frame]
        moves[frame] = move
    without_last_silence = places - SHORTEST - 1
    last = places - 1
    if without_last_silence >= 0 and best[without_last_silence] > best[last]:
        last = without_last_silence
    if best[last] <= _NEVER / 2:
        return None
    return _trace(moves, chain, last)


def _trace(moves: npt.NDArray[np.int8], chain: Chain, place: int) -> npt.NDArray[np.int64]:
    path = np.zeros(len(moves), np.int64)
    for frame in range(len(moves) - 1, -1, -1):
        path[frame] = place
        move = moves[frame, place]
        if move == _ADVANCE:
            place -= 1
        elif move == _SKIP:
            place = int(chain.skips[place])
    return path


def align(scores: Floats, chain: Chain, config: FeatureConfig) -> Aligned | None:
    """Return the alignment in samples, or None when the sound is too short for the text."""
    path = best_path(scores, chain)
    if path is None:
        return None
    states = path // SHORTEST
    changes = np.concatenate([[0], np.nonzero(np.diff(states))[0] + 1])
    outputs = chain.pdfs[path]
    spoken = outputs != 0
    score = float(scores[np.arange(len(path)), outputs][spoken].mean()) if spoken.any() else _NEVER
    between_centres = (config.window - config.shift) / 2
    starts = np.where(changes == 0, 0.0, changes * config.shift + between_centres)
    return Aligned(Alignment(outputs[changes].astype(np.int16), starts), score)
