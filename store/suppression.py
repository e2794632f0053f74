"""Who is not to be called (any more), and closing their contacts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from store.closing import close as close
from store.merchant_lists import anybody_of_merchants, close_for, close_of_merchants
from store.models import Campaign, Contact, Suppression
from store.ticket_queries import phones_with_trouble
from store.types import ContactStatus, Disposition, Outcome, SuppressionReason
from store.wake_ups import Topic, wake


def close_unwanted(
    session: Session,
    campaign_id: int,
    now: datetime,
    sparing: Collection[str] = (),
    at_most: int | None = None,
) -> int:
    """Close every waiting contact that must not or need not be called; return how many.

    Flows in `sparing` leave people with an unsettled ticket alone. Whom somebody else is closing
    or claiming is left to them, so that two closers never wait for each other. `at_most` so many,
    for who does not keep others from writing for long.
    """
    closed = close_of_merchants(session, campaign_id, now, at_most)
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
    return anybody_of_merchants(session, campaign_id) or any(
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
    listed = sa.select(Suppression.phone).where(Suppression.merchant == "")
    yield waiting.where(Contact.phone.in_(listed)), (Disposition.SUPPRESSED, Outcome.SUPPRESSED)
    yield waiting.where(Contact.useful_until <= now), (Disposition.EXPIRED, Outcome.EXPIRED)
    if session.get_one(Campaign, campaign_id).flow in sparing:
        troubled = waiting.where(Contact.phone.in_(phones_with_trouble()))
        yield troubled, (Disposition.OPEN_TICKET, Outcome.SUPPRESSED)


def is_suppressed(session: Session, phone: str, merchants: Collection[str] = ()) -> bool:
    """May this E.164 number never be called: at all, or about parcels of one of these merchants?"""
    query = sa.select(Suppression.id).where(
        Suppression.phone == phone, Suppression.merchant.in_(("", *merchants))
    )
    return session.scalar(query.limit(1)) is not None


def suppress(
    session: Session,
    phone: str,
    reason: SuppressionReason,
    at: datetime,
    source: str = "",
    *,
    merchant: str = "",
    evidence: str = "",
) -> bool:
    """Never call this E.164 number again, in any campaign, or about the parcels of one merchant.

    Its waiting contacts are closed at once. Return False if that was known. The first reason stays,
    of two at one moment, too: a call and the agent in it may both hear the wish. Only that its
    owner asked for it replaces another reason, for that one holds for ever.
    """
    known = session.scalar(
        sa.select(Suppression)
        .where(Suppression.phone == phone, Suppression.merchant == merchant)
        .with_for_update()
    )
    if known is not None:
        if reason is SuppressionReason.OPTED_OUT is not known.reason:
            known.reason, known.at, known.source, known.evidence = reason, at, source, evidence
            session.flush()
        return False
    try:
        with session.begin_nested():
            session.add(
                Suppression(
                    phone=phone,
                    merchant=merchant,
                    reason=reason,
                    at=at,
                    source=source,
                    evidence=evidence,
                )
            )
    except exc.IntegrityError:
        return False
    close_for(session, (phone,), merchant, at)
    wake(session, Topic.SUPPRESSIONS)
    return True
