"""What workers tell about people in their calls becomes steps of transfers, agents and orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from campaigns.attempt import flag_record
from campaigns.desk_effects import Arrived, Effect, Gone
from campaigns.desk_words import CALL_IS_OVER, why_not
from ivr.people import (
    Brief,
    HowJoinEnded,
    JoinAnswered,
    Joined,
    JoinEnded,
    JoinFailed,
    PersonWanted,
    Refused,
    TransferMoved,
    TransferStage,
)
from store.desk_agents import step_agent
from store.desk_models import DeskOrder
from store.desk_orders import answer_order, open_orders, refuse_open_orders, refuse_order
from store.desk_queries import agent, transfers_of
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import UNASKED, open_transfer, raise_transfer, step_transfer
from store.desk_types import AgentState, OrderKind, TransferStatus
from store.desk_values import PersonInCall, TransferFacts

_MODES: Mapping[OrderKind, str] = {
    OrderKind.ACCEPT: "talk",
    OrderKind.LISTEN: "listen",
    OrderKind.WHISPER: "whisper",
    OrderKind.BARGE: "barge",
    OrderKind.TAKE_OVER: "take_over",
}


_AT_THE_CALL = tuple(kind for kind in OrderKind if kind is not OrderKind.FORM)


class CallEnd(StrEnum):
    """Who ended a call that is settled now."""

    CUSTOMER = "customer"
    US = "us"
    FAULT = "fault"
    """A worker or the engine died."""


@dataclass(frozen=True, slots=True)
class CallOver:
    """A call is settled."""

    attempt: int
    end: CallEnd


DeskNews = PersonWanted | JoinAnswered | Joined | JoinFailed | JoinEnded | TransferMoved | CallOver


def take_news(
    session: Session, news: DeskNews, engine: str, language: str, now: datetime
) -> tuple[Effect, ...]:
    """Write down what happened in a call; return what follows outside the store.

    `language` is that of the call. Raises DeskError for what makes no sense any more.
    """
    match news:
        case PersonWanted():
            _person_wanted(session, news, engine, language, now)
        case JoinAnswered(join=join, sdp=sdp):
            answer_order(session, join, now, {"join": join, "sdp": sdp})
        case Joined():
            return _joined(session, news, now)
        case JoinFailed():
            _join_failed(session, news, now)
        case JoinEnded():
            return _join_ended(session, news, now)
        case TransferMoved():
            _moved(session, news, now)
        case CallOver():
            _over(session, news, now)
    return ()


def brief_of(brief: Brief) -> dict[str, Any]:
    """Return a brief as the desk keeps it."""
    return {
        "reason": dict(brief.reason),
        "recipient": brief.recipient,
        "waybill": brief.waybill,
        "language": brief.language,
        "settled": [list(pair) for pair in brief.settled],
        "last_turns": [
            {name: value for name, value in asdict(turn).items() if value is not None}
            for turn in brief.last_turns
        ],
        "question": brief.question,
        "points": list(brief.points),
        "spoken": brief.spoken,
    }


def _person_wanted(
    session: Session, news: PersonWanted, engine: str, language: str, now: datetime
) -> None:
    flag, brief = flag_record(news.flag), brief_of(news.brief)
    open_one = _open_one(session, news.attempt)
    if open_one is None:
        wanted = news.brief.language or language
        open_transfer(session, news.attempt, engine, flag, wanted, brief, now)
        return
    if open_one.status is TransferStatus.JOINED:
        step_transfer(session, open_one.id, TransferStep.WITHDRAW, now)
    raise_transfer(session, open_one.id, flag, brief, now)


def _joined(session: Session, news: Joined, now: datetime) -> tuple[Effect, ...]:
    order = session.get(DeskOrder, news.join)
    if order is None:
        return ()
    answer_order(session, news.join, now, {"join": news.join})
    mode = _MODES.get(order.kind, "listen")
    mine = _talk_of(session, order)
    if mine is not None and mine.status is TransferStatus.ACCEPTED:
        step_transfer(session, mine.id, TransferStep.JOIN, now)
    role = "agent" if order.kind is OrderKind.ACCEPT else "supervisor"
    person = PersonInCall(news.join, order.user_id, order.user_name, role, mode)
    return (Arrived(news.attempt, person),)


def _join_failed(session: Session, news: JoinFailed, now: datetime) -> None:
    refuse_order(session, news.join, now, why_not(news.why))
    order = session.get(DeskOrder, news.join)
    mine = None if order is None else _talk_of(session, order)
    if order is None or mine is None or mine.status is not TransferStatus.ACCEPTED:
        return
    nobody_asked = mine.rule == UNASKED
    step = TransferStep.FAIL if nobody_asked else TransferStep.WITHDRAW
    step_transfer(session, mine.id, step, now)
    # Whom the call let not in has a device that works.
    refused = news.why in list(Refused)
    _free_agent(session, mine, AgentStep.WITHDRAW if refused else AgentStep.LOSE_DEVICE, now)


def _join_ended(session: Session, news: JoinEnded, now: datetime) -> tuple[Effect, ...]:
    order = session.get(DeskOrder, news.join)
    mine = None if order is None else _talk_of(session, order)
    if mine is not None:
        if news.how is HowJoinEnded.LOST:
            # Whether somebody else is wanted, or the robot goes on, the worker says next.
            _free_agent(session, mine, AgentStep.LOSE_DEVICE, now)
        elif mine.status is TransferStatus.JOINED:
            step_transfer(session, mine.id, TransferStep.LEAVE, now, how=news.how.value)
            _free_agent(session, mine, AgentStep.FINISH, now)
        elif mine.status is TransferStatus.ACCEPTED:
            _free_agent(session, mine, AgentStep.WITHDRAW, now)
    return (Gone(news.attempt, news.join),)


def _moved(session: Session, news: TransferMoved, now: datetime) -> None:
    why = why_not(news.why or news.stage.value) if news.stage is TransferStage.FAILED else None
    if why is not None:
        refuse_open_orders(session, news.attempt, (OrderKind.TRANSFER_OUT,), now, why)
    elif news.stage in (TransferStage.CONSULTING, TransferStage.CONNECTED):
        for order in open_orders(session, news.attempt, (OrderKind.TRANSFER_OUT,)):
            answer_order(session, order, now, {"stage": news.stage.value})


def _over(session: Session, news: CallOver, now: datetime) -> None:
    ended = TransferStep.LOSE if news.end is CallEnd.CUSTOMER else TransferStep.FAIL
    for each in transfers_of(session, news.attempt):
        if each.status is TransferStatus.JOINED:
            step_transfer(session, each.id, TransferStep.LEAVE, now, how="call_ended")
            _free_agent(session, each, AgentStep.FINISH, now)
        elif each.status.is_waiting:
            step_transfer(session, each.id, ended, now)
            _free_agent(session, each, AgentStep.WITHDRAW, now)
    refuse_open_orders(session, news.attempt, _AT_THE_CALL, now, CALL_IS_OVER)


def _open_one(session: Session, attempt_id: int) -> TransferFacts | None:
    return next(
        (
            each
            for each in transfers_of(session, attempt_id)
            if each.status.is_waiting or each.status is TransferStatus.JOINED
        ),
        None,
    )


def _talk_of(session: Session, order: DeskOrder) -> TransferFacts | None:
    """Return what somebody who joined has taken on; None: they only listen."""
    if order.attempt_id is None:
        return None
    return next(
        (
            each
            for each in transfers_of(session, order.attempt_id)
            if each.agent_id == order.user_id
            and each.status in (TransferStatus.ACCEPTED, TransferStatus.JOINED)
        ),
        None,
    )


def _free_agent(session: Session, talk: TransferFacts, step: AgentStep, now: datetime) -> None:
    """Take a step of the agent of a talk, if it is what they are busy with."""
    if talk.agent_id is None:
        return
    busy = agent(session, talk.agent_id)
    if busy is None or busy.transfer_id != talk.id:
        return
    if busy.state is AgentState.TALKING or (
        busy.state is AgentState.OFFERED and step is AgentStep.WITHDRAW
    ):
        step_agent(session, talk.agent_id, step, now)
