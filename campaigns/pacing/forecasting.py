"""Forecast: how many people will answer and how many agents will be free, in the next seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import erf, exp, pi, sqrt
from typing import Final, Self

import numpy as np

from campaigns.pacing.agents import AgentsNow, CallsNow
from campaigns.pacing.durations import Floats
from campaigns.pacing.learning import Learned

MOMENTS: Final = np.array([1.0, 3.0, 5.0, 7.0, 9.0, 12.0, 15.0, 19.0, 24.0, 30.0])
"""Seconds from now at which people and agents are counted."""
_SINCE: Final = np.maximum(MOMENTS[None, :] - MOMENTS[:, None], 0.0)
"""Seconds from the end of one slice to the end of another, 0 to those before it."""
_LATE: Final = 0.5
_ROOT: Final = sqrt(2.0)
_DENSITY: Final = 1.0 / sqrt(2.0 * pi)


def _nothing() -> Floats:
    return np.zeros(len(MOMENTS))


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """A number that is not known yet, at each of the moments."""

    means: Floats = field(default_factory=_nothing)
    variances: Floats = field(default_factory=_nothing)

    def plus(self, other: Count, times: int = 1) -> Count:
        """Return the sum of two numbers that know nothing of each other."""
        return Count(self.means + times * other.means, self.variances + times * other.variances)

    @property
    def whole(self) -> float:
        """What it comes to in the end."""
        return float(self.means[-1])


def counted(chances: Floats, surely: int = 0) -> Count:
    """Return how many of some things have happened by each moment.

    `chances`: of each thing by each moment, a row for each.
    """
    return Count(surely + chances.sum(axis=0), (chances * (1.0 - chances)).sum(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class Ringing:
    """Calls placed some seconds ago, as far as the share of people who answer doesn't matter."""

    still: Floats
    """Of the people who answer, the share that has not done so yet."""
    soon: Floats
    """Of the people who answer, the share that does so from now to each moment."""
    unanswered: Floats
    """Of the calls that reach nobody, the share that is not over yet."""

    @classmethod
    def of(cls, ages: tuple[float, ...], learned: Learned) -> Self:
        """Return what is known of calls placed `ages` seconds ago."""
        since = np.array(ages).reshape(-1, 1)
        left = learned.reached_after.longer_than(np.concatenate((since, since + MOMENTS), axis=1))
        still = left[:, :1]
        return cls(still, still - left[:, 1:], learned.failed_after.longer_than(since))

    def reached(self, rate: float) -> Floats:
        """Return the chance of each to have reached a person by each moment.

        By Bayes' rule: a call that has rung for long is one that nobody answers.
        """
        open_ = rate * self.still + (1.0 - rate) * self.unanswered
        return np.minimum(1.0, rate * self.soon / np.maximum(open_, 1e-9))


def people_of(calls: CallsNow, learned: Learned, doubt: float = 1.0) -> Count:
    """Return how many people the calls in flight will reach, with so much doubt about the rate."""
    rate = learned.answer_rate.now.upper(doubt)
    return counted(Ringing.of(calls.ringing, learned).reached(rate), calls.answered)


def free_agents(agents: AgentsNow, learned: Learned) -> tuple[Count, Count]:
    """Return how many agents will have been free by each moment, if none of them took a call.

    The second: those who are free now, and half of the others that are expected.
    """
    writing = np.array(agents.writing).reshape(-1, 1)
    talking = np.array(agents.talking).reshape(-1, 1)
    ended = np.diff(learned.talks.ends_within(talking, MOMENTS), prepend=0.0)
    # A talk counts as over at the end of its slice; then the wrap-up begins.
    wrapped_up = 1.0 - learned.wrap_ups.longer_than(_SINCE)
    chances = np.concatenate((learned.wrap_ups.ends_within(writing, MOMENTS), ended @ wrapped_up))
    return counted(chances, agents.free), counted(_LATE * chances, agents.free)


def without_agent(reached: Count, agents: Count, doubt: float = 0.0) -> float:
    """Return how many people will find no agent, at the worst of the moments.

    Who finds none is gone: so the people lost by a moment are the largest excess of people over
    agents up to then (the reflection of a queue without room). `doubt`: so many standard
    deviations are added.
    """
    means = (reached.means - agents.means).tolist()
    deviations = np.sqrt(reached.variances + agents.variances).tolist()
    return max(
        0.0,
        *(
            max(_excess(mean, deviation), mean + doubt * deviation if doubt else 0.0)
            for mean, deviation in zip(means, deviations, strict=True)
        ),
    )


def _excess(mean: float, deviation: float) -> float:
    """Return the mean of the positive part of a normal number."""
    if deviation < 1e-9:
        return max(0.0, mean)
    scaled = mean / deviation
    below = 0.5 * (1.0 + erf(scaled / _ROOT))
    return mean * below + deviation * _DENSITY * exp(-scaled * scaled / 2.0)
