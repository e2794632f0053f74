"""Clearing: what engines that ended, calls that are over and pages that are gone left at the desk.

Whoever lives next does it, an engine or the console: nobody stays in a call that is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from campaigns.desk_words import ENGINE_GONE
from campaigns.recovery import IsGone
from store.database import Database
from store.desk_agents import put_off, silent_agents, step_agent
from store.desk_leftovers import (
    OPEN,
    engines_told_of,
    forget_turns_of_no_call,
    stray_agents,
    transfers_of_calls_over,
)
from store.desk_live import forget_engine
from store.desk_orders import forget_orders, old_orders, refuse_orders_of
from store.desk_queries import agent
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import step_transfer, transfers_held_by
from store.desk_types import AgentNews, AgentState, TransferStatus
from store.desk_values import AgentFacts, TransferFacts
from store.errors import DeskError

SILENCE: Final = timedelta(seconds=15)
"""An agent whose page says nothing for so long is not there."""

ORDERS_KEPT: Final = timedelta(days=1)

GRACE: Final = timedelta(seconds=10)
"""So long after a call is settled its engine may still be about to say so at the desk."""

_TOLD: Final = {"engine_gone": AgentNews.ENGINE_GONE, "call_ended": AgentNews.CALL_OVER}

_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left over at the desk."""

    gone: tuple[str, ...]
    """Engines that ended without taking their sign, their calls or their customers with them."""
    over: tuple[TransferFacts, ...]
    strays: tuple[AgentFacts, ...]
    absent: tuple[AgentFacts, ...]

    def __bool__(self) -> bool:
        """There is something to clear."""
        return bool(self.gone or self.over or self.strays or self.absent)


def clear_desk(database: Database, is_gone: IsGone, now: datetime) -> tuple[str, ...]:
    """Let go of whom nobody lets go any more; return the engines that are gone.

    An agent whose talk broke off still writes down what came of it.
    """
    with database.reading() as session:
        if not _left(session, is_gone, now):
            return ()
    with database.transaction() as session:
        left = _left(session, is_gone, now)
        for name in left.gone:
            clear_engine(session, name, now)
        for each in left.over:
            _end(session, each, now, "call_ended")
        # What was cleared above may have freed some of them.
        for stray in stray_agents(session):
            step_agent(session, stray.user_id, AgentStep.WITHDRAW, now)
        for absent in silent_agents(session, now, SILENCE):
            put_off(session, absent, now)
        if left.gone:
            forget_turns_of_no_call(session)
    return left.gone


def clear_engine(session: Session, name: str, now: datetime) -> None:
    """Take away all that hangs on an engine that ended: customers, agents, orders, live rows."""
    for each in transfers_held_by(session, name, OPEN):
        _end(session, each, now, "engine_gone")
    refuse_orders_of(session, name, now, ENGINE_GONE)
    forget_engine(session, name)


def clear_old_orders(database: Database, now: datetime) -> None:
    """Throw away what was asked long ago; offers of browsers name addresses."""
    with database.reading() as session:
        if not old_orders(session, now - ORDERS_KEPT):
            return
    with database.transaction() as session:
        forget_orders(session, now - ORDERS_KEPT)


def _left(session: Session, is_gone: IsGone, now: datetime) -> _Left:
    told = engines_told_of(session)
    return _Left(
        # An engine gives its sign before its first call, so one without a sign has ended, unless
        # it is seen to live.
        gone=tuple(name for name, seen_at in told.items() if is_gone(name, seen_at or _NEVER, now)),
        over=transfers_of_calls_over(session, now, GRACE),
        strays=stray_agents(session),
        absent=silent_agents(session, now, SILENCE),
    )


def _end(session: Session, held: TransferFacts, now: datetime, how: str) -> None:
    talked = held.status is TransferStatus.JOINED
    step = TransferStep.LEAVE if talked else TransferStep.FAIL
    try:
        step_transfer(session, held.id, step, now, how=how)
    except DeskError:
        # Cleared a moment ago, with its engine.
        return
    _let_go(session, held, now, _TOLD[how])


def _let_go(session: Session, held: TransferFacts, now: datetime, news: AgentNews) -> None:
    user_id, talked = held.agent_id, held.status is TransferStatus.JOINED
    busy = None if user_id is None else agent(session, user_id)
    if user_id is None or busy is None or busy.transfer_id != held.id:
        return
    if busy.state is AgentState.TALKING and talked:
        step_agent(session, user_id, AgentStep.FINISH, now, news=news)
    elif busy.state in (AgentState.TALKING, AgentState.OFFERED):
        step_agent(session, user_id, AgentStep.WITHDRAW, now, news=news)
