"""The laws of a campaign's calls, in the order in which they are asked."""

from __future__ import annotations

from datetime import datetime

from campaigns.moved_on import moved_on
from campaigns.rules import CampaignRules
from campaigns.scope import within
from campaigns.tickets_rules import TicketRules
from campaigns.unwanted import sparing, suppressed
from campaigns.verdict import Law, judge
from store.candidates import Candidate, Judge, Never, Verdict
from store.types import Disposition, Outcome


def laws_of(rules: CampaignRules, tickets: TicketRules) -> tuple[Law, ...]:
    """Return the laws: first those by which somebody is never called, then those of the moment."""
    return (
        suppressed,
        moved_on,
        useless,
        sparing(tickets.sparing),
        within(rules.scope),
        rules.law,
    )


def judge_of(laws: tuple[Law, ...], now: datetime) -> Judge:
    """Return who decides by these laws at that moment."""

    def decides(candidate: Candidate) -> Verdict:
        return judge(candidate, laws, now)

    return decides


def useless(candidate: Candidate, now: datetime) -> Verdict | None:
    """Object to a call that helps nobody any more."""
    if candidate.useful_until is not None and candidate.useful_until <= now:
        return Never(Disposition.EXPIRED, Outcome.EXPIRED)
    return None
