"""Why a contact is where it is, and what follows: reasons that each reader words himself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from campaigns.next_script import AGENT, SHORT
from campaigns.retry import REACHED, CallHistory
from campaigns.retry_table import Pace
from campaigns.rules import CampaignRules
from campaigns.turn import Turn
from campaigns.verdict import Held
from store.campaign_queries import ContactHistory
from store.candidates import CallNow, Never
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome

Slot = datetime | int | str


class Why(StrEnum):
    """Kinds of reasons; what each says of itself is in brackets."""

    EXPIRES = "expires"
    """A call would come too late to be of use (at)."""
    WINDOW_CLOSED = "window_closed"
    """(at): when it opens."""
    CALLED_AGAIN = "called_again"
    """(at)"""
    HELD_REST = "held_rest"
    """(at): when it is looked at again; so are the others that are held."""
    HELD_HOLIDAY = "held_holiday"
    HELD_CAP = "held_cap"
    HELD_GAP = "held_gap"
    HELD_IN_A_CALL = "held_in_a_call"
    HELD_MERCHANT = "held_merchant"
    HELD_TRUNKS_BUSY = "held_trunks_busy"
    HELD_NO_TRUNK = "held_no_trunk"
    HELD_CHANGED = "held_changed"
    HELD_NO_AGENT = "held_no_agent"
    WAITS_FOR_LINE = "waits_for_line"
    WILL_BE_CLOSED = "will_be_closed"
    """It waits, and will be closed without a call (disposition)."""
    NO_MOMENT = "no_moment"
    """It waits, and no moment is in sight at which it may be called."""
    OPENS_SHORT = "opens_short"
    """Its last call was cut; the next one takes it up."""
    NEEDS_AGENT = "needs_agent"
    """Nobody of ours was free when they answered; the next call is made with an agent only."""
    IN_CALL = "in_call"
    FATE_UNKNOWN = "fate_unknown"
    """Nobody knows what was said in its last call."""
    NOT_CALLED = "not_called"
    """(disposition)"""
    WITHDRAWN = "withdrawn"
    OUT_OF_SCOPE = "out_of_scope"
    SETTLED = "settled"
    """(outcome)"""
    CALLBACK_PROMISED = "callback_promised"
    """A person of ours calls them; Menling doesn't."""
    OPTED_OUT = "opted_out"
    WRONG_NUMBER = "wrong_number"
    MESSAGE_LEFT = "message_left"
    TRUNK_LOST = "trunk_lost"
    """(calls)"""
    CALLED_ENOUGH = "called_enough"
    """(calls)"""
    REACHED_ENOUGH = "reached_enough"
    """(calls)"""
    NO_CALL_AFTER = "no_call_after"
    """(disposition)"""
    TOO_LATE = "too_late"
    CAMPAIGN_STANDS = "campaign_stands"
    """The campaign does not run (status)."""
    PERSON_NEEDED = "person_needed"
    """(reason)"""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason."""

    why: Why
    slots: Mapping[str, Slot]

    @classmethod
    def of(cls, why: Why, **slots: Slot) -> Reason:
        """Return a reason with what it says of itself."""
        return cls(why, MappingProxyType(slots))


_OPEN = frozenset({Outcome.UNFINISHED, Outcome.NOT_REACHED})
_NOT_SETTLED = MappingProxyType(
    {
        Outcome.CALLBACK_PROMISED: Why.CALLBACK_PROMISED,
        Outcome.OPTED_OUT: Why.OPTED_OUT,
        Outcome.WRONG_NUMBER: Why.WRONG_NUMBER,
        Outcome.MESSAGE_LEFT: Why.MESSAGE_LEFT,
    }
)
"""Outcomes after which nobody is called, though nothing was agreed."""


_CLOSED = MappingProxyType(
    {Disposition.WITHDRAWN: Why.WITHDRAWN, Disposition.OUT_OF_SCOPE: Why.OUT_OF_SCOPE}
)
_HELD = MappingProxyType(
    {
        Held.WINDOW: Why.WINDOW_CLOSED,
        Held.REST: Why.HELD_REST,
        Held.HOLIDAY: Why.HELD_HOLIDAY,
        Held.CAP: Why.HELD_CAP,
        Held.GAP: Why.HELD_GAP,
        Held.IN_A_CALL: Why.HELD_IN_A_CALL,
        Held.MERCHANT: Why.HELD_MERCHANT,
        Held.TRUNKS_BUSY: Why.HELD_TRUNKS_BUSY,
        Held.NO_TRUNK: Why.HELD_NO_TRUNK,
        Held.CHANGED: Why.HELD_CHANGED,
        Held.NO_AGENT: Why.HELD_NO_AGENT,
    }
)
_NEXT = MappingProxyType({SHORT: Why.OPENS_SHORT, AGENT: Why.NEEDS_AGENT})


def reasons_of(
    contact: ContactHistory,
    rules: CampaignRules,
    campaign: CampaignStatus,
    now: datetime,
    turn: Turn | None = None,
) -> Iterator[Reason]:
    """Yield why a contact is where it is, the first one being the most important.

    `turn`: what all laws say of one that waits, see `campaigns.turn`; None: hours alone are asked.
    """
    if contact.status is ContactStatus.WAITING and turn is not None:
        yield from _until(turn, contact, now)
    else:
        yield _what_follows(contact, rules, now)
    if contact.status is ContactStatus.WAITING and contact.next_script in _NEXT:
        yield Reason.of(_NEXT[contact.next_script])
    if contact.status is ContactStatus.WAITING and campaign is not CampaignStatus.RUNNING:
        yield Reason.of(Why.CAMPAIGN_STANDS, status=campaign.value)
    if contact.needs_person:
        yield Reason.of(Why.PERSON_NEEDED, reason=contact.needs_person)


def _what_follows(contact: ContactHistory, rules: CampaignRules, now: datetime) -> Reason:
    match contact.status:
        case ContactStatus.WAITING:
            return _why_waiting(contact, rules, now)
        case ContactStatus.IN_CALL:
            return Reason.of(Why.IN_CALL)
        case ContactStatus.NEEDS_RECONCILIATION:
            return Reason.of(Why.FATE_UNKNOWN)
        case ContactStatus.CLOSED:
            return _why_closed(contact)
        case ContactStatus.DONE:
            return _why_done(contact, rules)


def _why_closed(contact: ContactHistory) -> Reason:
    if contact.latest is None:
        return Reason.of(Why.NOT_CALLED, disposition="closed")
    closed = _CLOSED.get(contact.latest.disposition)
    if closed is not None:
        return Reason.of(closed)
    return Reason.of(Why.NOT_CALLED, disposition=contact.latest.disposition.value)


def _why_waiting(contact: ContactHistory, rules: CampaignRules, now: datetime) -> Reason:
    due = max(contact.next_call_at or now, now)
    named = None if contact.latest is None else contact.latest.call_again_at
    asked_for = named is not None and (contact.next_call_at or now) >= named
    openings = rules.openings_for(contact.time_zone, contact.phone, asked_for=asked_for)
    opening = openings.next_opening(due)
    if contact.useful_until is not None and opening >= contact.useful_until:
        return Reason.of(Why.EXPIRES, at=contact.useful_until)
    held = _HELD.get(Held(contact.held)) if contact.held in list(Held) else None
    if held not in (None, Why.WINDOW_CLOSED) and due > now:
        return Reason.of(held, at=due)
    if opening > due:
        return Reason.of(Why.WINDOW_CLOSED, at=opening)
    if due > now:
        return Reason.of(Why.CALLED_AGAIN, at=due)
    return Reason.of(Why.WAITS_FOR_LINE)


def _until(turn: Turn, contact: ContactHistory, now: datetime) -> Iterator[Reason]:
    """Yield what holds a contact until its turn, and what becomes of it then."""
    put_off = contact.next_call_at is not None and contact.next_call_at > now
    held = dict.fromkeys(([contact.held] if contact.held and put_off else []) + [*turn.waits])
    known = [_HELD[Held(why)] for why in held if why in list(Held) and Held(why) in _HELD]
    match turn.verdict:
        case CallNow() if known:
            yield from (Reason.of(why, at=turn.at) for why in known)
        case CallNow() if turn.at > now:
            yield Reason.of(Why.CALLED_AGAIN, at=turn.at)
        case CallNow():
            yield Reason.of(Why.WAITS_FOR_LINE)
        case Never(disposition=Disposition.EXPIRED) if contact.useful_until is not None:
            yield Reason.of(Why.EXPIRES, at=contact.useful_until)
        case Never(disposition=disposition):
            yield Reason.of(Why.WILL_BE_CLOSED, disposition=disposition.value)
        case _:
            yield Reason.of(Why.NO_MOMENT)


def _why_done(contact: ContactHistory, rules: CampaignRules) -> Reason:
    history = CallHistory.of(
        line.came_to.disposition for line in contact.attempts if line.came_to is not None
    )
    latest = contact.latest
    if latest is None:
        return Reason.of(Why.SETTLED, outcome=Outcome.UNKNOWN.value)
    if (kind := _NOT_SETTLED.get(latest.outcome)) is not None:
        return Reason.of(kind)
    if latest.outcome not in _OPEN:
        return Reason.of(Why.SETTLED, outcome=latest.outcome.value)
    if latest.disposition is Disposition.TRUNK_FAILURE:
        return Reason.of(Why.TRUNK_LOST, calls=history.trunk_failures)
    if history.attempts >= rules.retry.max_attempts:
        return Reason.of(Why.CALLED_ENOUGH, calls=history.attempts)
    if latest.disposition in REACHED and history.reached >= rules.retry.max_unfinished:
        return Reason.of(Why.REACHED_ENOUGH, calls=history.reached)
    rule = rules.retry.rule_for(latest.disposition, latest.outcome)
    if rule is None or rule.pace is Pace.NEVER:
        return Reason.of(Why.NO_CALL_AFTER, disposition=latest.disposition.value)
    return Reason.of(Why.TOO_LATE)
