"""Who is not to be called (any more), and closing their contacts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from store.errors import StaleClaimError
from store.models import Campaign, Contact, Suppression
from store.outcomes import record_outcome
from store.ticket_queries import phones_with_trouble
from store.types import ContactStatus, Disposition, Outcome, SuppressionReason
from store.values import Settled


def close(
    session: Session,
    contact_id: int,
    disposition: Disposition,
    outcome: Outcome,
    at: datetime,
) -> int:
    """Close a waiting contact that is not to be called, with its reason; return the outcome.

    Raises StaleClaimError when it does not wait any more.
    """
    contact = session.scalar(sa.select(Contact).where(Contact.id == contact_id).with_for_update())
    if contact is None or contact.status is not ContactStatus.WAITING:
        raise StaleClaimError(f"Contact {contact_id} does not wait; it can't be closed")
    contact.status = ContactStatus.CLOSED
    contact.next_call_at = None
    return record_outcome(session, contact, None, (disposition, outcome), at, True, Settled())


def close_unwanted(
    session: Session,
    campaign_id: int,
    now: datetime,
    sparing: Collection[str] = (),
    at_most: int | None = None,
) -> int:
    """Close the waiting contacts that are suppressed or of no use any more; return how many.

    `sparing`: flows that leave people alone who have a ticket which is not settled. `at_most`: so
    many and no more, since nobody else writes meanwhile; None: all.
    """
    closed = 0
    for unwanted, (disposition, outcome) in _unwanted(session, campaign_id, now, sparing):
        left = None if at_most is None else at_most - closed
        some = unwanted.limit(left).with_for_update(skip_locked=True)
        for contact_id in session.scalars(some).all():
            close(session, contact_id, disposition, outcome, now)
            closed += 1
    return closed


def anybody_unwanted(
    session: Session, campaign_id: int, now: datetime, sparing: Collection[str] = ()
) -> bool:
    """Say whether `close_unwanted` would close anybody; it keeps nobody from writing."""
    return any(
        session.scalar(unwanted.limit(1)) is not None
        for unwanted, _ in _unwanted(session, campaign_id, now, sparing)
    )


def _unwanted(
    session: Session, campaign_id: int, now: datetime, sparing: Collection[str]
) -> Iterator[tuple[sa.Select[int], tuple[Disposition, Outcome]]]:
    """Return whom not to call, with what they are closed as; the first that fits counts."""
    waiting = sa.select(Contact.id).where(
        Contact.campaign_id == campaign_id, Contact.status == ContactStatus.WAITING
    )
    suppressed = waiting.where(Contact.phone.in_(sa.select(Suppression.phone)))
    yield suppressed, (Disposition.SUPPRESSED, Outcome.SUPPRESSED)
    yield waiting.where(Contact.useful_until <= now), (Disposition.EXPIRED, Outcome.EXPIRED)
    if session.get_one(Campaign, campaign_id).flow in sparing:
        troubled = waiting.where(Contact.phone.in_(phones_with_trouble()))
        yield troubled, (Disposition.OPEN_TICKET, Outcome.SUPPRESSED)


def is_suppressed(session: Session, phone: str) -> bool:
    """May this E.164 number never be called?"""
    return session.scalar(sa.select(Suppression.id).where(Suppression.phone == phone)) is not None


def suppress(
    session: Session, phone: str, reason: SuppressionReason, at: datetime, source: str = ""
) -> bool:
    """Never call this E.164 number again, in any campaign; return False if that was known.

    Its waiting contacts are closed at once. The first reason stays, of two at one moment, too: a
    call and the agent in it may both hear the wish.
    """
    if is_suppressed(session, phone):
        return False
    try:
        with session.begin_nested():
            session.add(Suppression(phone=phone, reason=reason, at=at, source=source))
    except exc.IntegrityError:
        return False
    # Locked, so that those whom somebody claims at this moment are not among them.
    waiting = (
        sa.select(Contact.id)
        .where(Contact.phone == phone, Contact.status == ContactStatus.WAITING)
        .order_by(Contact.id)
        .with_for_update()
    )
    for contact_id in session.scalars(waiting).all():
        close(session, contact_id, Disposition.SUPPRESSED, Outcome.SUPPRESSED, at)
    return True
