"""Recovery: what becomes of attempts that an engine left open when it ended."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from campaigns.attempt import settle_interrupted
from store.claims import release
from store.database import Database
from store.errors import StaleClaimError
from store.queries import unsettled_attempts
from store.types import AttemptStatus
from store.values import OpenAttempt

IsGone = Callable[[str, datetime, datetime], bool]
"""Says of the name of an engine whether it has ended, given when it claimed and what time it is."""


def recover(
    database: Database, now: datetime, is_gone: IsGone, ours: str, held: Collection[int]
) -> tuple[int, ...]:
    """Settle what engines that are gone left open; return the attempts whose fate is unknown.

    Those of every campaign are looked at, since an open attempt blocks its number everywhere.
    A claim was certainly not dialled and is given back. Whatever was marked as dialling may
    have rung, and is never dialled again. `held` are the calls that `ours`, this engine, holds.
    """
    unknown: list[int] = []
    with database.transaction() as session:
        for attempt in unsettled_attempts(session):
            if not _is_orphan(attempt, now, is_gone, ours, held):
                continue
            try:
                if attempt.status is AttemptStatus.CLAIMED:
                    release(session, attempt.attempt_id)
                    continue
                why = f"engine {attempt.claimed_by} ended during the call"
                settle_interrupted(session, attempt.attempt_id, now, why)
            except StaleClaimError:
                # Another engine recovers at the same time, or the end was written meanwhile.
                continue
            unknown.append(attempt.attempt_id)
    return tuple(unknown)


def _is_orphan(
    attempt: OpenAttempt, now: datetime, is_gone: IsGone, ours: str, held: Collection[int]
) -> bool:
    if attempt.claimed_by == ours:
        # Ours, and not handed over: the store failed us between two steps.
        return attempt.attempt_id not in held
    return is_gone(attempt.claimed_by, attempt.claimed_at, now)
