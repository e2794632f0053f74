"""RetryDecision: is there another call to this contact, when, and why.

Two clocks run: one for calls that reached nobody, one for calls that were answered and settled
nothing. A call that our own trunk lost is on neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from campaigns.calling_window import CallingWindow
from store.types import Disposition, Outcome

REACHED = frozenset(
    {
        Disposition.COMPLETED,
        Disposition.NO_CONVERSATION,
        Disposition.HUNG_UP_MIDWAY,
        Disposition.MEDIA_FAILURE,
    }
)
"""Somebody picked up: these count on the clock of unfinished calls."""

NEVER_DIALLED = frozenset({Disposition.SUPPRESSED, Disposition.EXPIRED, Disposition.OPEN_TICKET})


class RetryReason(StrEnum):
    """Why there is, or isn't, another call."""

    ASKED_FOR = "asked_for"
    """The recipient named a time."""
    NOT_REACHED = "not_reached"
    UNFINISHED = "unfinished"
    TRUNK_FAILED = "trunk_failed"
    SETTLED = "settled"
    FINAL = "final"
    """The policy has no further call for this disposition."""
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
class RetryPolicy:
    """How often and how soon a contact is called again."""

    delays: Mapping[Disposition, timedelta]
    """A disposition that isn't named is final."""
    max_attempts: int = 3
    """Calls at most, those that the trunk lost not counted."""
    max_unfinished: int = 2
    """Of these, calls that were answered and settled nothing."""
    max_trunk_failures: int = 5


@dataclass(frozen=True, slots=True)
class CallHistory:
    """How the settled attempts of a contact ended, the one just settled included."""

    not_reached: int = 0
    reached: int = 0
    trunk_failures: int = 0

    @classmethod
    def of(cls, dispositions: Iterable[Disposition]) -> Self:
        """Count what became of each attempt."""
        ended = [each for each in dispositions if each not in NEVER_DIALLED]
        trunk_failures = ended.count(Disposition.TRUNK_FAILURE)
        reached = sum(each in REACHED for each in ended)
        return cls(len(ended) - reached - trunk_failures, reached, trunk_failures)

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


def decide(
    end: AttemptEnd,
    history: CallHistory,
    policy: RetryPolicy,
    window: CallingWindow,
    useful_until: datetime | None,
) -> RetryDecision:
    """Return whether and when to call again, inside the window and before it is too late."""
    if end.disposition is Disposition.INTERRUPTED:
        return RetryDecision(None, RetryReason.FATE_UNKNOWN)
    unsettled = end.outcome in (Outcome.UNFINISHED, Outcome.NOT_REACHED)
    if not unsettled and end.call_again_at is None and end.disposition not in policy.delays:
        return RetryDecision(None, RetryReason.SETTLED)
    if (exhausted := _exhausted(end.disposition, history, policy)) is not None:
        return RetryDecision(None, exhausted)
    if end.call_again_at is not None:
        earliest, reason = max(end.call_again_at, end.at), RetryReason.ASKED_FOR
    else:
        delay = policy.delays.get(_clock_of(end.disposition))
        if delay is None:
            return RetryDecision(None, RetryReason.FINAL)
        earliest, reason = end.at + delay, _reason_of(end.disposition)
    retry_at = window.next_opening(earliest)
    if useful_until is not None and retry_at.timestamp() >= useful_until.timestamp():
        return RetryDecision(None, RetryReason.TOO_LATE)
    return RetryDecision(retry_at, reason)


def _exhausted(
    disposition: Disposition, history: CallHistory, policy: RetryPolicy
) -> RetryReason | None:
    if disposition is Disposition.TRUNK_FAILURE:
        enough = history.trunk_failures >= policy.max_trunk_failures
        return RetryReason.ENOUGH_TRUNK_FAILURES if enough else None
    if history.attempts >= policy.max_attempts:
        return RetryReason.ENOUGH_ATTEMPTS
    if disposition in REACHED and history.reached >= policy.max_unfinished:
        return RetryReason.ENOUGH_UNFINISHED
    return None


def _clock_of(disposition: Disposition) -> Disposition:
    # A talk that ended without an answer waits as long as one that was cut short.
    if disposition is Disposition.COMPLETED:
        return Disposition.HUNG_UP_MIDWAY
    return disposition


def _reason_of(disposition: Disposition) -> RetryReason:
    if disposition is Disposition.TRUNK_FAILURE:
        return RetryReason.TRUNK_FAILED
    return RetryReason.UNFINISHED if disposition in REACHED else RetryReason.NOT_REACHED


NO_RETRIES = RetryPolicy(MappingProxyType({}), max_attempts=1, max_unfinished=1)
"""Each contact is called once."""
