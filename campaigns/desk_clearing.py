"""Clearing: what engines that are gone left at the desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from campaigns.desk_words import ENGINE_GONE
from campaigns.recovery import IsGone
from store.database import Database
from store.desk_agents import step_agent
from store.desk_live import forget_engine, gone_engines
from store.desk_orders import forget_orders, old_orders, refuse_orders_of
from store.desk_queries import OPEN, agent
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import step_transfer, transfers_held_by
from store.desk_types import AgentState, TransferStatus

ORDERS_KEPT: Final = timedelta(days=1)


def clear_after_dead_engines(database: Database, is_gone: IsGone, now: datetime) -> tuple[str, ...]:
    """Clear the board of their calls, and let go of who waited, talked or asked; return whose.

    An agent whose talk broke off still writes down what came of it.
    """
    with database.reading() as session:
        gone = gone_engines(session, is_gone, now)
    if not gone:
        return ()
    with database.transaction() as session:
        for name in gone:
            for each in transfers_held_by(session, name, OPEN):
                talked = each.status is TransferStatus.JOINED
                step = TransferStep.LEAVE if talked else TransferStep.FAIL
                step_transfer(session, each.id, step, now, how="engine_gone")
                if each.agent_id is not None:
                    _let_go(session, each.agent_id, each.id, talked, now)
            refuse_orders_of(session, name, now, ENGINE_GONE)
            forget_engine(session, name)
    return gone


def clear_old_orders(database: Database, now: datetime) -> None:
    """Throw away what was asked and answered long ago; offers of browsers name addresses."""
    with database.reading() as session:
        if not old_orders(session, now - ORDERS_KEPT):
            return
    with database.transaction() as session:
        forget_orders(session, now - ORDERS_KEPT)


def _let_go(session: Session, user_id: int, transfer_id: int, talked: bool, now: datetime) -> None:
    busy = agent(session, user_id)
    if busy is None or busy.transfer_id != transfer_id:
        return
    if busy.state is AgentState.TALKING and talked:
        step_agent(session, user_id, AgentStep.FINISH, now)
    elif busy.state in (AgentState.TALKING, AgentState.OFFERED):
        step_agent(session, user_id, AgentStep.WITHDRAW, now)
