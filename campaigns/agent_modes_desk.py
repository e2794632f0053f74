"""At the desk: calls that were made for agents are given to devices that answer by themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.desk_effects import Effect, Send
from ivr.agent_opening import RULE
from ivr.people import NobodyCame, SomebodyComes
from store.desk_agents import step_agent
from store.desk_orders import place_order
from store.desk_queries import agent, transfer, transfers_of
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import step_transfer
from store.desk_types import AgentState, DeviceKind, OrderKind, TransferStatus


def taken_by_itself(
    session: Session, transfer_id: int, user_id: int, now: datetime
) -> tuple[Effect, ...]:
    """Let an agent have a call without a click, where it was made for one and the device allows it.

    A telephone rings; a browser whose agent has chosen so takes it by itself.
    Raises DeskError when the call is over.
    """
    wanted, who = transfer(session, transfer_id), agent(session, user_id)
    if wanted.rule != RULE or who is None:
        return ()
    if who.device_kind is DeviceKind.SIP:
        place_order(session, OrderKind.ACCEPT, user_id, who.name, now, transfer_id=transfer_id)
    elif not who.auto_answer:
        return ()
    return (Send(SomebodyComes(wanted.attempt_id)),)


def nobody_came(session: Session, news: NobodyCame, now: datetime) -> None:
    """Write down that a call goes on without an agent, and free whom it was held out to."""
    for each in transfers_of(session, news.attempt):
        if not each.status.is_waiting:
            continue
        taken = each.status is TransferStatus.ACCEPTED
        step = TransferStep.FAIL if taken else TransferStep.GIVE_UP
        step_transfer(session, each.id, step, now)
        who = agent(session, each.agent_id) if each.agent_id is not None else None
        if (
            who is not None
            and who.transfer_id == each.id
            and who.state in (AgentState.OFFERED, AgentState.TALKING)
        ):
            step_agent(session, who.user_id, AgentStep.WITHDRAW, now)
