"""Durations: how long something lasts, learnt while it goes on: ringing, talks, wrap-ups."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import log
from statistics import NormalDist
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

_EDGES: Final = np.array([0.0, *(1.15**power for power in range(60))])
"""Seconds; bins grow with what they hold, up to about an hour."""
_SEARCHED: Final = _EDGES.tolist()
_KNOWN: Final = 0.02
"""Of what lasted longer than all but so few, nothing is known but that it has lasted so long."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Durations:
    """A distribution of durations in seconds that forgets what was long ago."""

    weights: Floats
    """Of observations between one edge and the next, the older the less."""

    @classmethod
    def about(cls, median_seconds: float, spread: float = 0.8, weight: float = 8.0) -> Self:
        """Return what is supposed before anything was seen, worth `weight` observations.

        `spread`: standard deviation of the logarithm, for durations are about lognormal (Brown et
        al. 2005, Statistical Analysis of a Telephone Call Center, section 4.3).
        """
        shape = NormalDist(log(median_seconds), spread)
        shares = [0.0, *(shape.cdf(log(edge)) for edge in _SEARCHED[1:]), 1.0]
        return cls(np.array([weight * (after - before) for before, after in pairwise(shares)]))

    def with_one(self, seconds: float, memory: float = 150.0) -> Self:
        """Return it with one more observation; it remembers about `memory` of them."""
        weights = self.weights * (1.0 - 1.0 / memory)
        weights[bisect_right(_SEARCHED, max(0.0, seconds)) - 1] += 1.0
        return type(self)(weights)

    def longer_than(self, seconds: Floats | float) -> Floats:
        """Return the share that lasts longer than each of these numbers of seconds."""
        gone = np.cumsum(self.weights)
        survivals = np.concatenate(([1.0], 1.0 - gone[:-1] / gone[-1]))
        asked = np.asarray(seconds, dtype=np.float64)
        return np.asarray(np.interp(asked, _EDGES, survivals, right=0.0))

    def ends_within(self, elapsed: Floats, seconds: Floats) -> Floats:
        """Return how probable it is that what has lasted `elapsed` ends in the next `seconds`."""
        left = self.longer_than(elapsed)
        known = 1.0 - self.longer_than(elapsed + seconds) / np.maximum(left, _KNOWN)
        unknown = 1.0 - np.exp(-seconds / np.maximum(elapsed, 1.0))
        return np.where(left < _KNOWN, unknown, known)
