"""The right half of a decoding graph: how likely words follow each other.

An interpolated n-gram model with absolute discounting (Ney, Essen and Kneser 1994), written as an
acceptor whose back-off arcs have no label.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from asr.training.fst import Arc, Transducer

BEGIN, END = "<s>", "</s>"

_DISCOUNTS = (0.0, 0.0, 0.5, 0.75, 0.9)
"""By the length of the n-gram."""
_LEAST_BACK_OFF = 1e-4

Gram = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NGrams:
    """Probabilities of word sequences."""

    probabilities: Mapping[Gram, float]
    """History and word -> probability of the word."""
    back_off: Mapping[Gram, float]
    """History -> weight of the shorter history's probabilities."""
    order: int

    def probability(self, history: Gram, word: str) -> float:
        """Return how likely a word follows; the history may be longer than the model looks."""
        history = history[max(0, len(history) - self.order + 1) :]
        found = self.probabilities.get((*history, word))
        if found is not None or not history:
            return found or 0.0
        return self.back_off.get(history, 1.0) * self.probability(history[1:], word)

    def perplexity(self, sentences: Sequence[Gram]) -> float:
        """Return how many words could have come next, on average."""
        cost, count = 0.0, 0
        for sentence in sentences:
            history: Gram = (BEGIN,)
            for word in (*sentence, END):
                cost -= math.log(max(1e-9, self.probability(history, word)))
                history = (*history, word)
                count += 1
        return math.exp(cost / max(1, count))

    def acceptor(self, numbers: Mapping[str, int]) -> Transducer:
        """Return the model over word numbers."""
        states: dict[Gram, int] = {(): 0}
        for history in sorted(self.back_off, key=lambda h: (len(h), h)):
            states[history] = len(states)
        arcs = [
            Arc(states[gram[:-1]], self._state(gram, states), numbers[gram[-1]], 0, -math.log(p))
            for gram, p in self.probabilities.items()
            if gram[-1] not in (BEGIN, END) and gram[:-1] in states
        ]
        arcs = [Arc(a.start, a.end, a.input, a.input, a.cost) for a in arcs]
        arcs += [
            Arc(states[history], self._state(history[1:], states), 0, 0, -math.log(weight))
            for history, weight in self.back_off.items()
        ]
        finals = {
            states[gram[:-1]]: -math.log(p)
            for gram, p in self.probabilities.items()
            if gram[-1] == END and gram[:-1] in states
        }
        start = states[BEGIN,]
        arcs.sort(key=lambda arc: (arc.start != start, arc.start, arc.input, arc.end))
        return Transducer(arcs, finals)

    def _state(self, gram: Gram, states: Mapping[Gram, int]) -> int:
        history = gram[max(0, len(gram) - self.order + 1) :]
        while history not in states:
            history = history[1:]
        return states[history]


def estimate(
    sentences: Mapping[Gram, float],
    background: Mapping[str, float],
    order: int = 3,
    background_share: float = 0.03,
    least_count: Sequence[float] = (0.0, 0.0, 2.5),
) -> NGrams:
    """Return the model of weighted sentences.

    `background`: every word of the vocabulary and how common it is anywhere; it gets a share of
    the single words, so that nothing is impossible. An n-gram counts only above `least_count` of
    its length (from one word on; the last goes for longer ones).
    """
    counts = _counted(sentences, order)
    probabilities = _single(counts[1], background, background_share)
    back_off: dict[Gram, float] = {}
    model = NGrams(probabilities, back_off, order)
    for length in range(2, order + 1):
        least = least_count[min(length, len(least_count)) - 1]
        for history, followers in _followers(counts[length], least):
            if length == 2 or history in counts[length - 1]:
                _extend(model, probabilities, back_off, history, followers)
    return model


def _extend(
    model: NGrams,
    probabilities: dict[Gram, float],
    back_off: dict[Gram, float],
    history: Gram,
    followers: Mapping[str, float],
) -> None:
    discount = _DISCOUNTS[min(len(history) + 1, len(_DISCOUNTS) - 1)]
    total = sum(followers.values())
    share = sum(min(count, discount) for count in followers.values()) / total
    share = max(share, 0.002 if len(history) == 1 else 0.001)
    used = shorter = 0.0
    found: dict[Gram, float] = {}
    for word, count in followers.items():
        lower = model.probability(history[1:], word)
        found[*history, word] = max(count - discount, 0.0) / total + share * lower
        used += found[*history, word]
        shorter += lower
    probabilities.update(found)
    left = max(_LEAST_BACK_OFF, 1.0 - used)
    back_off[history] = left / max(_LEAST_BACK_OFF, 1.0 - shorter)


def _counted(sentences: Mapping[Gram, float], order: int) -> list[dict[Gram, float]]:
    counts: list[dict[Gram, float]] = [defaultdict(float) for _ in range(order + 1)]
    for sentence, weight in sentences.items():
        marked = (BEGIN, *sentence, END)
        for end in range(2, len(marked) + 1):
            for length in range(1, min(order, end) + 1):
                counts[length][marked[end - length : end]] += weight
    return counts


def _single(
    counts: Mapping[Gram, float], background: Mapping[str, float], share: float
) -> dict[Gram, float]:
    total = sum(counts.values())
    everywhere = sum(background.values())
    found: dict[Gram, float] = {
        (word,): share * common / everywhere + (1 - share) * counts.get((word,), 0.0) / total
        for word, common in background.items()
    }
    found[END,] = (1 - share) * counts[END,] / total
    return found


def _followers(
    counts: Mapping[Gram, float], least: float
) -> Iterator[tuple[Gram, dict[str, float]]]:
    followers: dict[Gram, dict[str, float]] = defaultdict(dict)
    for gram, count in counts.items():
        if count > least:
            followers[gram[:-1]][gram[-1]] = count
    yield from followers.items()
