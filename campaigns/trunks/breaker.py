"""When a trunk is left alone after failures, and how it comes back; pure.

closed --too many failures, or silence--> open --rest is over--> half open --success--> closed
                                            ^                        |
                                            '-------- failure -------'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class BreakerState(StrEnum):
    """Whether calls go over a trunk."""

    CLOSED = "closed"
    OPEN = "open"
    """It is left alone for a while."""
    HALF_OPEN = "half_open"
    """One call tries whether it works again."""


class BreakerStep(StrEnum):
    """What happened to a trunk."""

    SUCCESS = "success"
    FAILURE = "failure"
    ENOUGH_FAILURES = "enough_failures"
    """As many in a row as the policy stands, or one that leaves no doubt."""
    REST_OVER = "rest_over"


_CLOSED, _OPEN, _HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN

TRANSITIONS: Mapping[tuple[BreakerState, BreakerStep], BreakerState] = MappingProxyType(
    {
        (_CLOSED, BreakerStep.SUCCESS): _CLOSED,
        (_CLOSED, BreakerStep.FAILURE): _CLOSED,
        (_CLOSED, BreakerStep.ENOUGH_FAILURES): _OPEN,
        (_CLOSED, BreakerStep.REST_OVER): _CLOSED,
        # The end of a call that was placed before it opened.
        (_OPEN, BreakerStep.SUCCESS): _CLOSED,
        (_OPEN, BreakerStep.FAILURE): _OPEN,
        (_OPEN, BreakerStep.ENOUGH_FAILURES): _OPEN,
        (_OPEN, BreakerStep.REST_OVER): _HALF_OPEN,
        (_HALF_OPEN, BreakerStep.SUCCESS): _CLOSED,
        (_HALF_OPEN, BreakerStep.FAILURE): _OPEN,
        (_HALF_OPEN, BreakerStep.ENOUGH_FAILURES): _OPEN,
        (_HALF_OPEN, BreakerStep.REST_OVER): _HALF_OPEN,
    }
)


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """How patient we are with a trunk."""

    failures: int = 4
    """So many refused calls in a row open it."""
    first_rest: timedelta = timedelta(seconds=10)
    """Doubled each time it fails again."""
    longest_rest: timedelta = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Whether a trunk is used, and why not."""

    policy: BreakerPolicy = BreakerPolicy()
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    """In a row."""
    rests: int = 0
    """How often it opened since it last worked."""
    rests_until: datetime | None = None
    is_silent: bool = False
    """It opened because nothing answered, so that any answer closes it; a refused call doesn't
    become a good one because an OPTIONS is answered."""
    why: str = ""
    """The last failure, for people."""

    def succeeded(self) -> Breaker:
        """Return it after a call that the trunk carried."""
        return self._at(BreakerStep.SUCCESS, Breaker(self.policy))

    def answered(self) -> Breaker:
        """Return it after an answer that is no call: to an OPTIONS."""
        return self.succeeded() if self.is_silent else self

    def failed(self, now: datetime, why: str, *, is_silent: bool = False) -> Breaker:
        """Return it after a call that the trunk refused, or after silence."""
        failures = self.failures + 1
        enough = is_silent or failures >= self.policy.failures
        step = BreakerStep.ENOUGH_FAILURES if enough else BreakerStep.FAILURE
        known = replace(self, failures=failures, why=why)
        if TRANSITIONS[self.state, step] is not BreakerState.OPEN:
            return known
        if self.state is BreakerState.OPEN:
            # It rests already; what fails now was placed before.
            return replace(known, is_silent=self.is_silent or is_silent)
        rest = min(self.policy.first_rest * 2**self.rests, self.policy.longest_rest)
        opened = replace(known, rests=self.rests + 1, rests_until=now + rest, is_silent=is_silent)
        return self._at(step, opened)

    def at(self, now: datetime) -> Breaker:
        """Return it as it is at `now`: one call may try again once the rest is over."""
        if self.rests_until is None or now < self.rests_until:
            return self
        return self._at(BreakerStep.REST_OVER, self)

    def _at(self, step: BreakerStep, then: Breaker) -> Breaker:
        return replace(then, state=TRANSITIONS[self.state, step])
