"""Turns: which campaign places the next call, where several want the same lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Self


@dataclass(frozen=True, slots=True)
class Claim:
    """A campaign that wants to place calls."""

    campaign: int
    calls: int
    """So many, if lines are free."""
    priority: int = 5
    """A higher one is served first, whatever it takes."""
    weight: int = 1
    """Among campaigns of one priority, twice the weight gets twice the calls."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Whose turn it is: strict between priorities, by weight within one.

    Each campaign has a pass that goes on by 1/weight with every call; the lowest pass is next
    (stride scheduling: Waldspurger & Weihl 1995). So within a priority nobody waits for ever, and a
    campaign is never more than one call away from its share of those that want calls.
    """

    passes: Mapping[int, float] = field(default_factory=dict)

    def deal(self, free: int, claims: Collection[Claim]) -> dict[int, int]:
        """Return how many calls each campaign may place now; what one doesn't want others get."""
        dealt = {each.campaign: 0 for each in claims}
        left = max(0, free)
        for priority in sorted({each.priority for each in claims}, reverse=True):
            peers = [each for each in claims if each.priority == priority]
            passes = self._passes(peers)
            while left and (open_ := [each for each in peers if dealt[each.campaign] < each.calls]):
                next_ = min(open_, key=lambda each: (passes[each.campaign], each.campaign))
                dealt[next_.campaign] += 1
                passes[next_.campaign] += 1.0 / max(1, next_.weight)
                left -= 1
        return dealt

    def in_order(self, claims: Collection[Claim]) -> tuple[int, ...]:
        """Return the campaigns as they come to their turn."""
        ordered = sorted(
            claims, key=lambda each: (-each.priority, self.passes.get(each.campaign, 0.0))
        )
        return tuple(each.campaign for each in ordered)

    def placed(self, calls: Mapping[int, int], claims: Collection[Claim]) -> Self:
        """Return whose turn it is after each campaign has placed so many calls."""
        passes: dict[int, float] = {}
        for priority in {each.priority for each in claims}:
            peers = [each for each in claims if each.priority == priority]
            before = self._passes(peers)
            passes |= {
                each.campaign: before[each.campaign]
                + calls.get(each.campaign, 0) / max(1, each.weight)
                for each in peers
            }
        known = {key: value for key, value in self.passes.items() if key not in passes}
        return replace(self, passes=known | passes)

    def without(self, campaigns: Collection[int]) -> Self:
        """Return it without campaigns that are over."""
        left = {key: value for key, value in self.passes.items() if key not in campaigns}
        return replace(self, passes=left)

    def _passes(self, peers: Collection[Claim]) -> dict[int, float]:
        """Return the passes of campaigns of one priority; who has wanted nothing saved nothing."""
        wanting = [each.campaign for each in peers if each.calls > 0]
        known = [self.passes[each] for each in wanting if each in self.passes]
        lowest, highest = min(known, default=0.0), max(known, default=0.0)
        # Nobody is further behind than one call of the lightest of them.
        slack = max((1.0 / max(1, each.weight) for each in peers), default=1.0)
        floor = max(lowest, highest - slack)
        return {each.campaign: max(floor, self.passes.get(each.campaign, floor)) for each in peers}
