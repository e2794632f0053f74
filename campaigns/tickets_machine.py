"""The states of a ticket as a table; a step that is not in it raises."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from store.types import TicketStatus as Status
from store.types import TicketStep as Step


class TicketError(Exception):
    """A ticket can't do what was asked; the message says what it can do."""


ANY = tuple(Status)
UNSETTLED = tuple(status for status in Status if not status.is_settled)

_MOVES: Mapping[Step, Mapping[Status, Status]] = MappingProxyType(
    {
        Step.ACKNOWLEDGE: {Status.OPEN: Status.ACKNOWLEDGED},
        Step.PROPOSE: {
            # A proposal is a first response, too; another one replaces it.
            Status.OPEN: Status.PROPOSED,
            Status.ACKNOWLEDGED: Status.PROPOSED,
            Status.PROPOSED: Status.PROPOSED,
            Status.DECLINED: Status.PROPOSED,
            # What was agreed turned out to be impossible.
            Status.AGREED: Status.PROPOSED,
        },
        Step.AGREE: {Status.PROPOSED: Status.AGREED},
        Step.DECLINE: {Status.PROPOSED: Status.DECLINED},
        Step.RESOLVE: {
            # A question is answered without a proposal.
            Status.ACKNOWLEDGED: Status.RESOLVED,
            Status.AGREED: Status.RESOLVED,
            # Nothing further can be offered; the note says why.
            Status.DECLINED: Status.RESOLVED,
        },
        Step.CLOSE: {Status.RESOLVED: Status.CLOSED},
        Step.REOPEN: {Status.RESOLVED: Status.ACKNOWLEDGED},
        Step.ESCALATE: {status: status for status in UNSETTLED},
        Step.TELL: {Status.RESOLVED: Status.RESOLVED, Status.CLOSED: Status.CLOSED},
        Step.NOTE: {status: status for status in ANY},
    }
)


def after(status: Status, step: Step) -> Status:
    """Return the status that a step leads to. Raises TicketError when it is none from there."""
    target = _MOVES.get(step, {}).get(status)
    if target is None:
        known = ", ".join(each.value for each in steps_from(status))
        raise TicketError(f"A ticket that is {status.value} can't {step.value}; it can {known}.")
    return target


def steps_from(status: Status) -> tuple[Step, ...]:
    """Return the steps that a ticket may take, in the order of the table."""
    return tuple(step for step, moves in _MOVES.items() if status in moves)
