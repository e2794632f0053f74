"""Several readings of the same sound -> one recognition with shares and word confidences.

An engine gives each reading of its list a log-likelihood. Their softmax is the probability of a
reading among those in the list, and the share of the readings that have a word in its place is
the confidence of that word, as in a confusion network (Mangu, Brill and Stolcke 2000).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from asr.hearing import Alternative, Recognition, Word


@dataclass(frozen=True, slots=True)
class Reading:
    """One of the engine's hypotheses."""

    text: str
    score: float
    """Log-likelihood, natural logarithm; only differences within a list mean something."""
    words: tuple[Word, ...]
    """Their confidences are not looked at."""


def shares(scores: Sequence[float], temperature: float = 1.0) -> tuple[float, ...]:
    """Return the probabilities of readings with these log-likelihoods.

    A temperature above 1 evens them out, for engines that are too sure of themselves.
    """
    if not scores:
        return ()
    best = max(scores)
    weights = [math.exp((score - best) / temperature) for score in scores]
    total = sum(weights)
    return tuple(weight / total for weight in weights)


def recognition_of_readings(readings: Sequence[Reading], temperature: float = 1.0) -> Recognition:
    """Return the likeliest text, its words with confidences, and all texts with their shares."""
    portions = shares([reading.score for reading in readings], temperature)
    texts: dict[str, float] = {}
    for reading, share in zip(readings, portions, strict=True):
        texts[reading.text] = texts.get(reading.text, 0.0) + share
    if not texts:
        return Recognition(text="", confidence=0.0)
    text = max(texts, key=texts.__getitem__)
    chosen = max((r for r in readings if r.text == text), key=lambda reading: reading.score)
    words = tuple(
        replace(word, confidence=_support(word, readings, portions)) for word in chosen.words
    )
    confidence = sum(word.confidence for word in words) / len(words) if words else 0.0
    ordered = sorted(texts.items(), key=lambda each: each[1], reverse=True)
    alternatives = tuple(Alternative(each, share) for each, share in ordered)
    return Recognition(text, confidence, words, alternatives)


def _support(word: Word, readings: Sequence[Reading], portions: Sequence[float]) -> float:
    return min(
        1.0,
        sum(
            share
            for reading, share in zip(readings, portions, strict=True)
            if any(_is_same(word, other) for other in reading.words)
        ),
    )


def _is_same(word: Word, other: Word) -> bool:
    middle = (word.began + word.ended) / 2
    return word.text == other.text and other.began <= middle <= other.ended
