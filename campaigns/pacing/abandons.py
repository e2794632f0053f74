"""AbandonWindow: how many people may still be abandoned without the rate passing its ceiling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

_BINS: Final = 96
"""A window is counted in so many parts."""
_AHEAD: Final = timedelta(hours=1)
_LIKELY: Final = 0.5
"""Of the answers expected in the time to come, so many are counted on."""


@dataclass(frozen=True, slots=True)
class Bin:
    """What happened in one part of the window."""

    began_at: datetime
    reached: int = 0
    """People who answered, whether or not somebody talked with them."""
    abandoned: int = 0
    """Of these, people whom nobody talked with."""


@dataclass(frozen=True, slots=True)
class AbandonWindow:
    """The people who answered in the time behind us, and those of them who were abandoned.

    Ofcom counts over 24 hours, the FTC over 30 days or the campaign (16 CFR 310.4(b)(4)(i)).
    """

    ceiling: float
    """Share of those who answered, 0 to 1."""
    length: timedelta
    bins: tuple[Bin, ...] = ()

    def with_answer(self, now: datetime, *, abandoned: bool) -> Self:
        """Return it with one more person who answered."""
        bins = self.bins
        width = self.length / _BINS
        if not bins or now >= bins[-1].began_at + width:
            bins = (*self._kept(now), Bin(now))
        last = bins[-1]
        last = replace(last, reached=last.reached + 1, abandoned=last.abandoned + abandoned)
        return replace(self, bins=(*bins[:-1], last))

    def with_history(self, answers: Iterable[tuple[datetime, bool]]) -> Self:
        """Return it with people who answered before, oldest first, and if they were abandoned."""
        window = self
        for at, abandoned in answers:
            window = window.with_answer(at, abandoned=abandoned)
        return window

    def counts(self, now: datetime) -> tuple[int, int]:
        """Return how many answered, and how many of them were abandoned, in the window."""
        kept = self._kept(now)
        return sum(each.reached for each in kept), sum(each.abandoned for each in kept)

    def rate(self, now: datetime) -> float:
        """Return the share of those who answered that was abandoned; nobody answered: 0."""
        reached, abandoned = self.counts(now)
        return abandoned / reached if reached else 0.0

    def budget(self, now: datetime) -> float:
        """Return how many people may be abandoned now; below 0: too many were already.

        The rate of the window that ends now must hold. So must that of windows which end later,
        when the oldest answers are out of it: for each of these, what is left is counted, with half
        of the answers that the next hour, or what is missing to a whole window, lets us expect.
        """
        kept = self._kept(now)
        if not kept:
            return 0.0
        width = self.length / _BINS
        since = now - kept[0].began_at
        total = sum(each.reached for each in kept)
        per_second = _LIKELY * total / max(since.total_seconds(), 1.0)
        left = self.ceiling * total - sum(each.abandoned for each in kept)
        earned = 0.0
        for each in reversed(kept):
            earned += self.ceiling * each.reached - each.abandoned
            missing = min(_AHEAD, self.length - (now - each.began_at) - width)
            if missing <= timedelta():
                continue
            left = min(left, earned + self.ceiling * per_second * missing.total_seconds())
        return left

    def _kept(self, now: datetime) -> tuple[Bin, ...]:
        """Return the parts in the window; of one that lies partly in it, the abandoned alone."""
        oldest = now - self.length
        width = self.length / _BINS
        return tuple(
            each if oldest <= each.began_at else replace(each, reached=0)
            for each in self.bins
            if oldest - width < each.began_at <= now
        )
