"""The left half of a decoding graph: transitions of the network in, words out.

One prefix tree over the states of the phones. The arc into a state carries the transition
*onwards*, the loop on it the transition that *stays* (Kaldi's reorder=true, which its word
alignment assumes). The word stands on an arc without input from the end of the word back to the
root; homophones are several such arcs. Nothing is determinised, so no disambiguation symbols are
needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from asr.training.fst import Arc, Transducer
from asr.training.language import SILENCE, Pronunciation
from asr.training.topology import Topology, in_word

_SILENCE_PROBABILITY = 0.25
"""How likely a pause is before a word."""

_SECOND_READING = 0.5
_LATER_READING = 1.2
"""Costs of readings after the first; accents come last."""

_ROOT = 0


@dataclass
class _Tree:
    topology: Topology
    arcs: list[Arc] = field(default_factory=list)
    steps: dict[tuple[int, str], tuple[int, float]] = field(default_factory=dict)
    states: int = 1

    def step(self, state: int, symbol: str, cost: float) -> tuple[int, float]:
        """Go through a phone; return where that leads and what leaving its last state costs."""
        if (state, symbol) not in self.steps:
            stay = self.topology.stay(symbol)
            here, pending = state, cost
            for number in range(self.topology.states(symbol)):
                staying, onwards = self.topology.transitions[symbol, number]
                self.arcs.append(Arc(here, self.states, onwards, 0, pending))
                self.arcs.append(Arc(self.states, self.states, staying, 0, -math.log(stay)))
                here, pending = self.states, -math.log(1 - stay)
                self.states += 1
            self.steps[state, symbol] = here, pending
        return self.steps[state, symbol]

    def walk(self, pronunciation: Pronunciation) -> tuple[int, float]:
        """Go through a word from the root."""
        state, cost = _ROOT, -math.log(1 - _SILENCE_PROBABILITY)
        for symbol in in_word(pronunciation):
            state, cost = self.step(state, symbol, cost)
        return state, cost


def lexicon_transducer(
    topology: Topology,
    lexicon: Mapping[str, tuple[Pronunciation, ...]],
    numbers: Mapping[str, int],
    garbage: tuple[str, Iterable[Pronunciation], float],
) -> Transducer:
    """Return the transducer of a lexicon.

    `garbage` is a word that stands for any of its pronunciations, at a cost: speech that fits none
    of the phrases of a grammar.
    """
    tree = _Tree(topology)
    silence, leave = tree.step(_ROOT, SILENCE, -math.log(_SILENCE_PROBABILITY))
    tree.arcs.append(Arc(silence, _ROOT, 0, 0, leave))
    for word, readings in lexicon.items():
        for place, reading in enumerate(readings):
            state, cost = tree.walk(reading)
            extra = (0.0, _SECOND_READING)[place] if place < 2 else _LATER_READING
            tree.arcs.append(Arc(state, _ROOT, 0, numbers[word], cost + extra))
    unknown, anything, penalty = garbage
    for reading in dict.fromkeys(anything):
        state, cost = tree.walk(reading)
        tree.arcs.append(Arc(state, _ROOT, 0, numbers[unknown], cost + penalty))
    return Transducer(sorted(tree.arcs, key=lambda arc: arc.start), {_ROOT: 0.0})
