"""Durations: how long something lasts, learnt while it goes on: ringing, talks, wrap-ups."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log
from statistics import NormalDist
from typing import Final, Self

_STEP: Final = 1.15
_EDGES: Final = (0.0, *(_STEP**power for power in range(60)))
"""Seconds; bins grow with what they hold, up to about an hour."""
_KNOWN: Final = 0.02
"""Of what lasted longer than all but so few, nothing is known but that it has lasted so long."""


@dataclass(frozen=True, slots=True)
class Durations:
    """A distribution of durations in seconds that forgets what was long ago."""

    weights: tuple[float, ...]
    survivals: tuple[float, ...]
    """Share that lasts longer than each edge."""

    @classmethod
    def about(cls, median_seconds: float, spread: float = 0.8, weight: float = 8.0) -> Self:
        """Return what is supposed before anything was seen, worth `weight` observations.

        `spread`: standard deviation of the logarithm, for durations are about lognormal (Brown et
        al. 2005, Statistical Analysis of a Telephone Call Center, section 4.3).
        """
        shape = NormalDist(log(median_seconds), spread)
        shares = [0.0, *(shape.cdf(log(edge)) for edge in _EDGES[1:]), 1.0]
        return cls._of(
            [weight * (after - before) for before, after in zip(shares, shares[1:], strict=False)]
        )

    def with_one(self, seconds: float, memory: float = 150.0) -> Self:
        """Return it with one more observation; it remembers about `memory` of them."""
        kept = 1.0 - 1.0 / memory
        weights = [kept * each for each in self.weights]
        weights[bisect_right(_EDGES, max(0.0, seconds)) - 1] += 1.0
        return self._of(weights)

    def longer_than(self, seconds: float) -> float:
        """Return the share that lasts longer than `seconds`."""
        if seconds <= 0.0:
            return 1.0
        at = bisect_right(_EDGES, seconds) - 1
        if at >= len(_EDGES) - 1:
            return self.survivals[-1] * _EDGES[-1] / seconds
        left, right = _EDGES[at], _EDGES[at + 1]
        before, after = self.survivals[at], self.survivals[at + 1]
        return before + (after - before) * (seconds - left) / (right - left)

    def ends_within(self, elapsed: float, seconds: float) -> float:
        """Return how probable it is that what has lasted `elapsed` ends in the next `seconds`."""
        left = self.longer_than(elapsed)
        if left < _KNOWN:
            return 1.0 - exp(-seconds / max(elapsed, 1.0))
        return 1.0 - self.longer_than(elapsed + seconds) / left

    @classmethod
    def _of(cls, weights: list[float]) -> Self:
        total = sum(weights)
        gone = accumulate(weights[:-1], initial=0.0)
        return cls(tuple(weights), tuple(1.0 - each / total for each in gone))
