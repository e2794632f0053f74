"""Allowance: the calls that lines and limits per second still let us place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class Allowance:
    """A token bucket: the calls that a trunk's calls-per-second limit still allows."""

    calls_per_second: float
    tokens: float
    counted_at: datetime

    @classmethod
    def full(cls, calls_per_second: float, now: datetime) -> Self:
        """Return an allowance that lets the first call go out at once."""
        return cls(calls_per_second, max(1.0, calls_per_second), now)

    def at(self, now: datetime) -> Self:
        """Return the allowance as it is at `now`; a clock that was set back adds nothing."""
        elapsed_seconds = max(0.0, (now - self.counted_at).total_seconds())
        most = max(1.0, self.calls_per_second)
        tokens = min(most, self.tokens + elapsed_seconds * self.calls_per_second)
        return replace(self, tokens=tokens, counted_at=now)

    def less(self, calls: int) -> Self:
        """Return what is left after `calls` were placed.

        Raises ValueError when that is more than was allowed.
        """
        if calls > self.whole:
            raise ValueError(f"{calls} calls were placed, {self.whole} were allowed")
        return replace(self, tokens=self.tokens - calls)

    @property
    def whole(self) -> int:
        """Calls that may be placed at once."""
        # The sum of many small refills falls short of a whole number by rounding.
        return int(self.tokens + 1e-9)


def calls_to_place(
    free_lines: int, in_progress: int, max_concurrent: int, allowance: Allowance
) -> int:
    """Return how many calls to place now without exceeding lines, campaign or trunk."""
    return max(0, min(free_lines, max_concurrent - in_progress, allowance.whole))
