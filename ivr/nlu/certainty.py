"""How likely it is that an utterance was understood rightly."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

_AGREEMENT_COUNTS = 0.4
"""How much of the certainty goes when no other reading of the sound means the same."""

Knots = tuple[tuple[float, float], ...]
"""Points of a map that never falls: what was computed, and how often it is right."""

RELIABILITY: Knots = (
    (0.0, 0.0),
    (0.443, 0.534),
    (0.57, 0.552),
    (0.658, 0.707),
    (0.777, 0.833),
    (0.928, 0.862),
    (0.998, 0.983),
    (1.0, 1.0),
)
"""Fitted by `bench/understanding.py` to what the bundled model heard in noise."""


def likelihood(confidence: float, fit: float, agreement: float) -> float:
    """Return how well everything speaks for a meaning, 0 to 1; no probability yet.

    `confidence` is the recogniser's; `fit` says how well the words fit the phrases; `agreement` is
    the share of the readings of the same sound that mean the same.
    """
    return confidence * fit * (1.0 - _AGREEMENT_COUNTS * (1.0 - agreement))


def probability_of(likely: float, knots: Knots = RELIABILITY) -> float:
    """Return the chance that a meaning is right, 0 to 1, by how well everything speaks for it."""
    after = bisect_right(knots, (likely, 2.0))
    if after == len(knots):
        return knots[-1][1]
    (left, low), (right, high) = knots[after - 1], knots[after]
    return low + (high - low) * (likely - left) / (right - left)


def fitted(seen: Iterable[tuple[float, bool]], groups: int = 8) -> Knots:
    """Return the map that fits what was seen: groups of equal size, merged until none falls.

    (Pool adjacent violators; Ayer and others 1955.) Perfect agreement stays 1.0.
    """
    ordered = sorted(seen)
    size = max(1, len(ordered) // groups)
    pools: list[list[tuple[float, bool]]] = [
        ordered[at : at + size] for at in range(0, len(ordered), size)
    ]
    merged: list[list[tuple[float, bool]]] = []
    for pool in pools:
        merged.append(pool)
        while len(merged) > 1 and _share(merged[-2]) >= _share(merged[-1]):
            last = merged.pop()
            merged[-1] = merged[-1] + last
    inner = [(round(sum(x for x, _ in m) / len(m), 3), round(_share(m), 3)) for m in merged]
    return ((0.0, 0.0), *((x, y) for x, y in inner if 0.0 < x < 1.0), (1.0, 1.0))


def _share(pool: list[tuple[float, bool]]) -> float:
    return sum(right for _, right in pool) / len(pool)
