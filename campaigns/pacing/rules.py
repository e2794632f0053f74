"""PacingRules: how fast one campaign may call, and for whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from campaigns.pacing.deciding import Mode
from ivr.agent_opening import WhenNoAgent

RING_FLOOR_SECONDS: Final = 15.0
"""Nobody has missed a call that has not rung so long (16 CFR 310.4(b)(4)(ii); Ofcom 2010)."""


@dataclass(frozen=True, slots=True)
class AbandonLimit:
    """How many of those who answer may find no agent."""

    ceiling: float
    """Share, 0 to 1."""
    window: timedelta
    """The share holds in any such time."""


@dataclass(frozen=True, slots=True)
class PacingRules:
    """What a campaign says of its pacing."""

    mode: Mode = Mode.AUTOMATIC
    ceiling: float = 0.03
    """Share of those who answer and find no agent, 0 to 1."""
    window: timedelta = timedelta(hours=24)
    """Over which the ceiling holds."""
    max_concurrent: int = 8
    calls_per_second: float | None = None
    """None: as many as the trunks allow."""
    priority: int = 5
    weight: int = 1
    ring_timeout: timedelta | None = None
    """None: as for all campaigns."""
    when_no_agent: WhenNoAgent = WhenNoAgent.ROBOT
    """Modes for agents: what somebody hears for whom none is there in time."""
    agent_seconds: float = 2.0
    """So long after their greeting a person waits for an agent to take the call."""
    laws: tuple[AbandonLimit, ...] = ()
    """What the laws of the places say where people of the campaign are called."""

    @property
    def limits(self) -> tuple[AbandonLimit, ...]:
        """The campaign's own limit and those of the laws: all of them hold."""
        return (AbandonLimit(self.ceiling, self.window), *self.laws)

    @property
    def strictest(self) -> float:
        """The lowest of the ceilings."""
        return min(each.ceiling for each in self.limits)

    @property
    def longest(self) -> timedelta:
        """For so long answers count."""
        return max(each.window for each in self.limits)

    def rings(self, usual: timedelta) -> timedelta:
        """Return how long we let it ring; for agents never less than the floor."""
        if self.ring_timeout is not None:
            return self.ring_timeout
        if self.mode.is_for_agents:
            return max(usual, timedelta(seconds=RING_FLOOR_SECONDS))
        return usual
