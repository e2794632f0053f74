"""The supervisor's list: which calls want an eye first, and which of them an agent has; pure."""

from __future__ import annotations

from store.desk_values import AgentFacts, Board, LiveCallFacts


def talking_calls(board: Board) -> tuple[LiveCallFacts, ...]:
    """Return the calls in which somebody talks: who waits first, then by flags, then by age."""
    waiting = {each.attempt_id for each in board.transfers if each.status.is_waiting}

    def urgency(call: LiveCallFacts) -> tuple[bool, int, float]:
        highest = max((flag.priority for flag in call.flags), default=0)
        return (call.attempt_id not in waiting, -highest, call.began_at.timestamp())

    return tuple(sorted((each for each in board.calls if each.stage == "talking"), key=urgency))


def call_of(agent: AgentFacts, board: Board) -> int | None:
    """Return the call in progress that an agent has, or is offered."""
    going_on = {each.attempt_id for each in board.calls}
    mine = (each.attempt_id for each in board.transfers if each.id == agent.transfer_id)
    return next((each for each in mine if each in going_on), None)
