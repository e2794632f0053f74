"""Recovery: what becomes of attempts that an engine left open when it ended, or was stopped.

An engine has ended when the system took its lock from it (the same machine), or when its leases
stand still for longer than they last. Its clock says nothing: it may be wrong, and ours too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Final

from campaigns.attempt import settle_interrupted
from campaigns.steady import steady_seconds
from store.claims import LEASE, release
from store.database import Database
from store.errors import StaleClaimError
from store.leases import open_attempts, renew_leases, take_over
from store.types import AttemptStatus
from store.values import OpenAttempt

log = logging.getLogger(__name__)

IsGone = Callable[[str, datetime, datetime], bool]
"""Says of the name of an engine whether it has ended, given when it claimed and what time it is."""

COUNTS_AT_MOST: Final = 15.0
"""Seconds that one look at a lease counts for at most. Whoever was stopped himself, or could not
reach the store, has seen nothing in the meantime: others were perhaps stopped with him."""


class LeaseWatch:
    """Watches leases from look to look; one that nobody renewed for as long as it lasts is over."""

    def __init__(
        self,
        lasts_seconds: float = LEASE.total_seconds(),
        steady: Callable[[], float] = steady_seconds,
    ) -> None:
        """`steady` is a clock that nobody sets."""
        self._lasts = lasts_seconds
        self._steady = steady
        self._looked_at: float | None = None
        self._still: dict[tuple[int, int], tuple[datetime, float]] = {}
        """Of each attempt under its fence: the lease, and for how many seconds it stood still."""

    def lapsed(self, attempts: Iterable[OpenAttempt]) -> frozenset[int]:
        """Look at all open attempts; return those whose lease is over."""
        now = self._steady()
        passed = 0.0 if self._looked_at is None else min(now - self._looked_at, COUNTS_AT_MOST)
        self._looked_at = now
        seen: dict[tuple[int, int], tuple[datetime, float]] = {}
        for each in attempts:
            if each.lease_until is None:
                # Of a version that knew no leases.
                continue
            key = (each.attempt_id, each.fence)
            lease, still = self._still.get(key, (None, 0.0))
            seen[key] = (each.lease_until, still + passed if lease == each.lease_until else 0.0)
        self._still = seen
        return frozenset(key[0] for key, (_, still) in seen.items() if still > self._lasts)


class Recovery:
    """Shows that one engine lives, and settles what others left open."""

    def __init__(self, database: Database, ours: str, watch: LeaseWatch | None = None) -> None:
        """`ours` is the name of this engine."""
        self._database = database
        self._ours = ours
        self._watch = watch or LeaseWatch()

    def recover(self, now: datetime, is_gone: IsGone, held: Collection[int]) -> tuple[int, ...]:
        """Hold our attempts for longer, and take over what engines that are gone left open; return
        the attempts whose fate is unknown.

        Those of every campaign are looked at, since an open attempt blocks its number everywhere.
        A claim was certainly not dialled and is given back. Whatever was marked as dialling may
        have rung, and is never dialled again. `held` are the calls that this engine holds.
        """
        with self._database.transaction() as session:
            renew_leases(session, self._ours, now + LEASE)
        with self._database.reading() as session:
            attempts = open_attempts(session)
        lapsed = self._watch.lapsed(attempts)
        unknown: list[int] = []
        for attempt in attempts:
            if attempt.claimed_by == self._ours:
                # Ours, and not handed over: the store failed us between two steps.
                why = "" if attempt.attempt_id in held else "the store failed during the call"
            elif is_gone(attempt.claimed_by, attempt.claimed_at, now):
                why = f"engine {attempt.claimed_by} ended during the call"
            elif attempt.attempt_id in lapsed:
                why = f"engine {attempt.claimed_by} gave no sign of life during the call"
            else:
                why = ""
            if why and self._take_over(attempt, now, why):
                unknown.append(attempt.attempt_id)
        return tuple(unknown)

    def _take_over(self, attempt: OpenAttempt, now: datetime, why: str) -> bool:
        """Give an attempt back, or settle it as interrupted; say whether its fate is unknown."""
        try:
            with self._database.transaction() as session:
                if take_over(session, attempt) is AttemptStatus.CLAIMED:
                    release(session, attempt.attempt_id)
                    return False
                settle_interrupted(session, attempt.attempt_id, now, why)
        except StaleClaimError as stale:
            # Another engine recovers at the same time, or it gave a sign of life meanwhile.
            log.info("%s", stale)
            return False
        return True
