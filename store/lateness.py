"""Whom nobody can call in time any more, while all telephones of a zone are silent."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.models import Contact
from store.suppression import close
from store.types import ContactStatus, Disposition, Outcome


def anybody_late(session: Session, campaign_id: int, zone: str, opens: datetime) -> bool:
    """Say whether somebody waits in a zone to whom a call at `opens` is of no use any more."""
    return session.scalar(_late(campaign_id, zone, opens).limit(1)) is not None


def close_late(
    session: Session, campaign_id: int, zone: str, opens: datetime, now: datetime, at_most: int
) -> int:
    """Close those who wait in a zone until a moment that is too late for them; return how many."""
    late = _late(campaign_id, zone, opens).limit(at_most).with_for_update(skip_locked=True)
    some = session.scalars(late).all()
    for contact_id in some:
        close(session, contact_id, Disposition.EXPIRED, Outcome.EXPIRED, now)
    return len(some)


def _late(campaign_id: int, zone: str, opens: datetime) -> sa.Select[int]:
    return sa.select(Contact.id).where(
        Contact.campaign_id == campaign_id,
        Contact.status == ContactStatus.WAITING,
        Contact.time_zone == zone,
        Contact.useful_until <= opens,
    )
