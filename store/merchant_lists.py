"""Who is not called about the parcels of one merchant, and taking these parcels out of calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.closing import close
from store.models import Contact, Delivery, Suppression
from store.types import ContactStatus, Disposition, Outcome


def close_for(session: Session, phones: Collection[str], merchant: str, at: datetime) -> int:
    """Close the waiting contacts of numbers that came onto a list; return how many.

    Of a contact that has parcels of other merchants, too, only the unwanted ones are taken out.
    """
    waiting = sa.select(Contact.id).where(
        Contact.phone.in_(phones), Contact.status == ContactStatus.WAITING
    )
    if merchant:
        parcels = sa.select(Delivery.id).where(
            Delivery.contact_id == Contact.id, Delivery.merchant == merchant
        )
        waiting = waiting.where(parcels.exists())
    # Locked, so that those whom somebody claims at this moment are not among them.
    contacts = session.scalars(waiting.order_by(Contact.id).with_for_update()).all()
    for contact_id in contacts:
        unwanted = contact_id if not merchant else _without(session, contact_id, {merchant})
        close(session, unwanted, Disposition.SUPPRESSED, Outcome.SUPPRESSED, at)
    return len(contacts)


def close_of_merchants(
    session: Session, campaign_id: int, at: datetime, at_most: int | None = None
) -> int:
    """Close those of a campaign who wait to be called about parcels of unwanted merchants."""
    if not _has_lists(session):
        return 0
    query = _waiting(campaign_id).limit(at_most).with_for_update(skip_locked=True, of=Contact)
    contacts = session.scalars(query).all()
    for contact_id in contacts:
        unwanted = _without(session, contact_id, _unwanted_merchants(session, contact_id))
        close(session, unwanted, Disposition.SUPPRESSED, Outcome.SUPPRESSED, at)
    return len(contacts)


def anybody_of_merchants(session: Session, campaign_id: int) -> bool:
    """Say whether `close_of_merchants` would close anybody."""
    return _has_lists(session) and session.scalar(_waiting(campaign_id).limit(1)) is not None


def merchant_of(merchants: Iterable[str]) -> str:
    """Return whose parcels a contact has: one merchant's, or, as the empty word, several ones'."""
    names = set(merchants)
    return names.pop() if len(names) == 1 else ""


def _has_lists(session: Session) -> bool:
    some = sa.select(Suppression.id).where(Suppression.merchant != "").limit(1)
    return session.scalar(some) is not None


def _waiting(campaign_id: int) -> sa.Select[int]:
    unwanted = sa.select(Delivery.id).where(
        Delivery.contact_id == Contact.id,
        Suppression.phone == Contact.phone,
        Suppression.merchant == Delivery.merchant,
        Suppression.merchant != "",
    )
    listed = sa.select(Suppression.phone).where(Suppression.merchant != "")
    return sa.select(Contact.id).where(
        Contact.campaign_id == campaign_id,
        Contact.status == ContactStatus.WAITING,
        Contact.phone.in_(listed),
        unwanted.exists(),
    )


def _unwanted_merchants(session: Session, contact_id: int) -> set[str]:
    phone = session.get_one(Contact, contact_id).phone
    return set(
        session.scalars(
            sa.select(Suppression.merchant).where(
                Suppression.phone == phone, Suppression.merchant != ""
            )
        )
    )


def _without(session: Session, contact_id: int, merchants: Collection[str]) -> int:
    """Return the contact that has the parcels of these merchants alone.

    It is the one it was when it has no others; else a new one, which nobody ever called.
    """
    contact = session.get_one(Contact, contact_id)
    unwanted = [each for each in contact.deliveries if each.merchant in merchants]
    kept = [each for each in contact.deliveries if each.merchant not in merchants]
    if not kept:
        return contact_id
    apart = Contact(
        campaign_id=contact.campaign_id,
        recipient_id=contact.recipient_id,
        phone=contact.phone,
        extension=contact.extension,
        language=contact.language,
        time_zone=contact.time_zone,
        priority=contact.priority,
        useful_until=contact.useful_until,
        merchant=merchant_of(each.merchant for each in unwanted),
        region=contact.region,
        product_line=contact.product_line,
        script=contact.script,
    )
    session.add(apart)
    session.flush()
    for each in unwanted:
        each.contact_id = apart.id
    contact.merchant = merchant_of(each.merchant for each in kept)
    session.flush()
    session.expire(contact, ["deliveries"])
    return apart.id
