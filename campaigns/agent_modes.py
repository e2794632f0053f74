"""What follows for a call from the mode in which its campaign dials: robots, or agents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from campaigns.next_script import AGENT
from campaigns.pacing.deciding import Mode
from campaigns.pacing.rules import PacingRules
from campaigns.verdict import Held
from ivr.agent_opening import AgentCall
from store.candidates import Wait
from store.claims import CallUnwantedError
from store.values import ClaimedCall

GUARANTEED: Final = frozenset({Mode.PROGRESSIVE, Mode.PREVIEW})
"""No more calls are placed than agents are free: each has one."""
ASKED_AGAIN: Final = timedelta(minutes=10)
"""The mode of a campaign may be changed while somebody waits for an agent."""


def agent_call_of(pacing: PacingRules) -> AgentCall | None:
    """Return how an agent is fetched for a call of a campaign; None: the robot talks."""
    if not pacing.mode.is_for_agents:
        return None
    return AgentCall(pacing.when_no_agent, pacing.agent_seconds)


def unguaranteed(call: ClaimedCall, mode: Mode, now: datetime) -> CallUnwantedError | None:
    """Return why somebody who was abandoned is not called now: no agent is certain for the call.

    Ofcom, statement of 1 October 2010: for 72 hours not without an agent guaranteed; here never.
    None: the call may be placed.
    """
    if call.next_script != AGENT or mode in GUARANTEED:
        return None
    return CallUnwantedError(call.attempt_id, Wait(now + ASKED_AGAIN, Held.NO_AGENT))
