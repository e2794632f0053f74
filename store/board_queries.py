"""What the board counts: calls of a stretch of time, by campaign and by hour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import LiveCall, Transfer
from store.desk_queries import live_calls
from store.desk_types import TransferStatus
from store.desk_values import LiveCallFacts
from store.models import Attempt, Contact, Delivery, OutcomeRecord
from store.types import AttemptStatus, Disposition, Outcome

Word = TypeVar("Word", Outcome, Disposition)

REACHED = frozenset(
    {Disposition.COMPLETED, Disposition.HUNG_UP_MIDWAY, Disposition.NO_CONVERSATION}
)
"""Somebody picked up and neither side's technology failed."""


def _nobody() -> Mapping[int, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CallCounts:
    """Settled calls of a stretch of time, counted."""

    dialed: int = 0
    answered: int = 0
    """By whomever: a person, a machine, an assistant."""
    reached: int = 0
    """A person picked up."""
    confirmed: int = 0
    needs_person: int = 0
    talk_seconds: float = 0.0

    def __add__(self, other: CallCounts) -> CallCounts:
        """Return both together."""
        return CallCounts(
            self.dialed + other.dialed,
            self.answered + other.answered,
            self.reached + other.reached,
            self.confirmed + other.confirmed,
            self.needs_person + other.needs_person,
            self.talk_seconds + other.talk_seconds,
        )


@dataclass(frozen=True, slots=True)
class CallFigures:
    """The calls of a stretch of time."""

    begins: datetime
    ends: datetime
    by_campaign: Mapping[int, CallCounts]
    by_outcome: Mapping[Outcome, int]
    by_disposition: Mapping[Disposition, int]
    by_hour: tuple[CallCounts, ...]
    """One for each hour since `begins`; the last one may be going on."""
    dialed_by_hour: Mapping[int, tuple[int, ...]]
    """Calls of each hour by campaign."""

    @property
    def all(self) -> CallCounts:
        """All campaigns together."""
        return sum(self.by_campaign.values(), CallCounts())


def call_figures(
    session: Session, begins: datetime, ends: datetime, campaign_id: int | None = None
) -> CallFigures:
    """Count the settled calls that were dialled from `begins` on and before `ends`.

    It reads each of them: about a second for half a million.
    """
    by_campaign: dict[int, CallCounts] = {}
    by_outcome: dict[Outcome, int] = {}
    by_disposition: dict[Disposition, int] = {}
    by_hour: list[CallCounts] = []
    dialed: dict[int, list[int]] = {}
    for place, (start, end) in enumerate(pairwise(_hours(begins, ends))):
        hour = CallCounts()
        for each in dialed.values():
            each.append(0)
        for row in session.execute(_counted(start, end, campaign_id)):
            counts = CallCounts(
                dialed=row.dialed,
                answered=row.dialed if row.answered else 0,
                reached=row.dialed if row.answered and row.disposition in REACHED else 0,
                confirmed=row.dialed if row.outcome is Outcome.CONFIRMED else 0,
                needs_person=row.needs_person or 0,
                talk_seconds=row.talk_seconds or 0.0,
            )
            hour += counts
            owner = row.campaign_id
            by_campaign[owner] = by_campaign.get(owner, CallCounts()) + counts
            dialed.setdefault(owner, [0] * (place + 1))[place] += row.dialed
            by_outcome[row.outcome] = by_outcome.get(row.outcome, 0) + row.dialed
            by_disposition[row.disposition] = by_disposition.get(row.disposition, 0) + row.dialed
        by_hour.append(hour)
    return CallFigures(
        begins=begins,
        ends=ends,
        by_campaign=MappingProxyType(by_campaign),
        by_outcome=MappingProxyType(_most_frequent_first(by_outcome)),
        by_disposition=MappingProxyType(_most_frequent_first(by_disposition)),
        by_hour=tuple(by_hour),
        dialed_by_hour=MappingProxyType({key: tuple(each) for key, each in dialed.items()}),
    )


@dataclass(frozen=True, slots=True)
class WaitFigures:
    """Customers who were told that somebody is coming, counted once their wait was over."""

    asked: int
    lost: int
    """They hung up before anybody came."""
    nobody: int
    """Nobody came in time; a callback was promised."""
    mean_wait_seconds: float
    """Of those to whom somebody came."""

    @property
    def lost_share(self) -> float | None:
        """The part that hung up, from 0 to 1; None when nobody waited."""
        return self.lost / self.asked if self.asked else None


def wait_figures(session: Session, begins: datetime) -> WaitFigures:
    """Count the waits that began at `begins` or later and are over."""
    rows = session.execute(
        sa.select(Transfer.status, Transfer.requested_at, Transfer.joined_at).where(
            Transfer.status.not_in(
                (TransferStatus.WAITING, TransferStatus.OFFERED, TransferStatus.ACCEPTED)
            ),
            Transfer.requested_at >= begins,
        )
    ).all()
    # Who lost their agent waits once more: what is known of the person then is of before.
    waits = [
        (row.joined_at - row.requested_at).total_seconds()
        for row in rows
        if row.joined_at and row.joined_at >= row.requested_at
    ]
    return WaitFigures(
        asked=len(rows),
        lost=sum(row.status is TransferStatus.LOST for row in rows),
        nobody=sum(row.status is TransferStatus.NOBODY for row in rows),
        mean_wait_seconds=sum(waits) / len(waits) if waits else 0.0,
    )


def addresses_of(session: Session, contact_ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    """Return where the parcels of some contacts go, by contact."""
    found: dict[int, tuple[str, ...]] = {}
    rows = session.execute(
        sa.select(Delivery.contact_id, Delivery.address).where(Delivery.contact_id.in_(contact_ids))
    )
    for contact_id, address in rows:
        found[contact_id] = (*found.get(contact_id, ()), address)
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True)
class CallsSeen:
    """The calls in progress at one look, and what tells at the next which of them changed."""

    calls: tuple[LiveCallFacts, ...] = ()
    """Oldest first; those that did not change since the look before are the same objects."""
    addresses: Mapping[int, tuple[str, ...]] = field(default_factory=_nobody)
    """Where the parcels of each contact go."""
    rows: Mapping[int, tuple[Any, ...]] = field(default_factory=_nobody)
    """By attempt, as the database has them."""


def calls_seen(session: Session, before: CallsSeen) -> CallsSeen:
    """Return the calls in progress: those that changed since the look before are read."""
    # Nothing is made of what the database returns: four times a second most of it is as it was.
    columns = [sa.type_coerce(each, sa.types.NullType()) for each in LiveCall.__table__.columns]
    query = sa.select(LiveCall.attempt_id, *columns).order_by(
        LiveCall.began_at, LiveCall.attempt_id
    )
    rows = {row[0]: tuple(row) for row in session.connection().execute(query)}
    known = {
        call.attempt_id: call
        for call in before.calls
        if rows.get(call.attempt_id) == before.rows[call.attempt_id]
    }
    changed = rows.keys() - known.keys()
    read = {each.attempt_id: each for each in live_calls(session, changed)} if changed else {}
    known |= read
    calls = tuple(known[attempt] for attempt in rows if attempt in known)
    contacts = {each.contact_id for each in calls}
    addresses = {each: told for each, told in before.addresses.items() if each in contacts}
    if read:
        addresses |= addresses_of(session, {each.contact_id for each in read.values()})
    return CallsSeen(calls, MappingProxyType(addresses), MappingProxyType(rows))


def newest_outcomes(session: Session, campaign_id: int) -> Mapping[Outcome, int]:
    """Return how many contacts of a campaign came to each outcome, by their newest one.

    It reads all of them: seconds for a million.
    """
    newest = (
        sa.select(sa.func.max(OutcomeRecord.id).label("id"))
        .join(Contact, Contact.id == OutcomeRecord.contact_id)
        .where(Contact.campaign_id == campaign_id)
        .group_by(OutcomeRecord.contact_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(OutcomeRecord.outcome, sa.func.count())
        .join(newest, newest.c.id == OutcomeRecord.id)
        .group_by(OutcomeRecord.outcome)
    )
    return MappingProxyType(_most_frequent_first({outcome: count for outcome, count in rows}))


def _counted(
    begins: datetime, ends: datetime, campaign_id: int | None
) -> sa.Select[int, bool, Disposition, Outcome, int, Any, float]:
    query = (
        sa.select(
            Contact.campaign_id,
            Attempt.answered,
            OutcomeRecord.disposition,
            OutcomeRecord.outcome,
            sa.func.count().label("dialed"),
            sa.func.sum(sa.case((OutcomeRecord.needs_person != "", 1), else_=0)).label(
                "needs_person"
            ),
            sa.func.sum(Attempt.talk_seconds).label("talk_seconds"),
        )
        .join(Contact, Contact.id == Attempt.contact_id)
        .join(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
        .where(
            Attempt.dialed_at >= begins,
            Attempt.dialed_at < ends,
            Attempt.status == AttemptStatus.SETTLED,
        )
        .group_by(
            Contact.campaign_id,
            Attempt.answered,
            OutcomeRecord.disposition,
            OutcomeRecord.outcome,
        )
    )
    if campaign_id is not None:
        # The sum keeps SQLite from walking all contacts of a large campaign instead of the calls.
        query = query.where(Contact.campaign_id + 0 == campaign_id)
    return query


def _hours(begins: datetime, ends: datetime) -> Iterable[datetime]:
    here = begins
    while here < ends:
        yield here
        here += timedelta(hours=1)
    yield ends


def _most_frequent_first(counts: Mapping[Word, int]) -> dict[Word, int]:
    return dict(sorted(counts.items(), key=lambda each: -each[1]))
