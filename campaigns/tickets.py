"""The steps of a ticket, each in the caller's transaction and with a line in the ledger.

    open -> acknowledged -> proposed -> agreed | declined -> resolved -> closed

All return the ticket as it stands then. What makes no sense raises TicketError and changes nothing;
StoreError when there is no such ticket.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaigns.tickets_clock import work_on
from campaigns.tickets_follow_up import schedule_follow_up
from campaigns.tickets_ledger import hand_up, move, take_up_again
from campaigns.tickets_machine import TicketError, after
from campaigns.tickets_matrix import SUPERVISOR
from campaigns.tickets_money import granted, known_value_fen
from campaigns.tickets_offers import facts_within
from campaigns.tickets_planning import plan_call, withdraw_explanation, withdraw_follow_up
from campaigns.tickets_rules import TicketRules
from ivr.facts import facts_known
from store.ticket_queries import locked_ticket, ticket_facts
from store.ticket_values import TicketFacts
from store.types import TicketStatus as Status
from store.types import TicketStep as Step

RUNG_BACK = "已回电"
NOT_TO_BE_TOLD = "不用回访"
TO_BE_EXPLAINED = "已安排异常沟通电话"

UNPROPOSED = (Status.OPEN, Status.ACKNOWLEDGED, Status.DECLINED)


def acknowledge(
    session: Session, rules: TicketRules, number: str, who: str, now: datetime, note: str = ""
) -> TicketFacts:
    """Take a ticket on: this is the first response."""
    row = locked_ticket(session, number)
    move(session, rules, row, Step.ACKNOWLEDGE, who, now, note)
    return ticket_facts(row)


def called_back(
    session: Session, rules: TicketRules, number: str, who: str, now: datetime, note: str = ""
) -> TicketFacts:
    """Note that the customer was rung back as promised; this is a first response, too."""
    row = locked_ticket(session, number)
    if row.callback_by is None:
        raise TicketError(f"Nobody waits to be rung back about {number}.")
    row.callback_by = None
    step = Step.ACKNOWLEDGE if row.status is Status.OPEN else Step.NOTE
    move(session, rules, row, step, who, now, note or RUNG_BACK)
    return ticket_facts(row)


def propose(
    session: Session,
    rules: TicketRules,
    number: str,
    proposal: str,
    who: str,
    now: datetime,
    *,
    fen: int = 0,
    value_fen: int = 0,
    note: str = "",
) -> TicketFacts:
    """Offer the customer a solution that the matrix allows, within its limits.

    `fen` is the money in it; without it a refund is the whole value. `value_fen` is the value of
    the goods, when the delivery doesn't tell it.
    """
    row = locked_ticket(session, number)
    after(row.status, Step.PROPOSE)
    value = value_fen or known_value_fen(session, row.delivery_id)
    row.compensation_fen = granted(rules.matrix, row, proposal, fen, value)
    withdraw_explanation(session, rules.explanation, row, now)
    row.proposal = proposal
    row.proposed_at = now
    row.answered_at = None
    row.callback_by = None
    money = f" {row.compensation_fen / 100:.2f}" if row.compensation_fen else ""
    move(session, rules, row, Step.PROPOSE, who, now, f"{proposal}{money} {note}".strip())
    return ticket_facts(row)


def explain(
    session: Session, rules: TicketRules, number: str, who: str, now: datetime, note: str = ""
) -> TicketFacts:
    """Let a call explain to the customer what went wrong and offer what the matrix allows.

    For a ticket that nobody took on yet this is the first response. Raises TicketError when the
    customer can't be called.
    """
    row = locked_ticket(session, number)
    if row.status not in UNPROPOSED:
        raise TicketError(f"{number} is {row.status.value}; there is nothing to explain any more.")
    known = facts_known()["problem"].one_of
    if row.cause not in known:
        raise TicketError(f"A call can explain {', '.join(known)}; ring the customer for this.")
    value = known_value_fen(session, row.delivery_id)
    facts = dict(facts_within(rules.matrix, {"problem": row.cause}, value))
    why = rules.matrix.taxonomy.reasons.get(row.record.get("why", ""))
    if why is not None:
        facts["cause"] = why[row.language]
    planned = plan_call(session, rules.explanation, row, facts, now)
    if isinstance(planned, str):
        raise TicketError(planned)
    step = Step.ACKNOWLEDGE if row.status is Status.OPEN else Step.NOTE
    move(session, rules, row, step, who, now, note or TO_BE_EXPLAINED)
    return ticket_facts(row)


def agree(
    session: Session, rules: TicketRules, number: str, who: str, now: datetime, note: str = ""
) -> TicketFacts:
    """Note that the customer took the solution."""
    row = locked_ticket(session, number)
    after(row.status, Step.AGREE)
    row.answered_at = now
    row.callback_by = None
    move(session, rules, row, Step.AGREE, who, now, note)
    return ticket_facts(row)


def decline(
    session: Session, rules: TicketRules, number: str, who: str, now: datetime, note: str = ""
) -> TicketFacts:
    """Note that the customer did not take it: another proposal is due, and the money isn't."""
    row = locked_ticket(session, number)
    after(row.status, Step.DECLINE)
    row.answered_at = now
    row.callback_by = None
    row.compensation_fen = 0
    minutes = rules.matrix.row(row.kind, row.cause).proposal_minutes
    row.propose_by = work_on(now, timedelta(minutes=minutes), rules.hours)
    move(session, rules, row, Step.DECLINE, who, now, note)
    return ticket_facts(row)


def resolve(
    session: Session,
    rules: TicketRules,
    number: str,
    who: str,
    now: datetime,
    *,
    result: str = "",
    why: str = "",
    told: bool = False,
) -> TicketFacts:
    """Note that it is made good, and schedule the call that tells the customer.

    `result` is said to the customer; without it the words of the proposal are. `why` is a reason
    of the taxonomy. `told`: the customer knows already, nobody calls. Where the matrix wants no
    follow-up, the ticket is closed.
    """
    row = locked_ticket(session, number)
    after(row.status, Step.RESOLVE)
    words = rules.matrix.taxonomy
    if why and why not in words.reasons:
        raise TicketError(f"There is no reason {why}; known: {', '.join(words.reasons)}.")
    if not result and row.proposal not in words.proposals:
        raise TicketError("Say what was done for the customer, as it is to be said to them.")
    if row.status is Status.DECLINED and not result:
        raise TicketError("The customer declined; say what was done instead.")
    row.resolution = result or words.proposals[row.proposal].done[row.language]
    row.record = dict(row.record) | ({"why": why} if why else {})
    row.resolved_at = now
    withdraw_explanation(session, rules.explanation, row, now)
    row.callback_by = None
    move(session, rules, row, Step.RESOLVE, who, now, row.resolution)
    if told:
        row.customer_told_at = now
        move(session, rules, row, Step.TELL, who, now)
    elif not rules.matrix.row(row.kind, row.cause).follow_up:
        row.closed_at = now
        move(session, rules, row, Step.CLOSE, who, now, NOT_TO_BE_TOLD)
    else:
        schedule_follow_up(session, rules.follow_up, row, who, now)
    return ticket_facts(row)


def tell(
    session: Session, rules: TicketRules, number: str, who: str, now: datetime, note: str = ""
) -> TicketFacts:
    """Note that the customer knows the result."""
    row = locked_ticket(session, number)
    after(row.status, Step.TELL)
    withdraw_follow_up(session, row, now)
    row.customer_told_at = now
    move(session, rules, row, Step.TELL, who, now, note)
    return ticket_facts(row)


def close(
    session: Session, rules: TicketRules, number: str, who: str, now: datetime, note: str = ""
) -> TicketFacts:
    """Put a resolved ticket away."""
    row = locked_ticket(session, number)
    after(row.status, Step.CLOSE)
    row.closed_at = now
    move(session, rules, row, Step.CLOSE, who, now, note)
    return ticket_facts(row)


def reopen(
    session: Session, rules: TicketRules, number: str, who: str, now: datetime, note: str = ""
) -> TicketFacts:
    """Take a resolved ticket up again, on the second line, with new time limits."""
    row = locked_ticket(session, number)
    take_up_again(session, rules, row, who, now, note)
    return ticket_facts(row)


def escalate(
    session: Session, rules: TicketRules, number: str, who: str, now: datetime, note: str = ""
) -> TicketFacts:
    """Hand a ticket to the next line: second line, then supervisor."""
    row = locked_ticket(session, number)
    after(row.status, Step.ESCALATE)
    if row.level >= SUPERVISOR:
        raise TicketError(f"{number} is with the supervisor already; nobody is above.")
    hand_up(session, rules, row, who, now, note)
    return ticket_facts(row)
