"""The questions about candidates, written once for each kind of store.

An engine asks them several times a second; to write them takes longer than to answer them. They
are such that only an index can answer them: a store that knows no figures of its tables yet, since
a million rows came in a moment ago, goes through whole tables otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

import sqlalchemy as sa

from store.event_models import ParcelEvent
from store.many import POSTGRESQL, each_of, not_among
from store.models import (
    Attempt,
    Campaign,
    Contact,
    Delivery,
    OutcomeRecord,
    Recipient,
    Suppression,
)
from store.ticket_models import Ticket
from store.types import AttemptStatus, ContactStatus, Disposition, TicketStatus

Question = sa.Select[*tuple[Any, ...]]

_CAMPAIGNS: Final = cast(sa.Table, Campaign.__table__)
CONTACTS: Final = cast(sa.Table, Contact.__table__)
_RECIPIENTS: Final = cast(sa.Table, Recipient.__table__)
_DELIVERIES: Final = cast(sa.Table, Delivery.__table__)
_EVENTS: Final = cast(sa.Table, ParcelEvent.__table__)
_ATTEMPTS: Final = cast(sa.Table, Attempt.__table__)
_OUTCOMES: Final = cast(sa.Table, OutcomeRecord.__table__)
_SUPPRESSIONS: Final = cast(sa.Table, Suppression.__table__)
_TICKETS: Final = cast(sa.Table, Ticket.__table__)

_BY_INDEX: Final = {
    "enable_seqscan": "off",
    "enable_sort": "off",
    "enable_bitmapscan": "off",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
}
"""How PostgreSQL plans the questions of a claim, up to the end of its transaction."""


@dataclass(frozen=True, slots=True)
class Statements:
    """The questions; what they ask for in parameters stands at each."""

    campaign: Question
    """campaign: its row. On PostgreSQL whatever follows in the transaction goes by indexes."""
    zones: Question
    """campaign: the time zones in which somebody waits."""
    levels: Question
    """campaign, below: the highest priorities, by whether they were put off, and time zone."""
    put_off: Question
    """campaign, zone, taken, at_most, priority, now: whose time has come."""
    fresh: Question
    """campaign, zone, taken, at_most, priority: who was never called."""
    one: Question
    """contact: one of them, whatever its status."""
    facts: Question
    """contacts, but, since: what decides about them, as one text of JSON."""


@cache
def statements(dialect: str) -> Statements:
    """Return the questions in the terms of one kind of store."""
    contact = sa.select(
        CONTACTS.c.id,
        CONTACTS.c.phone,
        CONTACTS.c.extension,
        CONTACTS.c.language,
        CONTACTS.c.time_zone,
        CONTACTS.c.region,
        CONTACTS.c.product_line,
        CONTACTS.c.merchant,
        CONTACTS.c.script,
        CONTACTS.c.next_script,
        CONTACTS.c.next_call_at,
        CONTACTS.c.useful_until,
        sa.select(_RECIPIENTS.c.name)
        .where(_RECIPIENTS.c.id == CONTACTS.c.recipient_id)
        .scalar_subquery(),
    )
    in_turn = (
        contact.where(
            *_waiting(CONTACTS),
            CONTACTS.c.time_zone == sa.bindparam("zone"),
            not_among(dialect, CONTACTS.c.id, "taken"),
        )
        .limit(sa.bindparam("at_most"))
        .with_for_update(skip_locked=True, of=CONTACTS)
    )
    campaign = sa.select(*_CAMPAIGNS.c).where(_CAMPAIGNS.c.id == sa.bindparam("campaign"))
    if dialect == POSTGRESQL:
        manners = (sa.func.set_config(*each, sa.true()) for each in _BY_INDEX.items())
        campaign = campaign.add_columns(*manners)
    fresh, put_off = _zones("fresh", False), _zones("put_off", True)
    return Statements(
        campaign=campaign,
        zones=sa.union(
            *(sa.select(each.c.zone).where(each.c.zone.is_not(None)) for each in (fresh, put_off))
        ),  # type: ignore[arg-type]
        levels=sa.union_all(_levels(fresh, False), _levels(put_off, True)),  # type: ignore[arg-type]
        put_off=in_turn.where(
            CONTACTS.c.priority == sa.bindparam("priority"),
            CONTACTS.c.next_call_at <= sa.bindparam("now"),
        ).order_by(CONTACTS.c.next_call_at, CONTACTS.c.id),
        # A range of one priority, and ordered by it: PostgreSQL would take the primary key for the
        # order otherwise, and go through all that were called already.
        fresh=in_turn.where(
            CONTACTS.c.next_call_at.is_(None),
            CONTACTS.c.priority >= sa.bindparam("priority"),
            CONTACTS.c.priority <= sa.bindparam("priority"),
        ).order_by(CONTACTS.c.priority, CONTACTS.c.id),
        one=contact.where(CONTACTS.c.id == sa.bindparam("contact")),
        facts=_facts(dialect),
    )


def _waiting(contacts: Any, put_off: bool | None = None) -> tuple[sa.ColumnElement[bool], ...]:
    laws = (
        contacts.c.campaign_id == sa.bindparam("campaign"),
        contacts.c.status == ContactStatus.WAITING,
    )
    if put_off is None:
        return laws
    at = contacts.c.next_call_at
    return (*laws, at.is_not(None) if put_off else at.is_(None))


def _zones(name: str, put_off: bool) -> sa.CTE:
    """Go from one time zone to the next in an index, however many wait in each; last is NULL."""

    def first(*after: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
        contacts = CONTACTS.alias()
        asked = sa.select(contacts.c.time_zone).where(*_waiting(contacts, put_off))
        for zone in after:
            asked = asked.where(contacts.c.time_zone > zone)
        return asked.order_by(contacts.c.time_zone).limit(1).scalar_subquery()

    zones = sa.select(first().label("zone")).cte(name, recursive=True)
    return zones.union_all(sa.select(first(zones.c.zone)).where(zones.c.zone.is_not(None)))


def _levels(zones: sa.CTE, put_off: bool) -> Question:
    contacts = CONTACTS.alias()
    highest = (
        sa.select(contacts.c.priority)
        .where(
            *_waiting(contacts, put_off),
            contacts.c.time_zone == zones.c.zone,
            contacts.c.priority < sa.bindparam("below"),
        )
        .order_by(contacts.c.priority.desc())
        .limit(1)
    )
    return sa.select(
        sa.literal(put_off).label("put_off"), zones.c.zone, highest.scalar_subquery()
    ).where(zones.c.zone.is_not(None))


def _facts(dialect: str) -> Question:
    """Ask for all at once, each by its own index: no join that a store could turn round."""
    row, rows = (
        (sa.func.json_build_array, sa.func.json_agg)
        if dialect == POSTGRESQL
        else (sa.func.json_array, sa.func.json_group_array)
    )

    def inner(asked: Question) -> sa.ScalarSelect[Any]:
        return asked.scalar_subquery()

    def texts(column: Any) -> Any:
        return sa.func.json(column) if dialect != POSTGRESQL else column

    def nested(asked: Question) -> Any:
        return texts(inner(asked))

    def every(*columns: Any) -> Question:
        return sa.select(rows(row(*columns) if len(columns) > 1 else columns[0]))

    contact = CONTACTS.alias("candidate")
    outcome = _OUTCOMES.c
    of_attempt = outcome.attempt_id == _ATTEMPTS.c.id
    came_to = sa.select(
        row(
            outcome.disposition,
            outcome.outcome,
            outcome.at,
            outcome.call_again_at,
            outcome.final,
            outcome.needs_person,
        )
    ).where(of_attempt)
    told = every(_EVENTS.c.status).where(_EVENTS.c.waybill == _DELIVERIES.c.waybill)
    parcel = _DELIVERIES.c
    parcels = every(
        parcel.id,
        parcel.waybill,
        parcel.address,
        parcel.window_start,
        parcel.window_end,
        parcel.item,
        parcel.merchant,
        parcel.cod_fen,
        parcel.remarks,
        texts(parcel.facts),
        nested(told),
    ).where(parcel.contact_id == contact.c.id)
    attempt = _ATTEMPTS.c
    not_this = attempt.id != sa.bindparam("but")
    past = every(attempt.number, nested(came_to)).where(
        attempt.contact_id == contact.c.id, not_this
    )
    lost = sa.select(sa.func.count()).where(
        of_attempt, outcome.disposition == Disposition.TRUNK_FAILURE
    )
    dials = every(attempt.dialed_at, attempt.status != AttemptStatus.SETTLED).where(
        attempt.phone == contact.c.phone,
        not_this,
        sa.or_(attempt.dialed_at > sa.bindparam("since"), attempt.status != AttemptStatus.SETTLED),
        # What our own trunk lost rang nobody.
        inner(lost) == 0,
    )
    unwanted = every(_SUPPRESSIONS.c.merchant).where(_SUPPRESSIONS.c.phone == contact.c.phone)
    others = CONTACTS.alias("of_number")
    tickets = sa.select(sa.func.count()).where(
        _TICKETS.c.contact_id == others.c.id, _TICKETS.c.status.in_(_unsettled())
    )
    troubled = sa.select(sa.func.count()).where(
        others.c.phone == contact.c.phone, inner(tickets) > 0
    )
    asked = each_of(dialect, sa.Integer(), "contacts")
    return sa.select(
        sa.cast(
            rows(
                row(
                    contact.c.id,
                    nested(parcels),
                    nested(past),
                    nested(dials),
                    nested(unwanted),
                    inner(troubled),
                )
            ),
            sa.Text,
        )
    ).select_from(asked.join(contact, contact.c.id == asked.c.value))


def _unsettled() -> Iterable[TicketStatus]:
    return [each for each in TicketStatus if not each.is_settled]
