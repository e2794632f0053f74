"""How many calls to place now so that agents are busy and nobody is left without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from campaigns.pacing.agents import AgentsNow, CallsNow
from campaigns.pacing.forecasting import (
    Count,
    Ringing,
    counted,
    free_agents,
    without_agent,
)
from campaigns.pacing.learning import Learned

DOUBT: Final = 1.0
"""Standard errors that the answer rate may be higher than it seems."""
SURGE: Final = 0.4
SURGE_DOUBT: Final = 1.5
"""The budget must outlast that so many more of all calls are answered from now on, and so many
standard deviations of that."""
SURGE_MOST: Final = 0.9
SAVED: Final = 1.0
"""People whom the budget keeps for what nobody foresees."""
FLOW: Final = 0.9
"""Share of the ceiling that is spent as it is earned."""
SPEND: Final = 0.2
"""Of what the budget holds beyond what a surge would cost, so much is spent at once."""
MOST: Final = 0.12
"""No more than this share of those who will answer is risked, however much is saved."""


class Mode(StrEnum):
    """How a campaign places its calls."""

    AUTOMATIC = "automatic"
    """The robot talks: as many calls as there are lines."""
    PROGRESSIVE = "progressive"
    """A call for each agent who is free."""
    PREDICTIVE = "predictive"
    """Calls for agents who will be free when somebody answers."""
    PREVIEW = "preview"
    """A call when an agent asks for it."""

    @property
    def is_for_agents(self) -> bool:
        """Agents talk with those who answer."""
        return self is not Mode.AUTOMATIC


class Reason(StrEnum):
    """Why no more calls are placed."""

    LINES = "lines"
    """All that the lines, the campaign and the calls per second allow."""
    AGENTS = "agents"
    """There are calls for all agents."""
    NO_AGENTS = "no_agents"
    """No agent is there."""
    ANSWERS = "answers"
    """More calls would probably be answered without an agent."""
    BUDGET = "budget"
    """So many were abandoned that only free agents get calls."""
    LEARNING = "learning"
    """Too few have answered yet to risk that one is abandoned."""
    ASKED = "asked"
    """As many as agents ask for."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How many calls to place now, and why not more."""

    calls: int
    reason: Reason
    at_risk: float = 0.0
    """People whom these calls and those in flight are expected to leave without an agent."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that decides how many calls a campaign places for its agents."""

    agents: AgentsNow
    calls: CallsNow
    learned: Learned
    budget: float
    """People who may be abandoned, see `AbandonWindow.budget`."""
    ceiling: float
    others: Count = field(default_factory=Count)
    """People whom other campaigns will reach for the same agents."""


def decide(mode: Mode, now: Situation, allowed: int) -> Decision:
    """Return how many calls to place now, `allowed` at most."""
    if allowed <= 0:
        return Decision(0, Reason.LINES)
    match mode:
        case Mode.AUTOMATIC:
            return Decision(allowed, Reason.LINES)
        case Mode.PREVIEW:
            wanted, why = now.agents.asking, Reason.ASKED
        case Mode.PROGRESSIVE:
            wanted, why = _for_free_agents(now), Reason.AGENTS
        case Mode.PREDICTIVE:
            return _predicted(now, allowed)
    if mode is Mode.PROGRESSIVE and not now.agents.present:
        why = Reason.NO_AGENTS
    return Decision(min(wanted, allowed), why if wanted <= allowed else Reason.LINES)


def _for_free_agents(now: Situation) -> int:
    # Of the people that other campaigns will reach, all have to find an agent.
    taken = now.calls.in_flight + round(now.others.whole + 0.499)
    return max(0, now.agents.free - taken)


def _predicted(now: Situation, allowed: int) -> Decision:
    if not now.agents.present:
        return Decision(0, Reason.NO_AGENTS)
    surely = min(_for_free_agents(now), allowed)
    if now.budget < SAVED:
        short = Reason.LEARNING if now.budget >= 0 else Reason.BUDGET
        return Decision(surely, Reason.LINES if surely == allowed else short)
    risk = _Risk(now)
    calls, why = surely, Reason.LINES
    while calls < allowed:
        if (against := risk.against(calls + 1)) is not None:
            why = against
            break
        calls += 1
    return Decision(calls, why, risk.expected(calls))


class _Risk:
    """What further calls of one campaign would risk."""

    def __init__(self, now: Situation) -> None:
        tally = now.learned.answer_rate.now
        upper = tally.upper(DOUBT)
        rates = (tally.rate, upper, max(upper, min(SURGE_MOST, tally.rate + SURGE)))
        self._now = now
        self._agents, self._late = free_agents(now.agents, now.learned)
        # The last row is a call that is placed now.
        ringing = Ringing.of((*now.calls.ringing, 0.0), now.learned)
        chances = [ringing.reached(each) for each in rates]
        self._there = [counted(each[:-1], now.calls.answered).plus(now.others) for each in chances]
        self._more = [counted(each[-1:]) for each in chances]

    def expected(self, calls: int) -> float:
        """Return the people without an agent at the upper end of what the rate may be."""
        return without_agent(self._people(1, calls), self._agents)

    def against(self, calls: int) -> Reason | None:
        """Return what speaks against so many calls; None: nothing."""
        now = self._now
        surge = without_agent(self._people(2, calls), self._late, SURGE_DOUBT)
        spare = now.budget - SAVED - surge
        if spare < 0:
            return Reason.LEARNING if now.budget < 3 * SAVED else Reason.BUDGET
        answers = self._people(0, calls).whole
        share = min(FLOW * now.ceiling * answers + SPEND * spare, MOST * answers)
        return Reason.ANSWERS if self.expected(calls) > share else None

    def _people(self, which: int, calls: int) -> Count:
        return self._there[which].plus(self._more[which], calls)
