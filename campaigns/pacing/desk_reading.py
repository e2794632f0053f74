"""What the desk shows to pacing: agents to count on, and how long their talks lasted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from campaigns.pacing.agents import AgentsNow
from store.desk_types import AgentState
from store.desk_values import AgentFacts


@dataclass(frozen=True, slots=True)
class Lasted:
    """What an agent has done for some seconds and is done with."""

    state: AgentState
    seconds: float


@dataclass(frozen=True, slots=True)
class DeskView:
    """The desk at one moment, as one engine may count on it."""

    agents: tuple[AgentFacts, ...] = ()
    waiting: frozenset[int] = frozenset()
    """Attempts of customers who wait for an agent already."""
    asking: int = 0
    """Agents who ask for a call by hand and have none yet."""

    def agents_for(
        self, languages: Collection[str], own: Collection[int], now: datetime
    ) -> AgentsNow:
        """Return the agents for calls in these languages; none named: for all.

        `own`: attempts that are counted as calls in flight; other customers who wait go first.
        """
        able = [each for each in self.agents if not languages or {*languages} & {*each.languages}]
        ready = sum(each.state is AgentState.READY for each in able)
        served_first = len(self.waiting - set(own))
        return AgentsNow(
            free=max(0, ready - served_first),
            talking=_seconds(able, (AgentState.OFFERED, AgentState.TALKING), now),
            writing=_seconds(able, (AgentState.WRAP_UP,), now),
            asking=min(self.asking, ready),
        )

    def lasted_since(self, before: DeskView) -> tuple[Lasted, ...]:
        """Return the talks and wrap-ups that have ended since an earlier view."""
        earlier = {each.user_id: each for each in before.agents}
        return tuple(
            Lasted(then.state, (each.state_since - then.state_since).total_seconds())
            for each in self.agents
            if (then := earlier.get(each.user_id)) is not None
            and then.state in (AgentState.TALKING, AgentState.WRAP_UP)
            and each.state is not then.state
        )


def share_of(
    agents: Iterable[AgentFacts], engine: str, engines: Collection[str]
) -> tuple[AgentFacts, ...]:
    """Return the agents that one of several engines may count on, so that no two count on one."""
    names = sorted({engine, *engines})
    ordered = sorted(agents, key=lambda each: each.user_id)
    return tuple(ordered[names.index(engine) :: len(names)])


def _seconds(
    agents: Iterable[AgentFacts], states: Collection[AgentState], now: datetime
) -> tuple[float, ...]:
    return tuple(
        max(0.0, (now - each.state_since).total_seconds())
        for each in agents
        if each.state in states
    )
