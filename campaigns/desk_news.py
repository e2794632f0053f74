"""What workers tell about people in their calls becomes steps of transfers, agents and orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.orm import Session

from campaigns.agent_modes_desk import nobody_came
from campaigns.attempt import flag_record
from campaigns.desk_effects import Arrived, Effect, Gone
from campaigns.desk_words import CALL_IS_OVER, why_not, why_third_not
from ivr.people import (
    Brief,
    HowJoinEnded,
    JoinAnswered,
    Joined,
    JoinEnded,
    JoinFailed,
    NobodyCame,
    PersonWanted,
    Refused,
    TransferMoved,
    TransferStage,
    WishWithdrawn,
)
from store.desk_agents import step_agent
from store.desk_models import DeskOrder
from store.desk_orders import (
    answer_order,
    open_orders,
    refuse_open_orders,
    refuse_order,
    was_done,
)
from store.desk_queries import agent, transfers_of
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import UNASKED, open_transfer, raise_transfer, step_transfer
from store.desk_types import AgentNews, AgentState, OrderKind, TransferStatus
from store.desk_values import PersonInCall, TransferFacts

_MODES: Mapping[OrderKind, str] = {
    OrderKind.ACCEPT: "talk",
    OrderKind.LISTEN: "listen",
    OrderKind.WHISPER: "whisper",
    OrderKind.BARGE: "barge",
    OrderKind.TAKE_OVER: "take_over",
}


LOST: Final = "lost"
"""How a talk ended whose agent's device was gone."""

_ANSWERS: Final = (TransferStage.CONSULTING, TransferStage.CONNECTED, TransferStage.RETURNED)

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


DeskNews = (
    PersonWanted
    | WishWithdrawn
    | NobodyCame
    | JoinAnswered
    | Joined
    | JoinFailed
    | JoinEnded
    | TransferMoved
    | CallOver
)


def take_news(
    session: Session, news: DeskNews, engine: str, language: str, now: datetime
) -> tuple[Effect, ...]:
    """Write down what happened in a call; return what follows outside the store.

    `language` is that of the call. Raises DeskError for what makes no sense any more.
    """
    match news:
        case PersonWanted():
            _person_wanted(session, news, engine, language, now)
        case WishWithdrawn():
            _wish_withdrawn(session, news, now)
        case NobodyCame():
            nobody_came(session, news, now)
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
    wanted = news.brief.language or language
    known = transfers_of(session, news.attempt)
    for each in known:
        if each.status.is_waiting:
            raise_transfer(session, each.id, flag, brief, now)
            return
    for each in known:
        if each.status is TransferStatus.JOINED:
            # Nobody waits who is talked to: whoever talked is gone.
            step_transfer(session, each.id, TransferStep.LEAVE, now, how=LOST)
            _free_agent(session, each, AgentStep.FINISH, now)
    lost = {
        each.agent_id
        for each in transfers_of(session, news.attempt)
        if each.ended_how == LOST and each.agent_id is not None
    }
    open_transfer(session, news.attempt, engine, flag, wanted, brief, now, lost)


def _wish_withdrawn(session: Session, news: WishWithdrawn, now: datetime) -> None:
    for each in transfers_of(session, news.attempt):
        if each.status.is_waiting:
            step_transfer(session, each.id, TransferStep.CALL_OFF, now)
            _free_agent(session, each, AgentStep.WITHDRAW, now, AgentNews.UNWANTED)


def _joined(session: Session, news: Joined, now: datetime) -> tuple[Effect, ...]:
    order = session.get(DeskOrder, news.join)
    if order is None:
        return ()
    answer_order(session, news.join, now, {"join": news.join})
    mode = _MODES.get(order.kind, "listen")
    mine = _talk_by(session, news.attempt, news.join)
    if mine is not None and mine.status is TransferStatus.ACCEPTED:
        step_transfer(session, mine.id, TransferStep.JOIN, now)
    role = "agent" if order.kind is OrderKind.ACCEPT else "supervisor"
    person = PersonInCall(news.join, order.user_id, order.user_name, role, mode)
    return (Arrived(news.attempt, person),)


def _join_failed(session: Session, news: JoinFailed, now: datetime) -> None:
    refuse_order(session, news.join, now, why_not(news.why))
    mine = _talk_by(session, news.attempt, news.join)
    if mine is None or mine.status is not TransferStatus.ACCEPTED:
        return
    _not_taken(session, mine, now)
    if news.why in list(Refused):
        # Whom the call let not in has a device that works.
        _free_agent(session, mine, AgentStep.WITHDRAW, now)
    else:
        _free_agent(session, mine, AgentStep.LOSE_DEVICE, now, AgentNews.DEVICE_FAILED)


def _join_ended(session: Session, news: JoinEnded, now: datetime) -> tuple[Effect, ...]:
    mine = _talk_by(session, news.attempt, news.join)
    lost = news.how is HowJoinEnded.LOST
    if mine is not None and mine.status is TransferStatus.JOINED:
        # Whoever is lost may write down what came of it, too. Whether somebody else is wanted, or
        # the robot goes on, the worker says next.
        how = LOST if lost else news.how.value
        step_transfer(session, mine.id, TransferStep.LEAVE, now, how=how)
    elif mine is not None:
        _not_taken(session, mine, now)
    if mine is not None and lost:
        _free_agent(session, mine, AgentStep.LOSE_DEVICE, now, AgentNews.DEVICE_LOST)
    elif mine is not None:
        talked = mine.status is TransferStatus.JOINED
        _free_agent(session, mine, AgentStep.FINISH if talked else AgentStep.WITHDRAW, now)
    return (Gone(news.attempt, news.join),)


def _not_taken(session: Session, mine: TransferFacts, now: datetime) -> None:
    """Let the next have a customer whom somebody was about to take; nobody else was asked."""
    step = TransferStep.FAIL if mine.rule == UNASKED else TransferStep.WITHDRAW
    step_transfer(session, mine.id, step, now)


def _moved(session: Session, news: TransferMoved, now: datetime) -> None:
    asked = (OrderKind.TRANSFER_OUT,)
    if news.stage is TransferStage.FAILED:
        refuse_open_orders(session, news.attempt, asked, now, why_third_not(news.why))
    elif news.stage in _ANSWERS:
        for order in open_orders(session, news.attempt, asked):
            answer_order(session, order, now, {"stage": news.stage.value})


def _over(session: Session, news: CallOver, now: datetime) -> None:
    theirs = news.end is CallEnd.CUSTOMER
    told = AgentNews.CUSTOMER_GONE if theirs else AgentNews.CALL_OVER
    by_person = was_done(session, news.attempt, OrderKind.END_CALL)
    for each in transfers_of(session, news.attempt):
        if each.status is TransferStatus.JOINED:
            step_transfer(session, each.id, TransferStep.LEAVE, now, how="call_ended")
            _free_agent(session, each, AgentStep.FINISH, now)
        elif each.status.is_waiting:
            step_transfer(session, each.id, _unserved(each, news.end, by_person), now)
            _free_agent(session, each, AgentStep.WITHDRAW, now, told)
    refuse_open_orders(session, news.attempt, _AT_THE_CALL, now, CALL_IS_OVER)


def _unserved(wish: TransferFacts, end: CallEnd, by_person: bool) -> TransferStep:
    """`by_person`: a supervisor ended the call, and nobody promised a callback."""
    if end is CallEnd.CUSTOMER:
        return TransferStep.LOSE
    if end is CallEnd.US and not by_person and wish.status is not TransferStatus.ACCEPTED:
        # The worker gave up by itself, promised a callback and said goodbye.
        return TransferStep.GIVE_UP
    return TransferStep.FAIL


def _talk_by(session: Session, attempt_id: int, join: int) -> TransferFacts | None:
    """Return what somebody took on by that join; None: they only listen, or it is over."""
    return next(
        (
            each
            for each in transfers_of(session, attempt_id)
            if each.visit == join
            and each.status in (TransferStatus.ACCEPTED, TransferStatus.JOINED)
        ),
        None,
    )


def _free_agent(
    session: Session,
    talk: TransferFacts,
    step: AgentStep,
    now: datetime,
    news: AgentNews | None = None,
) -> None:
    """Take a step of the agent of a talk, if it is what they are busy with."""
    if talk.agent_id is None:
        return
    busy = agent(session, talk.agent_id)
    if busy is None or busy.transfer_id != talk.id:
        return
    if busy.state is AgentState.TALKING or (
        busy.state is AgentState.OFFERED and step is AgentStep.WITHDRAW
    ):
        step_agent(session, talk.agent_id, step, now, news=news)
