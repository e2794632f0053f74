"""Telling the customer the result: the call that does, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.tickets_ledger import move, remark, take_up_again
from campaigns.tickets_matrix import OTHER
from campaigns.tickets_planning import plan_call
from campaigns.tickets_rules import TicketCalls, TicketRules
from ivr.exchange import TicketWish
from store.models import Attempt
from store.ticket_models import Ticket
from store.ticket_queries import followed_up_by
from store.types import Outcome
from store.types import TicketStatus as Status
from store.types import TicketStep as Step

PLANNED = "已安排回访电话"

TOLD = frozenset(
    {
        Outcome.INFORMED,
        Outcome.CONFIRMED,
        Outcome.RECEIVED,
        Outcome.RATED,
        Outcome.SOLUTION_CHOSEN,
        Outcome.PROBLEM_REPORTED,
    }
)
"""After these the customer has heard the result, whatever they think of it."""

ABOUT_THE_RESULT = frozenset({"service", OTHER})
"""Kinds of trouble that a follow-up call names when the result itself is not good."""


def schedule_follow_up(
    session: Session, calls: TicketCalls, row: Ticket, who: str, now: datetime
) -> None:
    """Let the customer be called with the result; the ledger says why if nobody can be."""
    planned = plan_call(session, calls, row, {"ticket_result": row.resolution}, now)
    row.follow_up_contact_id = planned if isinstance(planned, int) else None
    remark(session, row, who, now, PLANNED if isinstance(planned, int) else planned)


def heard_result(
    session: Session,
    rules: TicketRules,
    attempt_id: int,
    outcome: Outcome,
    asked: Sequence[tuple[str, TicketWish]],
    now: datetime,
) -> tuple[Ticket, ...]:
    """Note what a follow-up call came to; return the tickets that were taken up again for it.

    A ticket whose customer has nothing to say against the result is closed. What was resolved
    while the call went on was not told in it, and gets a call of its own. `asked` are the
    tickets that the conversation asks for, each with its kind of the taxonomy.
    """
    attempt = session.get_one(Attempt, attempt_id)
    who = f"call {attempt_id}"
    again: list[Ticket] = []
    if outcome not in TOLD:
        return ()
    for row in followed_up_by(session, attempt.contact_id):
        if row.status not in (Status.RESOLVED, Status.CLOSED):
            continue
        if row.resolved_at is not None and row.resolved_at > attempt.claimed_at:
            schedule_follow_up(session, rules.follow_up, row, who, now)
            continue
        row.customer_told_at = now
        move(session, rules, row, Step.TELL, who, now, outcome.value)
        if row.status is Status.CLOSED:
            continue
        if outcome is Outcome.PROBLEM_REPORTED:
            # Reopening forgets that they were told: there will be another result.
            mine = [wish for kind, wish in asked if kind in ABOUT_THE_RESULT | {row.kind}]
            promised = [wish.callback_by for wish in mine if wish.callback_by is not None]
            row.urgent = row.urgent or any(wish.urgent for wish in mine)
            row.callback_by = min(promised, default=None)
            words = "\n".join(wish.words for wish in mine if wish.words)
            row.words = f"{row.words}\n{words}".strip()
            take_up_again(session, rules, row, who, now, words)
            again.append(row)
        else:
            row.closed_at = now
            move(session, rules, row, Step.CLOSE, who, now)
    return tuple(again)
