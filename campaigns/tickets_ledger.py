"""What every step of a ticket does to its row: the new status, the timers, a line in the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.tickets_clock import Deadlines, deadlines, escalates_at
from campaigns.tickets_machine import after
from campaigns.tickets_planning import withdraw_follow_up
from campaigns.tickets_rules import TicketRules
from store.ticket_models import Ticket, TicketEvent
from store.types import TicketStatus as Status
from store.types import TicketStep as Step


def limits_of(row: Ticket) -> Deadlines:
    """Return the time limits of a ticket as they stand."""
    return Deadlines(row.respond_by, row.propose_by, row.resolve_by, row.callback_by)


def move(
    session: Session,
    rules: TicketRules,
    row: Ticket,
    step: Step,
    who: str,
    now: datetime,
    note: str = "",
) -> None:
    """Take a step and set the timers anew. Raises TicketError when the table has no such step."""
    before, row.status = row.status, after(row.status, step)
    if before is Status.OPEN and row.status is not Status.OPEN:
        row.acknowledged_at = now
    row.escalate_at = escalates_at(limits_of(row), row.status, row.level, now, rules.hours)
    write(session, row, step, before, who, now, note)


def remark(session: Session, row: Ticket, who: str, now: datetime, note: str) -> None:
    """Add to a ticket without moving it: no timer that has passed is forgiven for a remark."""
    write(session, row, Step.NOTE, row.status, who, now, note)


def hand_up(
    session: Session, rules: TicketRules, row: Ticket, who: str, now: datetime, note: str
) -> None:
    """Hand a ticket to the next line; that one has its own time."""
    row.level += 1
    department = rules.matrix.taxonomy.departments.get(row.department)
    asked = "" if department is None else department.line(row.level)["zh-CN"]
    move(session, rules, row, Step.ESCALATE, who, now, f"{asked} {note}".strip())
    row.escalate_at = escalates_at(
        limits_of(row), row.status, row.level, now, rules.hours, asked=True
    )
    session.flush()


def take_up_again(
    session: Session, rules: TicketRules, row: Ticket, who: str, now: datetime, note: str
) -> None:
    """Reopen a resolved ticket, on the second line at least, with new time limits."""
    after(row.status, Step.REOPEN)
    limits = deadlines(rules.matrix.row(row.kind, row.cause), now, rules.hours, urgent=row.urgent)
    row.propose_by, row.resolve_by = limits.propose_by, limits.resolve_by
    withdraw_follow_up(session, row, now)
    row.resolved_at = row.customer_told_at = row.follow_up_contact_id = None
    row.level = max(row.level, 1)
    move(session, rules, row, Step.REOPEN, who, now, note)


def write(
    session: Session,
    row: Ticket,
    step: Step,
    before: Status | None,
    who: str,
    now: datetime,
    note: str,
) -> None:
    """Add a line to the ledger of a ticket."""
    session.add(
        TicketEvent(
            ticket_id=row.id,
            at=now,
            who=who,
            step=step,
            from_status=before,
            to_status=row.status,
            note=note,
        )
    )
    session.flush()
