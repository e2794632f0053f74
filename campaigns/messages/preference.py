"""Preference: which way to somebody worked best, with what is long ago counting less.

A Beta distribution per channel: its mean is how likely the channel works next time. What is known
of nobody in particular stands for three tries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from store.channel_results import ChannelCounts
from store.message_types import Channel

HALF_LIFE: Final = timedelta(days=90)
"""After so long a result counts half."""
BEFORE: Final[Mapping[Channel, tuple[float, float]]] = MappingProxyType(
    {Channel.CALL: (1.5, 1.5), Channel.SMS: (2.4, 0.6), Channel.EMAIL: (1.2, 1.8)}
)
"""Successes and failures to begin with."""
LEAST_LEAD: Final = 0.1
"""A channel leads by less than that by chance."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The channel to take, and why."""

    channel: Channel
    why: str


def noted(
    counts: Iterable[ChannelCounts], channel: Channel, worked: bool, now: datetime
) -> ChannelCounts:
    """Return the counts of a channel with one more result; older ones have faded."""
    known = next((each for each in counts if each.channel is channel), None)
    was, fell = (0.0, 0.0) if known is None else faded(known, now)
    return ChannelCounts(channel, was + worked, fell + (not worked), now)


def faded(counts: ChannelCounts, now: datetime) -> tuple[float, float]:
    """Return what successes and failures still count."""
    age = max(timedelta(0), now - counts.at)
    weight = 0.5 ** (age / HALF_LIFE)
    return counts.worked * weight, counts.failed * weight


def likelihood(counts: Iterable[ChannelCounts], channel: Channel, now: datetime) -> float:
    """Return how likely (0 to 1) a channel works next time."""
    good, bad = BEFORE[channel]
    for each in counts:
        if each.channel is channel:
            worked, failed = faded(each, now)
            good, bad = good + worked, bad + failed
    return good / (good + bad)


def preferred(
    counts: Collection[ChannelCounts], allowed: Collection[Channel], now: datetime
) -> Choice | None:
    """Choose among channels that may be used, in the order of who asks; None: there is none.

    What may be used is decided before: this never makes a channel out of one that isn't allowed.
    """
    if not allowed:
        return None
    first, *others = allowed
    best, lead = first, LEAST_LEAD
    for each in others:
        ahead = likelihood(counts, each, now) - likelihood(counts, first, now)
        if ahead >= lead:
            best, lead = each, ahead
    told = ", ".join(f"{each} {likelihood(counts, each, now):.0%}" for each in allowed)
    if best is first:
        return Choice(best, f"first of those allowed ({told})")
    return Choice(best, f"worked better with this recipient ({told})")
