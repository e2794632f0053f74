"""What pacing asks of the store: people who answered, abandoned or not, and the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import Agent, EngineSign, Transfer
from store.desk_reading import agent_facts
from store.desk_types import AgentState, TransferStatus
from store.desk_values import AgentFacts
from store.models import Attempt, Contact, OutcomeRecord
from store.types import Disposition

PERSON_THERE: Final = (Disposition.COMPLETED, Disposition.HUNG_UP_MIDWAY, Disposition.ABANDONED)
"""Ends of calls that a person answered for certain: a silent answer may have been a machine."""

_WAITING: Final = (TransferStatus.WAITING, TransferStatus.OFFERED)


def answers_since(
    session: Session, campaign_id: int, since: datetime
) -> tuple[tuple[datetime, bool], ...]:
    """Return when people answered calls of a campaign since a moment, and who was abandoned.

    Oldest first, as of the ends of the calls, of all engines.
    """
    query = (
        sa.select(Attempt.settled_at, OutcomeRecord.disposition)
        .join(Contact, Contact.id == Attempt.contact_id)
        .join(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
        .where(
            Contact.campaign_id == campaign_id,
            Attempt.dialed_at >= since,
            Attempt.settled_at.is_not(None),
            OutcomeRecord.disposition.in_(PERSON_THERE),
        )
        .order_by(Attempt.settled_at, Attempt.id)
    )
    return tuple(
        (at, disposition is Disposition.ABANDONED)
        for at, disposition in session.execute(query)
        if at is not None
    )


def desk_now(session: Session) -> tuple[tuple[AgentFacts, ...], frozenset[int], tuple[str, ...]]:
    """Return the agents who are there, attempts whose customers wait for one, and all engines."""
    present = sa.select(Agent).where(Agent.state.not_in((AgentState.OFF, AgentState.BREAK)))
    waiting = sa.select(Transfer.attempt_id).where(Transfer.status.in_(_WAITING))
    return (
        tuple(agent_facts(row) for row in session.scalars(present.order_by(Agent.user_id))),
        frozenset(session.scalars(waiting)),
        tuple(session.scalars(sa.select(EngineSign.name).order_by(EngineSign.name))),
    )
