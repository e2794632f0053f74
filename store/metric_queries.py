"""What a monitoring system asks every few seconds: counts by closed vocabularies, nobody's data.

Calls that are over are counted from one outcome to another, so that a long history costs once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.desk_models import Agent, EngineSign, LiveCall, Transfer
from store.desk_types import AgentState, TransferStatus
from store.models import Attempt, Campaign, Contact, OutcomeRecord, Turn, WriteBack
from store.ticket_models import Ticket
from store.types import (
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
    TicketStatus,
    WriteBackStatus,
)

_Word = TypeVar("_Word")


@dataclass(frozen=True, slots=True)
class SettledCount:
    """So many calls ended this way."""

    disposition: Disposition
    outcome: Outcome
    answered: bool
    calls: int
    talk_seconds: float


@dataclass(frozen=True, slots=True)
class EngineLook:
    """The engines that gave a sign of life, together."""

    seen_at: datetime | None
    """The newest sign; None: no engine serves."""
    engines: int
    slots: int
    in_use: int
    workers: int
    trunks: tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand at one moment."""

    stages: Mapping[str, int]
    """Calls in progress."""
    agents: Mapping[AgentState, int]
    transfers: Mapping[TransferStatus, int]
    campaigns: Mapping[CampaignStatus, int]
    tickets: Mapping[TicketStatus, int]
    """Those that are not settled."""
    write_backs: int
    oldest_write_back: datetime | None
    engines: EngineLook


def standing(session: Session, alive_since: datetime) -> Standing:
    """Return how things stand; an engine counts when it gave a sign since `alive_since`."""
    pending = WriteBack.status == WriteBackStatus.PENDING
    oldest = session.scalar(
        sa.select(WriteBack.created_at).where(pending).order_by(WriteBack.id).limit(1)
    )
    unsettled = [each for each in TicketStatus if not each.is_settled]
    return Standing(
        stages=_counts(session, LiveCall.stage),
        agents=_counts(session, Agent.state),
        transfers=_counts(session, Transfer.status),
        campaigns=_counts(session, Campaign.status),
        tickets=_counts(session, Ticket.status, Ticket.status.in_(unsettled)),
        write_backs=session.scalar(sa.select(sa.func.count()).where(pending)) or 0,
        oldest_write_back=oldest,
        engines=_engines(session, alive_since),
    )


def running_contacts(session: Session) -> Mapping[ContactStatus, int]:
    """Return how many contacts the campaigns that run have in each status.

    It reads all of them: half a second for a million.
    """
    running = sa.select(Campaign.id).where(Campaign.status == CampaignStatus.RUNNING)
    return _counts(session, Contact.status, Contact.campaign_id.in_(running))


def newest_outcome(session: Session, at_or_before: datetime) -> int:
    """Return the place in the row of outcomes up to which nothing can come in between any more."""
    young = sa.select(OutcomeRecord.id).order_by(OutcomeRecord.id.desc())
    for outcome_id, at in session.execute(young.add_columns(OutcomeRecord.at).limit(2000)):
        if at <= at_or_before:
            return int(outcome_id)
    return max((session.scalar(sa.select(sa.func.max(OutcomeRecord.id))) or 0) - 2000, 0)


def settled_between(session: Session, after: int, until: int | None) -> tuple[SettledCount, ...]:
    """Count the calls of the outcomes behind `after`, up to `until` (None: the newest)."""
    query = (
        sa.select(
            OutcomeRecord.disposition,
            OutcomeRecord.outcome,
            Attempt.answered,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(Attempt.talk_seconds), 0.0),
        )
        .join(Attempt, Attempt.id == OutcomeRecord.attempt_id)
        .where(OutcomeRecord.id > after)
        .group_by(OutcomeRecord.disposition, OutcomeRecord.outcome, Attempt.answered)
    )
    if until is not None:
        query = query.where(OutcomeRecord.id <= until)
    return tuple(SettledCount(*row) for row in session.execute(query))


def latencies_between(session: Session, after: int, until: int | None) -> tuple[float, ...]:
    """Return the seconds from a person's last word to our first sound, of the same calls."""
    query = (
        sa.select(Turn.latency_seconds)
        .join(OutcomeRecord, OutcomeRecord.attempt_id == Turn.attempt_id)
        .where(OutcomeRecord.id > after, Turn.latency_seconds.is_not(None))
    )
    if until is not None:
        query = query.where(OutcomeRecord.id <= until)
    return tuple(each for each in session.scalars(query) if each is not None)


def waits_between(session: Session, after: int, until: int | None) -> tuple[float, ...]:
    """Return how many seconds customers waited for a person, or until they had none."""
    query = sa.select(Transfer.requested_at, Transfer.joined_at, Transfer.ended_at).where(
        Transfer.id > after,
        sa.or_(Transfer.joined_at.is_not(None), Transfer.ended_at.is_not(None)),
    )
    if until is not None:
        query = query.where(Transfer.id <= until)
    spans = ((asked, joined or ended) for asked, joined, ended in session.execute(query))
    return tuple(max(0.0, (end - asked).total_seconds()) for asked, end in spans if end is not None)


def last_finished_transfer(session: Session) -> int:
    """Return the place up to which no customer waits for a person any more."""
    waiting = [each for each in TransferStatus if each.is_waiting]
    first = session.scalar(sa.select(sa.func.min(Transfer.id)).where(Transfer.status.in_(waiting)))
    newest = session.scalar(sa.select(sa.func.max(Transfer.id))) or 0
    return newest if first is None else first - 1


def _engines(session: Session, alive_since: datetime) -> EngineLook:
    rows = session.scalars(sa.select(EngineSign)).all()
    alive = [row for row in rows if row.seen_at >= alive_since]
    return EngineLook(
        seen_at=max((row.seen_at for row in rows), default=None),
        engines=len(alive),
        slots=sum(row.slots for row in alive),
        in_use=sum(row.in_use for row in alive),
        workers=sum(row.workers for row in alive),
        trunks=tuple(dict(row.trunk) for row in alive),
    )


def _counts(
    session: Session,
    column: InstrumentedAttribute[_Word],
    *conditions: sa.ColumnElement[bool],
) -> Mapping[_Word, int]:
    query = sa.select(column, sa.func.count()).where(*conditions).group_by(column)
    return {row[0]: row[1] for row in session.execute(query)}
