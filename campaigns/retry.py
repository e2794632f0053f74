"""RetryDecision: is there another call to this contact, when, and why.

Two clocks run: one for calls that reached nobody, one for calls that were answered and settled
nothing. A call that our own trunk lost is on neither. A moment that the recipient named is kept,
also when both have run down, a few times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, Self
from zoneinfo import ZoneInfo

from campaigns.retry_table import (
    NEVER_DIALLED,
    OPEN,
    REACHED,
    Consequence,
    Pace,
    RetryRule,
    RetryTable,
)
from store.types import Disposition, Outcome

__all__ = [
    "NEVER_DIALLED", "REACHED", "AttemptEnd", "CallHistory", "RetryDecision", "RetryReason",
    "Window", "decide",
]  # fmt: skip

DAYS_AHEAD = 8
"""So many days on, a part of the day is looked for."""


class Window(Protocol):
    """The hours in which a recipient may be rung."""

    @property
    def zone(self) -> ZoneInfo:
        """The recipient's."""

    def next_opening(self, now: datetime) -> datetime | None:
        """Return `now` or the moment it opens next; None: never in sight."""


class RetryReason(StrEnum):
    """Why there is, or isn't, another call."""

    ASKED_FOR = "asked_for"
    """The recipient named a time."""
    NOT_REACHED = "not_reached"
    UNFINISHED = "unfinished"
    TRUNK_FAILED = "trunk_failed"
    SETTLED = "settled"
    FINAL = "final"
    """The table has no further call for this end."""
    FATE_UNKNOWN = "fate_unknown"
    """Nobody knows what the recipient heard; a person decides."""
    ENOUGH_ATTEMPTS = "enough_attempts"
    ENOUGH_UNFINISHED = "enough_unfinished"
    ENOUGH_TRUNK_FAILURES = "enough_trunk_failures"
    WITH_AGENT = "with_agent"
    """A person of ours talked to the recipient and decides."""
    TOO_LATE = "too_late"
    """The next call would come when it is of no use any more."""


@dataclass(frozen=True, slots=True)
class CallHistory:
    """How the settled attempts of a contact ended, the one just settled included."""

    not_reached: int = 0
    reached: int = 0
    trunk_failures: int = 0
    same: int = 0
    """How often it had ended before as it did at last."""
    asked_for: int = 0
    """In how many of them a time for another call was named."""

    @classmethod
    def of(cls, dispositions: Iterable[Disposition], asked_for: int = 0) -> Self:
        """Count what became of each attempt, the oldest first."""
        ended = [each for each in dispositions if each not in NEVER_DIALLED]
        trunk_failures = ended.count(Disposition.TRUNK_FAILURE)
        reached = sum(each in REACHED for each in ended)
        same = ended.count(ended[-1]) - 1 if ended else 0
        return cls(len(ended) - reached - trunk_failures, reached, trunk_failures, same, asked_for)

    @property
    def attempts(self) -> int:
        """Calls that count."""
        return self.not_reached + self.reached


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """What the attempt just settled left behind."""

    disposition: Disposition
    outcome: Outcome
    at: datetime
    call_again_at: datetime | None = None
    """When the recipient asked to be called, by us and not by a person."""


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """Another call at `retry_at`, or none."""

    retry_at: datetime | None
    reason: RetryReason
    then: tuple[Consequence, ...] = ()
    """What follows beside it."""


def decide(
    end: AttemptEnd,
    history: CallHistory,
    table: RetryTable,
    window: Window,
    useful_until: datetime | None,
) -> RetryDecision:
    """Return whether and when to call again, inside the window and before it is too late."""
    if end.disposition is Disposition.INTERRUPTED:
        return RetryDecision(None, RetryReason.FATE_UNKNOWN)
    rule = table.rule_for(end.disposition, end.outcome)
    then = () if rule is None else rule.then
    if end.call_again_at is not None:
        return _asked_for(end.call_again_at, end, history, table, window, useful_until)
    if rule is None or rule.pace in (Pace.NEVER, Pace.EXACTLY):
        reason = RetryReason.FINAL if end.outcome in OPEN else RetryReason.SETTLED
        return RetryDecision(None, reason, _without_call(then))
    exhausted = _exhausted(end.disposition, history, table)
    if exhausted is not None:
        return RetryDecision(None, exhausted, _without_call(then))
    retry_at = _moment(rule, end.at, history.same, table, window)
    if _is_late(retry_at, useful_until) and rule.sooner is not None:
        retry_at = window.next_opening(end.at + timedelta(minutes=rule.sooner))
    if retry_at is None or _is_late(retry_at, useful_until):
        return RetryDecision(None, RetryReason.TOO_LATE, _without_call(then))
    return RetryDecision(retry_at, _reason_of(end.disposition), then)


def _asked_for(
    named: datetime,
    end: AttemptEnd,
    history: CallHistory,
    table: RetryTable,
    window: Window,
    useful_until: datetime | None,
) -> RetryDecision:
    """Keep what the recipient wished: exactly then, or as soon after as it may ring."""
    exhausted = _exhausted(end.disposition, history, table)
    if exhausted is not None and history.asked_for > table.limits.max_asked_for:
        return RetryDecision(None, exhausted)
    # Datetimes of one zone compare by wall clock, which is wrong in the hour that comes twice.
    earliest = max(named, end.at, key=datetime.timestamp)
    retry_at = window.next_opening(earliest)
    if retry_at is None or _is_late(retry_at, useful_until):
        return RetryDecision(None, RetryReason.TOO_LATE)
    rule = table.rule_for(end.disposition, end.outcome)
    then = () if rule is None else rule.then
    return RetryDecision(retry_at, RetryReason.ASKED_FOR, then)


def _exhausted(
    disposition: Disposition, history: CallHistory, table: RetryTable
) -> RetryReason | None:
    limits = table.limits
    if disposition is Disposition.TRUNK_FAILURE:
        enough = history.trunk_failures >= limits.max_trunk_failures
        return RetryReason.ENOUGH_TRUNK_FAILURES if enough else None
    if history.attempts >= limits.max_attempts:
        return RetryReason.ENOUGH_ATTEMPTS
    if disposition in REACHED and history.reached >= limits.max_unfinished:
        return RetryReason.ENOUGH_UNFINISHED
    return None


def _moment(
    rule: RetryRule, at: datetime, same: int, table: RetryTable, window: Window
) -> datetime | None:
    match rule.pace:
        case Pace.LATER_TODAY:
            return _later_today(rule.minutes, at, window)
        case Pace.NEXT_WINDOW:
            return _next_part(rule.minutes, at, table, window)
        case _:
            wait = rule.minutes[min(same, len(rule.minutes) - 1)]
            return window.next_opening(at + timedelta(minutes=wait))


def _later_today(minutes: tuple[float, ...], at: datetime, window: Window) -> datetime | None:
    """Return the first of the waits that ends today, else the next opening after the last one."""
    today = at.astimezone(window.zone).date()
    opening = None
    for wait in minutes:
        opening = window.next_opening(at + timedelta(minutes=wait))
        if opening is not None and opening.astimezone(window.zone).date() == today:
            return opening
    return opening


def _next_part(
    minutes: tuple[float, ...], at: datetime, table: RetryTable, window: Window
) -> datetime | None:
    """Return the next opening in a part of a day that has not begun yet."""
    earliest = at + timedelta(minutes=max(minutes, default=0.0))
    today = at.astimezone(window.zone).date()
    begins = (
        datetime.combine(today + timedelta(days=ahead), part, tzinfo=window.zone)
        for ahead in range(DAYS_AHEAD)
        for part in sorted(table.parts_of_day)
    )
    next_part = next((each for each in begins if each.timestamp() > at.timestamp()), earliest)
    return window.next_opening(max(next_part, earliest, key=datetime.timestamp))


def _is_late(moment: datetime | None, useful_until: datetime | None) -> bool:
    return (
        moment is not None
        and useful_until is not None
        and moment.timestamp() >= useful_until.timestamp()
    )


def _without_call(then: tuple[Consequence, ...]) -> tuple[Consequence, ...]:
    """Return what follows although nobody is called: how a next call goes is nothing then."""
    about_the_call = (Consequence.SHORT_SCRIPT, Consequence.AGENT_READY)
    return tuple(each for each in then if each not in about_the_call)


def _reason_of(disposition: Disposition) -> RetryReason:
    if disposition is Disposition.TRUNK_FAILURE:
        return RetryReason.TRUNK_FAILED
    return RetryReason.UNFINISHED if disposition in REACHED else RetryReason.NOT_REACHED
