"""Whether and when a worker that died is started again; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """How patient we are with workers that die."""

    quick: timedelta = timedelta(seconds=5)
    """A worker that lives shorter than this died quickly."""
    first_delay: timedelta = timedelta(milliseconds=200)
    """Pause after the first quick death; doubled after each further one."""
    longest_delay: timedelta = timedelta(seconds=5)
    quick_deaths: int = 5
    """After so many quick deaths in a row the worker is given up."""


@dataclass(frozen=True, slots=True)
class Restart:
    """Start it again after a pause."""

    delay: timedelta
    quick_deaths: int
    """Quick deaths in a row so far."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It would only die again."""

    quick_deaths: int


def after_death(
    policy: RestartPolicy, lived: timedelta, quick_deaths_before: int
) -> Restart | GiveUp:
    """Decide what follows the death of a worker that lived so long."""
    if lived >= policy.quick:
        return Restart(timedelta(0), 0)
    quick_deaths = quick_deaths_before + 1
    if quick_deaths >= policy.quick_deaths:
        return GiveUp(quick_deaths)
    delay = policy.first_delay * 2 ** (quick_deaths - 1)
    return Restart(min(delay, policy.longest_delay), quick_deaths)
