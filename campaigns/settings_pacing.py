"""The table of the settings file about how fast a campaign calls."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from campaigns.pacing.deciding import Mode
from campaigns.pacing.rules import RING_FLOOR_SECONDS, PacingRules
from campaigns.settings_section import Section
from ivr.agent_opening import WhenNoAgent


class PacingSettings(Section):
    """How many calls a campaign places, and for whom."""

    mode: Mode = Field(
        default=Mode.AUTOMATIC,
        description="automatic (the robot talks), progressive, predictive or preview (agents do).",
    )
    abandon_ceiling: float = Field(
        default=0.03,
        ge=0,
        le=0.05,
        description="Predictive: share of those who answer and find no agent, at most.",
    )
    abandon_window_hours: float = Field(
        default=24.0,
        ge=1,
        le=720,
        description="Predictive: the share is kept in any so many hours.",
    )
    max_concurrent: int = Field(
        default=0, ge=0, description="Calls at once; 0: as max_concurrent_calls says."
    )
    calls_per_second: float = Field(
        default=0.0, ge=0, le=25, description="New calls per second; 0: what the trunks allow."
    )
    priority: int = Field(
        default=5,
        ge=0,
        le=9,
        description="Campaigns of a higher one are served first, whatever they take.",
    )
    weight: int = Field(
        default=1,
        ge=1,
        le=100,
        description="Among campaigns of one priority, twice the weight gets twice the calls.",
    )
    ring_seconds: float = Field(
        default=0.0,
        ge=0,
        le=180,
        description="How long we let it ring, at least 15; 0: as dialing.ring_timeout_seconds.",
    )
    when_no_agent: WhenNoAgent = Field(
        default=WhenNoAgent.ROBOT,
        description="Who answers and finds no agent: robot (it talks) or message (abandoned).",
    )
    agent_seconds: float = Field(
        default=2.0,
        ge=1,
        le=5,
        description="So long after their greeting a person waits for an agent to take the call.",
    )


def pacing_rules(written: PacingSettings, max_concurrent: int) -> PacingRules:
    """Return the rules of a campaign's pacing; `max_concurrent` where it says nothing itself."""
    ring = max(written.ring_seconds, RING_FLOOR_SECONDS) if written.ring_seconds else None
    return PacingRules(
        mode=written.mode,
        ceiling=written.abandon_ceiling,
        window=timedelta(hours=written.abandon_window_hours),
        max_concurrent=written.max_concurrent or max_concurrent,
        calls_per_second=written.calls_per_second or None,
        priority=written.priority,
        weight=written.weight,
        ring_timeout=None if ring is None else timedelta(seconds=ring),
        when_no_agent=written.when_no_agent,
        agent_seconds=written.agent_seconds,
    )
