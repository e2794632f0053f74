"""Calls as people look for them: newest first, a page at a time, however many there are.

Who is looked for (waybill, number, name) is found by an index. What is left (disposition, campaign,
length…) is found by walking back from the newest call, `SCANNED` calls at most for one page, so
that a page costs the same with a thousand calls and with millions; it says how far it looked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import CallFlag
from store.models import Attempt, Campaign, Contact, Delivery, OutcomeRecord, Recipient
from store.types import Disposition, Outcome

PAGE: Final = 50
SCANNED: Final = 20_000
"""So many calls are looked through for one page."""
AFTER_THE_END: Final = timedelta(hours=1)
"""Calls that were being placed when their campaign was ended may be dialled a little later."""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls are wanted; what is empty or None does not narrow them."""

    waybill: str = ""
    phone: str = ""
    """E.164."""
    name: str = ""
    campaign_id: int | None = None
    disposition: Disposition | None = None
    outcome: Outcome | None = None
    begins: datetime | None = None
    """Dialled at this instant or later."""
    ends: datetime | None = None
    """Dialled before this instant."""
    shortest_seconds: float | None = None
    longest_seconds: float | None = None
    needs_person: bool = False
    flag: str = ""
    """A rule of `ivr/flagging.yaml` that found something in it."""

    @property
    def names_somebody(self) -> bool:
        """Is it about one parcel, number or person?"""
        return bool(self.waybill or self.phone or self.name)


@dataclass(frozen=True, slots=True)
class CallPlace:
    """A place in the list of calls: the next page begins after it."""

    dialed_at: datetime
    attempt_id: int


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call in a list."""

    attempt_id: int
    number: int
    contact_id: int
    campaign_id: int
    campaign: str
    recipient: str
    phone: str
    waybills: tuple[str, ...]
    time_zone: str
    dialed_at: datetime
    answered: bool
    talk_seconds: float
    has_recording: bool
    disposition: Disposition | None
    """None, as the outcome: it is not settled yet."""
    outcome: Outcome | None
    needs_person: str


@dataclass(frozen=True, slots=True)
class CallPage:
    """Some calls, newest first."""

    lines: tuple[CallLine, ...]
    next: CallPlace | None
    """Where to go on; None: there are no more."""
    looked_back_to: datetime | None
    """The page ends here although it isn't full: older calls were not looked through yet."""


def find_calls(
    session: Session,
    wanted: CallFilter = CallFilter(),
    after: CallPlace | None = None,
    limit: int = PAGE,
    scanned: int = SCANNED,
) -> CallPage:
    """Return a page of dialled calls, newest first; `after` is the `next` of the page before."""
    wanted = _within_campaign(session, wanted)
    floor = None if wanted.names_somebody else _floor(session, wanted, after, scanned)
    query = (
        sa.select(Attempt, Contact, Campaign.name, Recipient.name, OutcomeRecord)
        .join(Contact, Contact.id == Attempt.contact_id)
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .join(Recipient, Recipient.id == Contact.recipient_id)
        .join(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id, isouter=True)
        .where(*_narrowed(wanted))
        .order_by(Attempt.dialed_at.desc(), Attempt.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(_before(after))
    if floor is not None:
        query = query.where(Attempt.dialed_at >= floor.dialed_at, ~_before(floor))
    rows = session.execute(query).all()
    waybills = waybills_of(session, {contact.id for _, contact, *_ in rows[:limit]})
    lines = tuple(
        call_line(attempt, contact, campaign, recipient, waybills.get(contact.id, ()), record)
        for attempt, contact, campaign, recipient, record in rows[:limit]
    )
    if len(rows) > limit:
        return CallPage(lines, CallPlace(lines[-1].dialed_at, lines[-1].attempt_id), None)
    return CallPage(lines, floor, None if floor is None else floor.dialed_at)


def waybills_of(session: Session, contact_ids: set[int]) -> Mapping[int, tuple[str, ...]]:
    """Return the waybills of some contacts, by contact."""
    found: dict[int, tuple[str, ...]] = {}
    rows = session.execute(
        sa.select(Delivery.contact_id, Delivery.waybill)
        .where(Delivery.contact_id.in_(contact_ids))
        .order_by(Delivery.id)
    )
    for contact_id, waybill in rows:
        found[contact_id] = (*found.get(contact_id, ()), waybill)
    return MappingProxyType(found)


def _floor(
    session: Session, wanted: CallFilter, after: CallPlace | None, scanned: int
) -> CallPlace | None:
    """Return the oldest call that is looked through for this page; None: all are."""
    query = (
        sa.select(Attempt.dialed_at, Attempt.id)
        .where(Attempt.dialed_at.is_not(None), *_dialed(wanted))
        .order_by(Attempt.dialed_at.desc(), Attempt.id.desc())
        .offset(scanned - 1)
        .limit(1)
    )
    if after is not None:
        query = query.where(_before(after))
    found = session.execute(query).first()
    return None if found is None or found[0] is None else CallPlace(found[0], found[1])


def _within_campaign(session: Session, wanted: CallFilter) -> CallFilter:
    """Look for the calls of a campaign only in the time in which it ran."""
    row = None if wanted.campaign_id is None else session.get(Campaign, wanted.campaign_id)
    if row is None:
        return wanted
    begins, ends = wanted.begins, wanted.ends
    if row.started_at is not None:
        begins = row.started_at if begins is None else max(begins, row.started_at)
    if row.ended_at is not None:
        last = row.ended_at + AFTER_THE_END
        ends = last if ends is None else min(ends, last)
    return replace(wanted, begins=begins, ends=ends)


def _before(place: CallPlace) -> sa.ColumnElement[bool]:
    """Say that a call is further down the list: older, or as old and with a smaller number."""
    return sa.and_(
        Attempt.dialed_at <= place.dialed_at,
        sa.or_(Attempt.dialed_at < place.dialed_at, Attempt.id < place.attempt_id),
    )


def _narrowed(wanted: CallFilter) -> Iterator[sa.ColumnElement[bool]]:
    yield Attempt.dialed_at.is_not(None)
    yield from _dialed(wanted)
    if wanted.waybill:
        yield Contact.id.in_(
            sa.select(Delivery.contact_id).where(Delivery.waybill == wanted.waybill)
        )
    if wanted.phone:
        yield Contact.phone == wanted.phone
    if wanted.name:
        yield Contact.recipient_id.in_(sa.select(Recipient.id).where(Recipient.name == wanted.name))
    if wanted.campaign_id is not None:
        # The sum keeps SQLite from walking all contacts of a large campaign instead of the calls.
        yield Contact.campaign_id + 0 == wanted.campaign_id
    if wanted.disposition is not None:
        yield OutcomeRecord.disposition == wanted.disposition
    if wanted.outcome is not None:
        yield OutcomeRecord.outcome == wanted.outcome
    if wanted.needs_person:
        yield OutcomeRecord.needs_person != ""
    if wanted.flag:
        yield (
            sa.select(CallFlag.id)
            .where(CallFlag.attempt_id == Attempt.id, CallFlag.rule == wanted.flag)
            .exists()
        )
    if wanted.shortest_seconds is not None:
        yield Attempt.talk_seconds >= wanted.shortest_seconds
    if wanted.longest_seconds is not None:
        yield Attempt.talk_seconds <= wanted.longest_seconds


def _dialed(wanted: CallFilter) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.begins is not None:
        yield Attempt.dialed_at >= wanted.begins
    if wanted.ends is not None:
        yield Attempt.dialed_at < wanted.ends


def call_line(
    row: Attempt,
    contact: Contact,
    campaign: str,
    recipient: str,
    waybills: tuple[str, ...],
    record: OutcomeRecord | None,
) -> CallLine:
    """Copy one call out of its rows; it must have been dialled."""
    assert row.dialed_at is not None
    return CallLine(
        attempt_id=row.id,
        number=row.number,
        contact_id=contact.id,
        campaign_id=contact.campaign_id,
        campaign=campaign,
        recipient=recipient,
        phone=row.phone,
        waybills=waybills,
        time_zone=contact.time_zone,
        dialed_at=row.dialed_at,
        answered=row.answered,
        talk_seconds=row.talk_seconds,
        has_recording=bool(row.recording),
        disposition=None if record is None else record.disposition,
        outcome=None if record is None else record.outcome,
        needs_person="" if record is None else record.needs_person,
    )
