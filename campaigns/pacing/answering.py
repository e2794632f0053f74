"""AnswerRate: how many of the calls reach somebody, learnt with forgetting and with doubt."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final, Self

SLOW: Final = 200.0
FAST: Final = 30.0
"""Calls that the two memories hold."""
_APART: Final = 2.2
"""So many standard errors between the two memories mean that the rate has changed."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Calls that reached somebody, and all that are decided, the older the less they count."""

    reached: float
    decided: float

    def after(self, reached: bool, memory: float) -> Tally:
        """Return it with one more call."""
        kept = 1.0 - 1.0 / memory
        return Tally(kept * self.reached + reached, kept * self.decided + 1.0)

    @property
    def rate(self) -> float:
        """The share that reached somebody."""
        return self.reached / self.decided

    def upper(self, doubt: float) -> float:
        """Return the upper end of the interval of `doubt` standard errors (Wilson 1927)."""
        calls, rate, square = self.decided, self.rate, doubt * doubt
        middle = rate + square / (2 * calls)
        half = doubt * sqrt(rate * (1 - rate) / calls + square / (4 * calls * calls))
        return min(1.0, (middle + half) / (1 + square / calls))


@dataclass(frozen=True, slots=True)
class AnswerRate:
    """The share of calls that reach a person, as the last calls have shown it.

    Answers are known sooner than that nobody answers, so that a rate that rises is seen at once,
    and for a moment seems higher than it is.
    """

    slow: Tally = Tally(2.0, 4.0)
    fast: Tally = Tally(2.0, 4.0)

    def after(self, reached: bool) -> Self:
        """Return it with one more call that is decided."""
        return type(self)(self.slow.after(reached, SLOW), self.fast.after(reached, FAST))

    @property
    def now(self) -> Tally:
        """The memory to believe: the long one, unless the short one contradicts it."""
        usual, recent = self.slow.rate, self.fast.rate
        error = sqrt(max(usual * (1 - usual), 0.02) / self.fast.decided)
        return self.fast if abs(recent - usual) > _APART * error else self.slow
