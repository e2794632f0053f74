"""Pacemaker: keeps what one campaign's calls have shown and says how many to place now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from campaigns.pacing.abandons import AbandonWindow
from campaigns.pacing.agents import AgentsNow, CallsNow
from campaigns.pacing.allowance import Allowance
from campaigns.pacing.deciding import Decision, Reason, Situation, decide
from campaigns.pacing.desk_reading import Lasted
from campaigns.pacing.forecasting import Count, people_of
from campaigns.pacing.learning import Learned
from campaigns.pacing.rules import AbandonLimit, PacingRules
from store.desk_types import AgentState
from store.pacing_queries import PERSON_THERE
from store.types import Disposition

UNDECIDED: Final = timedelta(seconds=10)
"""After that, whoever answered and got no agent is a machine, or is talking with the robot."""


class Pacemaker:
    """The pace of one campaign."""

    def __init__(self, rules: PacingRules, answers: Collection[tuple[datetime, bool]] = ()) -> None:
        """`answers`: people who answered in the longest window that counts, and who of them was
        abandoned.
        """
        self.rules = rules
        self.last = Decision(0, Reason.LINES)
        """What was decided last, for those who watch."""
        self._learned = Learned()
        self._abandons = _windows(rules, answers)
        self._ringing: dict[int, datetime] = {}
        """Attempts that nobody answered yet, and when they were placed."""
        self._answered: dict[int, tuple[datetime, datetime]] = {}
        """Attempts that nobody took yet: when they were placed and answered."""
        self._allowance: Allowance | None = None

    @property
    def attempts(self) -> Collection[int]:
        """Attempts of calls that may still need an agent."""
        return (*self._ringing, *self._answered)

    def allowed(self, in_progress: int, now: datetime) -> int:
        """Return how many calls the campaign's own limits allow now."""
        room = max(0, self.rules.max_concurrent - in_progress)
        if (rate := self.rules.calls_per_second) is None:
            return room
        self._allowance = (self._allowance or Allowance.full(rate, now)).at(now)
        return min(room, self._allowance.whole)

    def decide(self, agents: AgentsNow, others: Count, allowed: int, now: datetime) -> Decision:
        """Return how many calls to place; `others`: people whom others reach for these agents."""
        self.last = decide(
            self.rules.mode,
            Situation(
                agents,
                self._calls(now),
                self._learned,
                min(each.budget(now) for each in self._abandons),
                self.rules.strictest,
                others,
            ),
            allowed,
        )
        return self.last

    def expected(self, now: datetime, more: int = 0) -> Count:
        """Return the people whom the calls in flight, and `more` that are placed now, may reach."""
        calls = self._calls(now)
        ringing = (*calls.ringing, *(0.0,) * more)
        return people_of(CallsNow(ringing, calls.answered), self._learned)

    def rate(self, now: datetime) -> float:
        """Return the share of those who answered in the campaign's window that was abandoned."""
        return self._abandons[0].rate(now)

    def hold(
        self, laws: tuple[AbandonLimit, ...], answers: Collection[tuple[datetime, bool]]
    ) -> None:
        """Keep to other laws from now on; `answers` as at the beginning."""
        self.rules = replace(self.rules, laws=laws)
        self._abandons = _windows(self.rules, answers)

    def placed(self, attempt: int, now: datetime) -> None:
        """Note a call that goes out."""
        self._ringing[attempt] = now
        if self._allowance is not None and self._allowance.whole:
            self._allowance = self._allowance.less(1)

    def answered(self, attempt: int, now: datetime) -> None:
        """Note that somebody, or something, has answered."""
        if (placed := self._ringing.pop(attempt, None)) is not None:
            self._answered[attempt] = (placed, now)

    def taken(self, attempt: int, now: datetime) -> None:
        """Note that an agent has the call."""
        if (placed := self._placed_at(attempt)) is not None:
            self._reached(placed, now, abandoned=False)

    def settled(self, attempt: int, disposition: Disposition, now: datetime) -> None:
        """Note how a call ended."""
        answered = self._answered.get(attempt)
        if (placed := self._placed_at(attempt)) is None:
            return
        if disposition in PERSON_THERE:
            # Without an agent the person was there when the call was answered, not at its end.
            there = answered[1] if answered else now
            self._reached(placed, there, abandoned=disposition is Disposition.ABANDONED)
        else:
            self._learned = self._learned.failed((now - placed).total_seconds())

    def learn(self, lasted: Collection[Lasted]) -> None:
        """Learn how long agents talked and wrote."""
        for each in lasted:
            if each.state is AgentState.TALKING:
                self._learned = self._learned.talked(each.seconds)
            else:
                self._learned = self._learned.wrapped_up(each.seconds)

    def _reached(self, placed: datetime, now: datetime, *, abandoned: bool) -> None:
        self._learned = self._learned.reached((now - placed).total_seconds())
        self._abandons = tuple(
            each.with_answer(now, abandoned=abandoned) for each in self._abandons
        )

    def _placed_at(self, attempt: int) -> datetime | None:
        answered = self._answered.pop(attempt, None)
        return answered[0] if answered else self._ringing.pop(attempt, None)

    def _calls(self, now: datetime) -> CallsNow:
        return CallsNow(
            tuple((now - placed).total_seconds() for placed in self._ringing.values()),
            sum(now - answered < UNDECIDED for _, answered in self._answered.values()),
        )


def _windows(
    rules: PacingRules, answers: Collection[tuple[datetime, bool]]
) -> tuple[AbandonWindow, ...]:
    """Return a window for each limit, the campaign's own first."""
    return tuple(
        AbandonWindow(each.ceiling, each.window).with_history(answers) for each in rules.limits
    )
