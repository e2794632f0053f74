"""What is known of a parcel already, in the words of an event's data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.models import Contact, Delivery, Recipient

LASTING: Final = frozenset({
    "order", "order_phone", "pieces", "city", "two_people", "bulky", "floor", "vip", "value",
    "care_consent",
})  # fmt: skip
"""Facts that are as true today as when they were told; an ETA isn't."""


def known_of(session: Session, waybill: str, now: datetime) -> Mapping[str, str]:
    """Return what the newest manifest or event told of a parcel; nothing, if none did."""
    found = session.execute(
        sa.select(Delivery, Contact, Recipient)
        .join(Contact, Contact.id == Delivery.contact_id)
        .join(Recipient, Recipient.id == Contact.recipient_id)
        .where(Delivery.waybill == waybill, Contact.phone != "")
        .order_by(Delivery.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return {}
    parcel, contact, recipient = found
    extension = f" ext {contact.extension}" if contact.extension else ""
    texts = {
        "name": recipient.name,
        "phone": f"{contact.phone}{extension}",
        "address": parcel.address,
        "item": parcel.item,
        "merchant": parcel.merchant,
        "cod": f"{parcel.cod_fen / 100:.2f}" if parcel.cod_fen else "",
        "language": contact.language,
        "time_zone": contact.time_zone,
        "region": contact.region,
        "product_line": contact.product_line,
        "email": recipient.email,
        "window": _window(parcel, contact.time_zone, now),
    }
    texts |= {name: text for name, text in parcel.facts.items() if name in LASTING}
    return {name: text for name, text in texts.items() if text}


def _window(parcel: Delivery, zone: str, now: datetime) -> str:
    """Return the promised window; empty when it is over, for it isn't promised any more."""
    if parcel.window_start is None or parcel.window_end is None or parcel.window_end <= now:
        return ""
    start, end = (
        each.astimezone(ZoneInfo(zone)) for each in (parcel.window_start, parcel.window_end)
    )
    return f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}"
