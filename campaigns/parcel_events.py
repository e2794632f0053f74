"""Parcels that moved on: what the dispatch system tells us, and whom we need not ring any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from campaigns.moved_on import still_wanted
from campaigns.parcel_statuses import parcel_statuses
from store.candidates import Parcel
from store.closing import NO_NEXT_CALL, close
from store.desk_transfers import note_parcel
from store.event_models import ParcelEvent
from store.models import Campaign, Contact, Delivery
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome

_OVER: Final = tuple(status for status in CampaignStatus if status.is_over)


class ParcelEventError(ValueError):
    """The event can't be taken; the message says what to send instead."""


class EventTwiceError(ParcelEventError):
    """An event of this id came before and said something else."""


@dataclass(frozen=True, slots=True)
class ParcelMoved:
    """One thing that happened to a parcel, as the dispatch system tells it."""

    event_id: str
    """The sender's name for it; the same one counts once."""
    waybill: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EventTaken:
    """What came of an event."""

    event: ParcelMoved
    received_at: datetime
    withdrawn: int
    """Contacts that are not called (again) because of it."""
    is_new: bool
    """False: it came before, and nothing happened now."""


def take_event(session: Session, event: ParcelMoved, now: datetime) -> EventTaken:
    """Keep an event and withdraw the contacts that need no call any more; the same event once.

    A call in progress goes on, and whoever takes it over is told; nobody rings that contact again
    after it. Raises ParcelEventError
    for an unknown status, EventTwiceError when the id came before with other contents.
    """
    if event.status not in parcel_statuses():
        known = ", ".join(parcel_statuses())
        raise ParcelEventError(f"There is no status {event.status}; send one of: {known}")
    before = session.scalar(sa.select(ParcelEvent).where(ParcelEvent.event_id == event.event_id))
    if before is not None:
        return _again(before, event)
    row = ParcelEvent(
        event_id=event.event_id,
        waybill=event.waybill,
        status=event.status,
        at=event.at,
        received_at=now,
        withdrawn=0,
    )
    session.add(row)
    session.flush()
    row.withdrawn = _withdraw_ended(session, event.waybill, now)
    if row.withdrawn:
        status = parcel_statuses()[event.status]
        note_parcel(session, event.waybill, {"zh": status.zh, "en": status.en})
    session.flush()
    return EventTaken(event, now, row.withdrawn, is_new=True)


def _again(before: ParcelEvent, event: ParcelMoved) -> EventTaken:
    known = ParcelMoved(before.event_id, before.waybill, before.status, before.at)
    if known != event:
        raise EventTwiceError(
            f"Event {event.event_id} came before and said something else; "
            "give every event an id of its own"
        )
    return EventTaken(known, before.received_at, before.withdrawn, is_new=False)


def withdraw(session: Session, contact: Contact, now: datetime) -> bool:
    """See to it that a contact is not called (again) since no call is of use; False: it was over.

    A call in progress goes on.
    """
    if contact.status not in (ContactStatus.WAITING, ContactStatus.IN_CALL):
        return False
    if contact.status is ContactStatus.WAITING:
        session.flush()
        close(session, contact.id, Disposition.WITHDRAWN, Outcome.WITHDRAWN, now)
        return True
    contact.next_script = NO_NEXT_CALL
    if contact.useful_until is None or contact.useful_until > now:
        contact.useful_until = now
    return True


def _withdraw_ended(session: Session, waybill: str, now: datetime) -> int:
    contacts = session.execute(
        sa.select(Contact, Campaign.flow)
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .where(
            Contact.id.in_(sa.select(Delivery.contact_id).where(Delivery.waybill == waybill)),
            Contact.status.in_((ContactStatus.WAITING, ContactStatus.IN_CALL)),
            Campaign.status.not_in(_OVER),
        )
        .order_by(Contact.id)
        .options(selectinload(Contact.deliveries))
        .with_for_update(of=Contact)
    ).all()
    waybills = {parcel.waybill for contact, _flow in contacts for parcel in contact.deliveries}
    told = _statuses(session, waybills | {waybill})
    return sum(
        withdraw(session, contact, now)
        for contact, flow in contacts
        if not still_wanted(flow, (_parcel(each, told) for each in contact.deliveries))
    )


def _statuses(session: Session, waybills: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return what was told of each parcel."""
    rows = session.execute(
        sa.select(ParcelEvent.waybill, ParcelEvent.status).where(ParcelEvent.waybill.in_(waybills))
    )
    told: dict[str, frozenset[str]] = {}
    for waybill, status in rows:
        told[waybill] = told.get(waybill, frozenset()) | {status}
    return told


def _parcel(row: Delivery, told: Mapping[str, frozenset[str]]) -> Parcel:
    statuses = told.get(row.waybill, frozenset())
    return Parcel(row.waybill, row.merchant, row.window_start, row.window_end, statuses)
