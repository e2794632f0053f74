"""What nobody at the desk takes care of any more: of engines that ended, of calls that are over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import Agent, DeskOrder, EngineSign, LiveCall, LiveTurn, Transfer
from store.desk_reading import agent_facts, transfer_facts
from store.desk_types import AgentState, OrderKind, TransferStatus
from store.desk_values import AgentFacts, TransferFacts
from store.models import Attempt
from store.types import AttemptStatus

OPEN = (
    TransferStatus.WAITING,
    TransferStatus.OFFERED,
    TransferStatus.ACCEPTED,
    TransferStatus.JOINED,
)


def engines_told_of(session: Session) -> Mapping[str, datetime | None]:
    """Return every engine that anything at the desk or on the board hangs on.

    With it comes its last sign of life; None: it left none, or took it back.
    """
    signs = session.execute(sa.select(EngineSign.name, EngineSign.seen_at)).all()
    named = sa.union(
        sa.select(Transfer.engine).where(Transfer.status.in_(OPEN)),
        sa.select(LiveCall.engine),
        sa.select(DeskOrder.engine).where(
            DeskOrder.answered_at.is_(None), DeskOrder.kind != OrderKind.FORM
        ),
    )
    told: dict[str, datetime | None] = dict.fromkeys(filter(None, session.scalars(named)))
    return told | {name: seen_at for name, seen_at in signs}


def transfers_of_calls_over(
    session: Session, now: datetime, grace: timedelta
) -> tuple[TransferFacts, ...]:
    """Return who still waits or talks at the desk though their call was settled `grace` ago."""
    query = (
        sa.select(Transfer)
        .join(Attempt, Attempt.id == Transfer.attempt_id)
        .where(
            Transfer.status.in_(OPEN),
            Attempt.status == AttemptStatus.SETTLED,
            Attempt.settled_at <= now - grace,
        )
        .order_by(Transfer.id)
    )
    return tuple(transfer_facts(row) for row in session.scalars(query))


def stray_agents(session: Session) -> tuple[AgentFacts, ...]:
    """Return the agents who are busy with a customer who is not theirs any more."""
    theirs = sa.and_(
        Transfer.id == Agent.transfer_id,
        Transfer.agent_id == Agent.user_id,
        sa.or_(
            sa.and_(
                Agent.state == AgentState.OFFERED,
                Transfer.status == TransferStatus.OFFERED,
            ),
            sa.and_(
                Agent.state == AgentState.TALKING,
                Transfer.status.in_((TransferStatus.ACCEPTED, TransferStatus.JOINED)),
            ),
        ),
    )
    query = (
        sa.select(Agent)
        .where(
            Agent.state.in_((AgentState.OFFERED, AgentState.TALKING)),
            ~sa.select(Transfer.id).where(theirs).exists(),
        )
        .order_by(Agent.user_id)
    )
    return tuple(agent_facts(row) for row in session.scalars(query))


def forget_turns_of_no_call(session: Session) -> None:
    """Throw away what was said in calls that are not in progress any more."""
    session.execute(
        sa.delete(LiveTurn).where(LiveTurn.attempt_id.not_in(sa.select(LiveCall.attempt_id)))
    )
