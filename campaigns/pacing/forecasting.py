"""Forecast: how many people will answer and how many agents will be free, in the next seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import erf, exp, pi, sqrt
from typing import Final

from campaigns.pacing.agents import AgentsNow, CallsNow
from campaigns.pacing.learning import Learned

MOMENTS: Final = (1.0, 3.0, 5.0, 7.0, 9.0, 12.0, 15.0, 19.0, 24.0, 30.0)
"""Seconds from now at which people and agents are counted."""
_ROOT: Final = sqrt(2.0)
_DENSITY: Final = 1.0 / sqrt(2.0 * pi)


@dataclass(frozen=True, slots=True)
class Count:
    """A number that is not known yet, at each of the moments."""

    means: tuple[float, ...] = (0.0,) * len(MOMENTS)
    variances: tuple[float, ...] = (0.0,) * len(MOMENTS)

    def plus(self, other: Count, times: int = 1) -> Count:
        """Return the sum of two numbers that know nothing of each other."""
        return Count(
            tuple(a + times * b for a, b in zip(self.means, other.means, strict=True)),
            tuple(a + times * b for a, b in zip(self.variances, other.variances, strict=True)),
        )

    @property
    def whole(self) -> float:
        """What it comes to in the end."""
        return self.means[-1]


def counted(chances: Iterable[tuple[float, ...]], surely: int = 0) -> Count:
    """Return how many of some things have happened at each moment, from the chance of each."""
    means = [float(surely)] * len(MOMENTS)
    variances = [0.0] * len(MOMENTS)
    for each in chances:
        for at, chance in enumerate(each):
            means[at] += chance
            variances[at] += chance * (1.0 - chance)
    return Count(tuple(means), tuple(variances))


def people(calls: CallsNow, learned: Learned, rate: float) -> Count:
    """Return how many people the calls in flight will reach, if so many of all calls do."""
    return counted((reaching(age, learned, rate) for age in calls.ringing), calls.answered)


def reaching(age: float, learned: Learned, rate: float) -> tuple[float, ...]:
    """Return the chance that a call placed `age` seconds ago has reached a person, by moment.

    By Bayes' rule: a call that has rung for long is one that nobody answers.
    """
    longer = learned.reached_after.longer_than(age)
    still = rate * longer + (1.0 - rate) * learned.failed_after.longer_than(age)
    if still <= 0.0:
        return (0.0,) * len(MOMENTS)
    return tuple(
        min(1.0, rate * (longer - learned.reached_after.longer_than(age + moment)) / still)
        for moment in MOMENTS
    )


def free_agents(agents: AgentsNow, learned: Learned) -> Count:
    """Return how many agents will have been free by each moment, if none of them took a call."""
    writing = [
        tuple(learned.wrap_ups.ends_within(elapsed, moment) for moment in MOMENTS)
        for elapsed in agents.writing
    ]
    afterwards = tuple(
        1.0 - learned.wrap_ups.longer_than(moment - before)
        for moment in MOMENTS
        for before in (0.0, *MOMENTS[:-1])
        if before < moment
    )
    talking = [_free_after_talk(elapsed, learned, afterwards) for elapsed in agents.talking]
    return counted((*writing, *talking), agents.free)


def _free_after_talk(
    elapsed: float, learned: Learned, afterwards: tuple[float, ...]
) -> tuple[float, ...]:
    """Return the chance that talk and wrap-up are over, by moment.

    `afterwards`: that a wrap-up is over at a moment which began at the end of each slice before it.
    """
    ended = tuple(learned.talks.ends_within(elapsed, moment) for moment in MOMENTS)
    slices = [after - before for before, after in zip((0.0, *ended), ended, strict=False)]
    chances = []
    at = 0
    for until in range(len(MOMENTS)):
        chance = 0.0
        for slice_ in range(until + 1):
            # The talk counts as over at the end of its slice; then the wrap-up begins.
            if slice_ < until:
                chance += slices[slice_] * afterwards[at + slice_ + 1]
        at += until + 1
        chances.append(min(1.0, chance))
    return tuple(chances)


def without_agent(reached: Count, agents: Count, doubt: float = 0.0) -> float:
    """Return how many people will find no agent, at the worst of the moments.

    Who finds none is gone: so the people lost by a moment are the largest excess of people over
    agents up to then (the reflection of a queue without room). `doubt`: so many standard
    deviations are added.
    """
    worst = 0.0
    for people_mean, people_variance, agents_mean, agents_variance in zip(
        reached.means, reached.variances, agents.means, agents.variances, strict=True
    ):
        mean = people_mean - agents_mean
        deviation = sqrt(people_variance + agents_variance)
        if deviation < 1e-9:
            worst = max(worst, mean)
            continue
        scaled = mean / deviation
        excess = mean * 0.5 * (1.0 + erf(scaled / _ROOT)) + deviation * _DENSITY * exp(
            -scaled * scaled / 2.0
        )
        worst = max(worst, excess, mean + doubt * deviation if doubt else 0.0)
    return worst
