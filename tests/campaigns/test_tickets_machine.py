"""The states of a ticket: what is in the table may happen, nothing else."""

from __future__ import annotations

from itertools import product

import pytest

from campaigns.tickets_machine import TicketError, after, steps_from
from store.types import TicketStatus as Status
from store.types import TicketStep as Step

ALLOWED = {
    (Status.OPEN, Step.ACKNOWLEDGE): Status.ACKNOWLEDGED,
    (Status.OPEN, Step.PROPOSE): Status.PROPOSED,
    (Status.ACKNOWLEDGED, Step.PROPOSE): Status.PROPOSED,
    (Status.ACKNOWLEDGED, Step.RESOLVE): Status.RESOLVED,
    (Status.PROPOSED, Step.PROPOSE): Status.PROPOSED,
    (Status.PROPOSED, Step.AGREE): Status.AGREED,
    (Status.PROPOSED, Step.DECLINE): Status.DECLINED,
    (Status.DECLINED, Step.PROPOSE): Status.PROPOSED,
    (Status.DECLINED, Step.RESOLVE): Status.RESOLVED,
    (Status.AGREED, Step.PROPOSE): Status.PROPOSED,
    (Status.AGREED, Step.RESOLVE): Status.RESOLVED,
    (Status.RESOLVED, Step.CLOSE): Status.CLOSED,
    (Status.RESOLVED, Step.REOPEN): Status.ACKNOWLEDGED,
    (Status.RESOLVED, Step.TELL): Status.RESOLVED,
    (Status.CLOSED, Step.TELL): Status.CLOSED,
    **{(status, Step.NOTE): status for status in Status},
    **{(status, Step.ESCALATE): status for status in Status if not status.is_settled},
}


@pytest.mark.parametrize(("status", "step"), [*product(Status, Step)])
def test_a_ticket_takes_the_steps_of_the_table_and_no_other(status: Status, step: Step) -> None:
    target = ALLOWED.get((status, step))
    if target is not None:
        assert after(status, step) is target
        return
    with pytest.raises(TicketError, match=f"is {status.value} can't {step.value}"):
        after(status, step)


def test_a_refused_step_says_which_ones_there_are() -> None:
    with pytest.raises(TicketError, match="it can close, reopen, tell, note"):
        after(Status.RESOLVED, Step.AGREE)


def test_every_status_can_be_reached_and_every_ticket_can_be_closed() -> None:
    def reachable(start: Status) -> set[Status]:
        found, ahead = {start}, [start]
        while ahead:
            status = ahead.pop()
            fresh = {after(status, step) for step in steps_from(status)} - found
            found |= fresh
            ahead += fresh
        return found

    assert reachable(Status.OPEN) == set(Status)
    assert all(Status.CLOSED in reachable(status) for status in Status)
    assert reachable(Status.CLOSED) == {Status.CLOSED}
