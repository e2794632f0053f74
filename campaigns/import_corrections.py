"""Rows of a corrected manifest: what changes of parcels about which nobody was called yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.import_known import Known, KnownParcel, person_key
from campaigns.manifest import ManifestDelivery
from campaigns.merging import together
from store.merchant_lists import merchant_of
from store.models import Contact, Delivery
from store.types import ContactStatus


def correct(
    session: Session,
    campaign_id: int,
    known: Known,
    corrected: Sequence[tuple[KnownParcel, ManifestDelivery]],
) -> dict[int, int]:
    """Write what corrected rows say; return the contact of each by row number.

    A parcel that does not belong to the others of its call any more gets a call of its own. What
    was closed without a call (suppressed number, window over) was closed for data that is now
    corrected, and waits again.
    """
    contacts: dict[int, int] = {}
    changes: list[dict[str, Any]] = []
    parcels: list[dict[str, Any]] = []
    left: set[int] = set()
    for parcel, row in corrected:
        contact_id: int = parcel.delivery.contact_id
        person = known.people[person_key(row)].id
        leaves = together(row) != parcel.together or known.is_unwanted(row)
        if leaves and not parcel.alone:
            left.add(contact_id)
            contact_id = _contact_of_its_own(session, campaign_id, row, person)
        elif parcel.alone:
            changes.append({"id": contact_id, **_contact(row, person), "merchant": row.merchant})
        else:
            left.add(contact_id)
            changes.append({"id": contact_id, "status": ContactStatus.WAITING})
        contacts[row.row] = contact_id
        parcels.append({"id": parcel.delivery.id, "contact_id": contact_id, **_description(row)})
    for change in changes:
        session.execute(sa.update(Contact).where(Contact.id == change.pop("id")).values(change))
    if parcels:
        session.execute(sa.update(Delivery), parcels)
    _name_merchants(session, left)
    session.expire_all()
    return contacts


def _contact_of_its_own(
    session: Session, campaign_id: int, row: ManifestDelivery, person: int
) -> int:
    contact = Contact(campaign_id=campaign_id, merchant=row.merchant, **_contact(row, person))
    session.add(contact)
    session.flush()
    return contact.id


def _name_merchants(session: Session, contacts: Collection[int]) -> None:
    """Note whose parcels contacts have of which some left or changed."""
    for contact_id in sorted(contacts):
        whose = session.scalars(
            sa.select(Delivery.merchant).where(Delivery.contact_id == contact_id)
        )
        session.execute(
            sa.update(Contact).where(Contact.id == contact_id).values(merchant=merchant_of(whose))
        )


def _contact(row: ManifestDelivery, person: int) -> dict[str, Any]:
    return {
        "recipient_id": person,
        "phone": row.phone,
        "extension": row.extension,
        "language": row.language,
        "time_zone": row.time_zone,
        "status": ContactStatus.WAITING,
        "priority": row.priority,
        "useful_until": row.window_end,
        "region": row.region,
        "product_line": row.product_line,
    }


def _description(row: ManifestDelivery) -> dict[str, Any]:
    return {
        "address": row.address,
        "window_start": row.window_start,
        "window_end": row.window_end,
        "item": row.item,
        "merchant": row.merchant,
        "cod_fen": row.cod_fen,
        "remarks": row.remarks,
        "facts": dict(row.facts),
    }
