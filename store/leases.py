"""Leases: an engine shows again and again that it holds its attempts; what it holds no more is
taken over under a higher fence.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.errors import StaleClaimError
from store.models import Attempt, Contact
from store.reading import open_attempt
from store.types import AttemptStatus
from store.values import OpenAttempt

IS_OPEN: Final = sa.text("attempts.status <> 'settled'")
"""In the words of the index of open attempts: a hundred among millions are found at once."""


def renew_leases(session: Session, engine: str, until: datetime) -> int:
    """Hold all open attempts of an engine until then; return how many there are."""
    renewed = session.connection().execute(
        sa.update(cast(sa.Table, Attempt.__table__))
        .where(IS_OPEN, Attempt.claimed_by == engine)
        .values(lease_until=until)
    )
    return renewed.rowcount


def open_attempts(session: Session) -> tuple[OpenAttempt, ...]:
    """Return all attempts that nobody has settled, oldest first."""
    rows = session.execute(
        sa.select(Attempt, Contact.campaign_id)
        .join(Contact, Contact.id == Attempt.contact_id)
        .where(IS_OPEN)
    )
    # Sorted here: in the order of its key SQLite would go through all attempts there ever were.
    found = (open_attempt(row, owner) for row, owner in rows)
    return tuple(sorted(found, key=lambda each: each.attempt_id))


def take_over(session: Session, seen: OpenAttempt) -> AttemptStatus:
    """Take an attempt over from the engine that held it as it was seen; return how far it came.

    From then on the fence of that engine counts no more. Raises StaleClaimError when it gave a
    sign of life since, or when somebody else was quicker.
    """
    attempt = session.scalar(
        sa.select(Attempt)
        .where(Attempt.id == seen.attempt_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if (
        attempt is None
        or attempt.status is AttemptStatus.SETTLED
        or (attempt.claimed_by, attempt.claimed_at) != (seen.claimed_by, seen.claimed_at)
        or (attempt.fence, attempt.lease_until) != (seen.fence, seen.lease_until)
    ):
        raise StaleClaimError(f"Attempt {seen.attempt_id} moved on; it is not taken over")
    attempt.fence += 1
    session.flush()
    return attempt.status
