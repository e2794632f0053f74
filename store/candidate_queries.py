"""Candidates: who waits and comes next, and all that decides about it, gathered for many at once.

Statements are written once, in the terms of tables: an engine asks them several times a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.candidates import Candidate, Parcel
from store.event_models import ParcelEvent
from store.models import Attempt, Contact, Delivery, OutcomeRecord, Recipient, Suppression
from store.ticket_models import Ticket
from store.types import AttemptStatus, ContactStatus, Disposition, TicketStatus
from store.values import DeliveryFacts, PastAttempt

REMEMBERED: Final = timedelta(days=7)
"""Dials of a number within that time are told."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contact that waits, as it stands in its row."""

    id: int
    phone: str
    extension: str
    language: str
    time_zone: str
    region: str
    product_line: str
    merchant: str
    script: str
    next_script: str
    next_call_at: datetime | None
    useful_until: datetime | None
    recipient: str


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate, with what its call needs."""

    row: Waiting
    candidate: Candidate
    deliveries: tuple[DeliveryFacts, ...]
    history: tuple[PastAttempt, ...]
    dialings: int
    """The highest number of its attempts."""


_CONTACT: Final = (
    sa.select(
        Contact.id,
        Contact.phone,
        Contact.extension,
        Contact.language,
        Contact.time_zone,
        Contact.region,
        Contact.product_line,
        Contact.merchant,
        Contact.script,
        Contact.next_script,
        Contact.next_call_at,
        Contact.useful_until,
        Recipient.name,
    )
    .join(Recipient, Recipient.id == Contact.recipient_id)
    .with_for_update(skip_locked=True, of=Contact)
)
_IN_TURN: Final = _CONTACT.where(
    Contact.campaign_id == sa.bindparam("campaign"),
    Contact.status == ContactStatus.WAITING,
    Contact.id.not_in(sa.bindparam("taken", expanding=True)),
).limit(sa.bindparam("at_most"))
_PUT_OFF: Final = _IN_TURN.where(
    Contact.priority == sa.bindparam("priority"), Contact.next_call_at <= sa.bindparam("now")
).order_by(Contact.next_call_at, Contact.id)
# A range of one priority, and ordered by it: PostgreSQL would take the primary key for the order
# otherwise, and go through all that were called already.
_FRESH: Final = _IN_TURN.where(
    Contact.next_call_at.is_(None),
    Contact.priority >= sa.bindparam("priority"),
    Contact.priority <= sa.bindparam("priority"),
).order_by(Contact.priority, Contact.id)
_HIGHEST: Final = sa.select(sa.func.max(Contact.priority)).where(
    Contact.campaign_id == sa.bindparam("campaign"),
    Contact.status == ContactStatus.WAITING,
    Contact.priority < sa.bindparam("below"),
)
_LEVELS: Final = sa.select(
    _HIGHEST.where(Contact.next_call_at.is_(None)).scalar_subquery(),
    _HIGHEST.where(Contact.next_call_at.is_not(None)).scalar_subquery(),
)
_ABOVE_ALL: Final = 2**31 - 1

_PARCELS: Final = (
    sa.select(
        Delivery.contact_id,
        Delivery.id,
        Delivery.waybill,
        Delivery.address,
        Delivery.window_start,
        Delivery.window_end,
        Delivery.item,
        Delivery.merchant,
        Delivery.cod_fen,
        Delivery.remarks,
        Delivery.facts,
    )
    .where(Delivery.contact_id.in_(sa.bindparam("contacts", expanding=True)))
    .order_by(Delivery.id)
)
_TOLD: Final = sa.select(ParcelEvent.waybill, ParcelEvent.status).where(
    ParcelEvent.waybill.in_(sa.bindparam("waybills", expanding=True))
)
_PAST: Final = (
    sa.select(
        Attempt.contact_id,
        Attempt.number,
        OutcomeRecord.disposition,
        OutcomeRecord.outcome,
        OutcomeRecord.at,
        OutcomeRecord.call_again_at,
        OutcomeRecord.final,
        OutcomeRecord.needs_person,
    )
    .outerjoin(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
    .where(
        Attempt.contact_id.in_(sa.bindparam("contacts", expanding=True)),
        Attempt.id != sa.bindparam("but"),
    )
    .order_by(Attempt.contact_id, Attempt.number)
)
_DIALS: Final = (
    sa.select(Attempt.phone, Attempt.dialed_at, Attempt.status)
    .outerjoin(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
    .where(
        Attempt.phone.in_(sa.bindparam("phones", expanding=True)),
        Attempt.id != sa.bindparam("but"),
        sa.or_(
            Attempt.dialed_at > sa.bindparam("since"),
            Attempt.status != AttemptStatus.SETTLED,
        ),
        # What our own trunk lost rang nobody.
        OutcomeRecord.disposition.is_distinct_from(Disposition.TRUNK_FAILURE),
    )
    .order_by(Attempt.dialed_at)
)
_UNWANTED: Final = sa.select(Suppression.phone, Suppression.merchant).where(
    Suppression.phone.in_(sa.bindparam("phones", expanding=True))
)
_TROUBLED: Final = (
    sa.select(Contact.phone)
    .join(Ticket, Ticket.contact_id == Contact.id)
    .where(
        Contact.phone.in_(sa.bindparam("phones", expanding=True)),
        Ticket.status.not_in([each for each in TicketStatus if each.is_settled]),
    )
    .distinct()
)


def next_in_turn(
    session: Session,
    campaign_id: int,
    now: datetime,
    at_most: int,
    *,
    but: Collection[int] = (),
    languages: Collection[str] | None = None,
    time_zones: Collection[str] | None = None,
) -> list[Waiting]:
    """Return those who come next, locked: the highest priority, then whose time has come, then
    the first; whom another transaction has locked is skipped, and so are the contacts in `but`.

    Two indexes bring each priority in this order, so that a million who wait are never sorted.
    `languages` and `time_zones` narrow (None: any).
    """
    found: list[Waiting] = []
    below = _ABOVE_ALL
    while len(found) < at_most:
        levels = session.execute(_LEVELS, {"campaign": campaign_id, "below": below}).one()
        if (priority := max((each for each in levels if each is not None), default=None)) is None:
            break
        for asked in (_PUT_OFF, _FRESH):
            if len(found) >= at_most:
                break
            wanted = {
                "campaign": campaign_id,
                "priority": priority,
                "taken": list(but),
                "at_most": at_most - len(found),
            }
            if asked is _PUT_OFF:
                wanted["now"] = now
            if languages is not None:
                asked = asked.where(Contact.language.in_(sorted(languages)))
            if time_zones is not None:
                asked = asked.where(Contact.time_zone.in_(sorted(time_zones)))
            found.extend(Waiting(*row) for row in session.execute(asked, wanted))
        below = priority
    return found


def waiting_row(session: Session, contact_id: int) -> Waiting | None:
    """Return one contact as it stands, whatever its status; None: there is none."""
    asked = (
        sa.select(*_CONTACT.selected_columns)
        .join(Recipient, Recipient.id == Contact.recipient_id)
        .where(Contact.id == contact_id)
    )
    row = session.execute(asked).one_or_none()
    return None if row is None else Waiting(*row)


def gather(
    session: Session,
    campaign_id: int,
    flow: str,
    rows: Sequence[Waiting],
    now: datetime,
    *,
    but: int = 0,
) -> list[Found]:
    """Return the candidates of these rows, with a few questions for all of them together.

    `but`: an attempt of theirs that doesn't count, since it is the one that is asked about.
    """
    if not rows:
        return []
    contacts, phones = [row.id for row in rows], sorted({row.phone for row in rows})
    parcels = _by_first(session.execute(_PARCELS, {"contacts": contacts}))
    waybills = sorted({parcel[1] for each in parcels.values() for parcel in each})
    told = _words(session.execute(_TOLD, {"waybills": waybills})) if waybills else {}
    past = _by_first(session.execute(_PAST, {"contacts": contacts, "but": but}))
    dials = _by_first(
        session.execute(_DIALS, {"phones": phones, "but": but, "since": now - REMEMBERED})
    )
    unwanted = _words(session.execute(_UNWANTED, {"phones": phones}))
    troubled = frozenset(session.scalars(_TROUBLED, {"phones": phones}))
    found: list[Found] = []
    for row in rows:
        deliveries = tuple(
            DeliveryFacts(*each, facts=MappingProxyType(facts))
            for *each, facts in parcels.get(row.id, ())
        )
        before = past.get(row.id, ())
        of_number = dials.get(row.phone, ())
        candidate = Candidate(
            contact_id=row.id,
            campaign_id=campaign_id,
            flow=flow,
            phone=row.phone,
            language=row.language,
            time_zone=row.time_zone,
            region=row.region,
            product_line=row.product_line,
            attempts=len(before),
            next_call_at=row.next_call_at,
            asked_for=_asked_for(row.next_call_at, before),
            useful_until=row.useful_until,
            parcels=tuple(
                Parcel(
                    each.waybill,
                    each.merchant,
                    each.window_start,
                    each.window_end,
                    frozenset(told.get(each.waybill, ())),
                )
                for each in deliveries
            ),
            dialled_at=tuple(at for at, _status in of_number if at is not None),
            in_a_call=any(status is not AttemptStatus.SETTLED for _at, status in of_number),
            suppressed_for=frozenset(unwanted.get(row.phone, ())),
            has_trouble=row.phone in troubled,
        )
        history = tuple(
            PastAttempt(number, disposition, outcome, at, call_again_at)
            for number, disposition, outcome, at, call_again_at, *_more in before
            if disposition is not None
        )
        highest = max((each[0] for each in before), default=0)
        found.append(Found(row, candidate, deliveries, history, highest))
    return found


def _asked_for(next_call_at: datetime | None, before: Sequence[Sequence[Any]]) -> bool:
    """Say whether a contact waits because the recipient named a moment, however it was put off."""
    if next_call_at is None or not before:
        return False
    *_rest, call_again_at, final, needs_person = before[-1]
    if call_again_at is None or final or next_call_at < call_again_at:
        return False
    return not needs_person or next_call_at == call_again_at


def _by_first(rows: Iterable[Any]) -> Mapping[Any, list[Any]]:
    grouped: defaultdict[Any, list[Any]] = defaultdict(list)
    for first, *others in rows:
        grouped[first].append(others)
    return grouped


def _words(rows: Iterable[Any]) -> Mapping[str, list[str]]:
    return {first: [each[0] for each in others] for first, others in _by_first(rows).items()}
