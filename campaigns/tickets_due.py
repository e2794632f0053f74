"""What waits: the timers of all tickets, and what happens when one has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.tickets_clock import Deadlines, Timer
from campaigns.tickets_ledger import hand_up, limits_of
from campaigns.tickets_machine import UNSETTLED
from campaigns.tickets_rules import TicketRules
from store.models import Contact
from store.ticket_queries import TicketFilter, locked_ticket, ticket_facts, tickets, to_escalate
from store.ticket_values import TicketFacts
from store.types import ContactStatus
from store.types import TicketStatus as Status

TIMER = "timer"
"""Who escalates when nobody does."""


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something that a ticket waits for."""

    ticket: TicketFacts
    timer: Timer
    by: datetime

    def is_late(self, now: datetime) -> bool:
        """Has the time passed?"""
        return self.by <= now


def escalate_overdue(
    session: Session, rules: TicketRules, now: datetime
) -> tuple[TicketFacts, ...]:
    """Hand every ticket of which a timer has passed to the next line; return those."""
    escalated: list[TicketFacts] = []
    for number in to_escalate(session, now):
        row = locked_ticket(session, number)
        if row.escalate_at is None or row.escalate_at > now:
            continue  # Somebody moved it since it was found.
        late = [timer.value for timer, by in limits_of(row).running(row.status) if by <= now]
        hand_up(session, rules, row, TIMER, now, f"late: {', '.join(late)}")
        escalated.append(ticket_facts(row))
    return tuple(escalated)


def due(session: Session, now: datetime, department: str = "") -> tuple[DueItem, ...]:
    """Return what the unsettled tickets wait for next and is late, the most urgent first.

    A resolved ticket whose customer no call could tell, and none will, waits for a person.
    """
    items: list[DueItem] = []
    for each in tickets(session, TicketFilter(UNSETTLED, department)):
        times = each.times
        limits = Deadlines(times.respond_by, times.propose_by, times.resolve_by, times.callback_by)
        running = limits.running(each.status)
        items += [DueItem(each, timer, by) for timer, by in running if by <= now] or [
            DueItem(each, *running[0])
        ]
    for each in tickets(session, TicketFilter((Status.RESOLVED,), department)):
        resolved = each.times.resolved_at
        told = each.times.customer_told_at is not None
        if not told and resolved is not None and not _will_be_called(session, each):
            items.append(DueItem(each, Timer.TELLING, resolved))
    return tuple(sorted(items, key=lambda item: (item.by, item.ticket.id)))


def _will_be_called(session: Session, ticket: TicketFacts) -> bool:
    if ticket.follow_up_contact_id is None:
        return False
    contact = session.get_one(Contact, ticket.follow_up_contact_id)
    return contact.status in (ContactStatus.WAITING, ContactStatus.IN_CALL)
