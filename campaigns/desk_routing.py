"""Who is offered which call, whose time to answer is over, and who has waited long enough; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from store.desk_types import AgentState, TransferStatus
from store.desk_values import AgentFacts, TransferFacts

_PRESENT = frozenset({AgentState.READY, AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP})


@dataclass(frozen=True, slots=True)
class RoutingRules:
    """How long agents and customers are kept waiting."""

    offer: timedelta = timedelta(seconds=15)
    patience: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Offer:
    """Hold a call out to an agent."""

    transfer_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Hold it out to this agent no longer."""

    transfer_id: int
    user_id: int
    was_there: bool
    """The agent let the time pass; otherwise they are gone or on a break."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Tell the customer that nobody comes."""

    transfer_id: int
    attempt_id: int
    user_id: int | None
    """Whom it is held out to at this moment."""


Decision = Offer | TakeBack | GiveUp


def route(
    transfers: Iterable[TransferFacts],
    agents: Collection[AgentFacts],
    now: datetime,
    rules: RoutingRules,
) -> tuple[Decision, ...]:
    """Return what is to be done now; the same call is never given to two agents.

    The highest priority is served first, then the longest wait; of the agents who speak the
    language and sit on the line, the one who has been ready longest. Where nobody sits on the
    line, whoever speaks the language may take it.
    """
    free = sorted(
        (agent for agent in agents if agent.state is AgentState.READY),
        key=lambda agent: (agent.state_since, agent.user_id),
    )
    by_id = {agent.user_id: agent for agent in agents}
    decisions: list[Decision] = []
    waiting = sorted(transfers, key=lambda each: (-each.priority, each.requested_at, each.id))
    for transfer in waiting:
        if transfer.status not in (TransferStatus.WAITING, TransferStatus.OFFERED):
            continue
        if now - transfer.requested_at >= rules.patience:
            decisions.append(GiveUp(transfer.id, transfer.attempt_id, transfer.agent_id))
            continue
        passed = set(transfer.passed_by)
        if transfer.status is TransferStatus.OFFERED:
            taken_back = _taken_back(transfer, by_id, now, rules)
            if taken_back is None:
                continue
            decisions.append(taken_back)
            passed.add(taken_back.user_id)
        chosen = next(
            (
                agent
                for agent in free
                if agent.user_id not in passed and fits(agent, transfer, agents)
            ),
            None,
        )
        if chosen is not None:
            free.remove(chosen)
            decisions.append(Offer(transfer.id, chosen.user_id))
    return tuple(decisions)


def fits(agent: AgentFacts, transfer: TransferFacts, agents: Collection[AgentFacts]) -> bool:
    """Say whether an agent may take this call, given who else is there."""
    if transfer.language not in agent.languages:
        return False
    return transfer.line in agent.lines or not any(
        transfer.line in other.lines and transfer.language in other.languages
        for other in agents
        if other.state in _PRESENT
    )


def staffed(agents: Iterable[AgentFacts]) -> frozenset[str]:
    """Return the languages in which somebody is there who takes calls, now or after this one."""
    return frozenset(
        language for agent in agents if agent.state in _PRESENT for language in agent.languages
    )


def _taken_back(
    transfer: TransferFacts,
    agents: dict[int, AgentFacts],
    now: datetime,
    rules: RoutingRules,
) -> TakeBack | None:
    """Return that an agent no longer has it held out; None: let them have their time."""
    agent = agents.get(transfer.agent_id or 0)
    if agent is None or agent.state is not AgentState.OFFERED or agent.transfer_id != transfer.id:
        return TakeBack(transfer.id, transfer.agent_id or 0, was_there=False)
    if transfer.offered_at is None or timedelta() <= now - transfer.offered_at < rules.offer:
        return None
    return TakeBack(transfer.id, agent.user_id, was_there=True)
