"""Housekeeping: the chores that keep campaigns, tickets and the desk in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from campaigns.chores import Chore, Duty
from campaigns.desk_clearing import clear_old_orders
from campaigns.tickets_due import escalate_overdue
from campaigns.tickets_rules import ticket_rules_of
from store.database import LETS_OTHERS_IN
from store.queries import campaigns
from store.suppression import anybody_unwanted, close_unwanted
from store.types import CampaignStatus

CLOSED_AT_ONCE: Final = 50
"""Contacts of one transaction: a fraction of a second. When the windows of a day pass, tens of
thousands are to be closed, and the calls in progress write meanwhile."""
PIECES: Final = 20
"""So many times in a row for a campaign; the rest comes with the next beat."""


def close_unwanted_contacts(duty: Duty, rest: Callable[[float], object] = time.sleep) -> int:
    """Close, in all campaigns that run, who is suppressed or too late to be called; return how
    many. `rest` lets others write between two pieces.
    """
    sparing = ticket_rules_of(duty.settings).sparing
    with duty.database.reading() as session:
        running = campaigns(session, [CampaignStatus.RUNNING])
    closed = 0
    for facts in running:
        with duty.database.reading() as session:
            if not anybody_unwanted(session, facts.id, duty.now, sparing):
                continue
        for _ in range(PIECES):
            if not duty.go_on():
                return closed
            with duty.transaction() as session:
                some = close_unwanted(session, facts.id, duty.now, sparing, CLOSED_AT_ONCE)
            closed += some
            if some < CLOSED_AT_ONCE:
                break
            rest(LETS_OTHERS_IN.total_seconds())
    return closed


def escalate_tickets(duty: Duty) -> None:
    """Hand tickets of which a timer has passed to the next line, and say so."""
    rules = ticket_rules_of(duty.settings)
    with duty.transaction() as session:
        late = [each.number for each in escalate_overdue(session, rules, duty.now)]
    for number in late:
        duty.tell(f"Ticket {number} is late and went to the next line.")


def throw_old_orders_away(duty: Duty) -> None:
    """Forget what was asked for at the desk long ago."""
    clear_old_orders(duty.database, duty.now)


HOUSEKEEPING: Final = (
    Chore("unwanted contacts", timedelta(seconds=10), close_unwanted_contacts),
    Chore("late tickets", timedelta(seconds=30), escalate_tickets),
    Chore("old orders", timedelta(minutes=1), throw_old_orders_away),
)
