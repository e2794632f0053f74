"""What was decided about who is offered which call becomes steps of agents and transfers."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.agent_modes_desk import taken_by_itself
from campaigns.desk_effects import Effect, Send
from campaigns.desk_routing import Decision, GiveUp, Offer, TakeBack
from ivr.people import NobodyComes
from store.desk_agents import step_agent
from store.desk_queries import agent
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import step_transfer
from store.desk_types import AgentNews, AgentState
from store.errors import DeskError

log = logging.getLogger(__name__)


def carry_out(session: Session, decision: Decision, now: datetime) -> tuple[Effect, ...]:
    """Write a decision down; return what follows outside the store."""
    match decision:
        case Offer(transfer_id, user_id):
            try:
                with session.begin_nested():
                    step_agent(session, user_id, AgentStep.OFFER, now, transfer_id)
                    step_transfer(session, transfer_id, TransferStep.OFFER, now, agent_id=user_id)
                    return taken_by_itself(session, transfer_id, user_id, now)
            except DeskError:
                # Another engine, or the agent themselves, was quicker; the next tick sees it.
                log.info("agent %d is not offered transfer %d", user_id, transfer_id)
            return ()
        case TakeBack(transfer_id, user_id, was_there):
            if was_there:
                step_agent(session, user_id, AgentStep.PASS, now, news=AgentNews.LET_PASS)
            step_transfer(session, transfer_id, TransferStep.WITHDRAW, now)
            return ()
        case GiveUp(transfer_id, attempt_id, user_id):
            if user_id is not None:
                _release(session, user_id, transfer_id, now)
            step_transfer(session, transfer_id, TransferStep.GIVE_UP, now)
            return (Send(NobodyComes(attempt_id)),)


def _release(session: Session, user_id: int, transfer_id: int, now: datetime) -> None:
    busy = agent(session, user_id)
    if busy is None:
        return
    if (busy.transfer_id, busy.state) == (transfer_id, AgentState.OFFERED):
        step_agent(session, user_id, AgentStep.WITHDRAW, now, news=AgentNews.GIVEN_UP)
