"""What people at the console ask: messages to workers and steps of the desk, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from campaigns.desk_devices import DeviceError, device_of, sip_uri
from campaigns.desk_effects import Changed, Effect, Send
from campaigns.desk_form import FormError, form_of
from campaigns.desk_words import (
    ANOTHER_CALL,
    CALL_IS_OVER,
    MOVED_ON,
    NEEDS_AGENT,
    NOT_IN_CALL,
    NOT_OFFERED,
    Said,
    both,
)
from ivr.people import (
    Afterwards,
    CancelTransfer,
    ChangeMode,
    CompleteTransfer,
    Device,
    EndCall,
    JoinCall,
    JoinMode,
    JoinRole,
    LeaveCall,
    TransferOut,
)
from store.desk_agents import step_agent
from store.desk_orders import answer_order, may_write
from store.desk_queries import agent, talks, transfer, transfers_of
from store.desk_states import AgentStep, TransferStep
from store.desk_transfers import keep_form, step_transfer, take_over
from store.desk_types import AgentNews, AgentState, OrderKind, TransferStatus
from store.desk_values import OrderFacts, PersonInCall, TransferFacts
from store.errors import DeskError

_MODES: Final[Mapping[OrderKind, JoinMode]] = MappingProxyType(
    {
        OrderKind.LISTEN: JoinMode.LISTEN,
        OrderKind.WHISPER: JoinMode.WHISPER,
        OrderKind.BARGE: JoinMode.BARGE,
        OrderKind.TAKE_OVER: JoinMode.TAKE_OVER,
    }
)
_TALKS: Final = frozenset({JoinMode.TALK.value, JoinMode.TAKE_OVER.value})


class Refused(Exception):  # noqa: N818  reads as what it says
    """An order that can't be done; says why in both languages."""

    def __init__(self, why: Said) -> None:
        super().__init__(why["en"])
        self.why = why


@dataclass(frozen=True, slots=True)
class CallNow:
    """A call in progress, as far as orders depend on it."""

    language: str
    people: tuple[PersonInCall, ...]

    def join_of(self, user_id: int) -> PersonInCall | None:
        """Return the part that a user has in it."""
        return next((each for each in self.people if each.user_id == user_id), None)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose orders they are and where telephones are found."""

    engine: str
    sip_domain: str


def take_order(
    session: Session, order: OrderFacts, call: CallNow | None, place: Place, now: datetime
) -> tuple[Effect, ...]:
    """Do what was asked; return what follows outside the store. Raises Refused.

    `call`: None when it is over.
    """
    try:
        if order.kind is OrderKind.FORM:
            return _form(session, order, now)
        if order.kind is OrderKind.DECLINE:
            return _decline(session, order, now)
        if call is None or order.attempt_id is None:
            raise Refused(CALL_IS_OVER)
        if order.kind is OrderKind.ACCEPT:
            return _accept(session, order, place, now)
        if order.kind in _MODES:
            return _take_part(session, order, call, place, now)
        return _ask_the_call(session, order, call, place, now)
    except DeviceError as error:
        raise Refused(both(str(error))) from error
    except FormError as error:
        raise Refused(error.why) from error
    except DeskError as error:
        raise Refused(MOVED_ON) from error


def _accept(session: Session, order: OrderFacts, place: Place, now: datetime) -> tuple[Effect, ...]:
    wanted = _offered_to(session, order)
    who = agent(session, order.user_id)
    device = device_of(order.payload, who, place.sip_domain)
    _talks_to_nobody(session, order)
    step_agent(session, order.user_id, AgentStep.ACCEPT, now)
    step_transfer(session, wanted.id, TransferStep.ACCEPT, now, visit=order.id)
    return (_join(order, wanted.attempt_id, JoinRole.AGENT, JoinMode.TALK, device),)


def _decline(session: Session, order: OrderFacts, now: datetime) -> tuple[Effect, ...]:
    wanted = _offered_to(session, order)
    step_agent(session, order.user_id, AgentStep.PASS, now)
    step_transfer(session, wanted.id, TransferStep.WITHDRAW, now)
    answer_order(session, order.id, now)
    return ()


def _take_part(
    session: Session, order: OrderFacts, call: CallNow, place: Place, now: datetime
) -> tuple[Effect, ...]:
    attempt, mode = order.attempt_id or 0, _MODES[order.kind]
    mine = call.join_of(order.user_id)
    if mine is not None and mine.mode == JoinMode.TALK:
        raise Refused(MOVED_ON)
    talks = any(each.mode in _TALKS for each in call.people if each.user_id != order.user_id)
    if mode is JoinMode.WHISPER and not talks:
        raise Refused(NEEDS_AGENT)
    if mine is None:
        who = agent(session, order.user_id)
        device = device_of(order.payload, who, place.sip_domain)
        if mode is JoinMode.TAKE_OVER:
            _take_on(session, order, call, order.id, place, now)
        return (_join(order, attempt, JoinRole.SUPERVISOR, mode, device),)
    if mode is JoinMode.TAKE_OVER and mine.mode != mode:
        taken = _take_on(session, order, call, mine.join, place, now)
        step_transfer(session, taken.id, TransferStep.JOIN, now)
    elif mine.mode == JoinMode.TAKE_OVER and mode is not JoinMode.TAKE_OVER:
        _hand_back(session, order, mine.join, now)
    answer_order(session, order.id, now, {"join": mine.join})
    return (
        Send(ChangeMode(attempt, mine.join, mode)),
        Changed(attempt, mine.join, mode.value),
    )


def _join(order: OrderFacts, attempt: int, role: JoinRole, mode: JoinMode, device: Device) -> Send:
    return Send(JoinCall(attempt, order.id, role, mode, device, user=order.user_id))


def _take_on(
    session: Session, order: OrderFacts, call: CallNow, visit: int, place: Place, now: datetime
) -> TransferFacts:
    """Let a user have the customer: one who waits is not held out to anybody else any more."""
    attempt, user = order.attempt_id or 0, order.user_id
    _talks_to_nobody(session, order)
    waits = next((each for each in transfers_of(session, attempt) if each.status.is_waiting), None)
    if waits is None:
        mine = take_over(session, attempt, place.engine, user, call.language, now, visit=visit)
    else:
        if waits.status is TransferStatus.ACCEPTED:
            raise Refused(NOT_OFFERED)
        if waits.status is TransferStatus.OFFERED:
            if waits.agent_id is not None:
                news = None if waits.agent_id == user else AgentNews.TAKEN
                step_agent(session, waits.agent_id, AgentStep.WITHDRAW, now, news=news)
            step_transfer(session, waits.id, TransferStep.WITHDRAW, now)
        step_transfer(session, waits.id, TransferStep.OFFER, now, agent_id=user)
        mine = step_transfer(session, waits.id, TransferStep.ACCEPT, now, visit=visit)
    _decline_other(session, user, now)
    who = agent(session, user)
    if who is not None and who.state is AgentState.READY:
        step_agent(session, user, AgentStep.OFFER, now, mine.id)
        step_agent(session, user, AgentStep.ACCEPT, now)
    return mine


def _talks_to_nobody(session: Session, order: OrderFacts) -> None:
    """See that a user has no customer already; raises Refused."""
    if talks(session, order.user_id):
        raise Refused(ANOTHER_CALL)


def _decline_other(session: Session, user_id: int, now: datetime) -> None:
    """Hold another customer out to the next agent, for this one has taken one unasked."""
    who = agent(session, user_id)
    if who is None or who.state is not AgentState.OFFERED:
        return
    step_agent(session, user_id, AgentStep.WITHDRAW, now)
    if who.transfer_id is not None:
        step_transfer(session, who.transfer_id, TransferStep.WITHDRAW, now)


def _hand_back(session: Session, order: OrderFacts, visit: int, now: datetime) -> None:
    for each in transfers_of(session, order.attempt_id or 0):
        if each.visit == visit and each.status is TransferStatus.JOINED:
            step_transfer(session, each.id, TransferStep.LEAVE, now, how="left")
            who = agent(session, order.user_id)
            if who is not None and who.transfer_id == each.id:
                step_agent(session, order.user_id, AgentStep.FINISH, now)


def _ask_the_call(
    session: Session, order: OrderFacts, call: CallNow, place: Place, now: datetime
) -> tuple[Effect, ...]:
    attempt, asked = order.attempt_id or 0, order.payload
    if order.kind is OrderKind.END_CALL:
        answer_order(session, order.id, now)
        return (Send(EndCall(attempt)),)
    mine = call.join_of(order.user_id)
    if mine is None:
        raise Refused(NOT_IN_CALL)
    if order.kind is OrderKind.TRANSFER_OUT:
        # It is answered when the third has answered, or can't be reached.
        uri = sip_uri(str(asked.get("uri", "")), place.sip_domain)
        return (Send(TransferOut(attempt, mine.join, uri, bool(asked.get("attended")))),)
    answer_order(session, order.id, now, {"join": mine.join})
    if order.kind is OrderKind.COMPLETE:
        return (Send(CompleteTransfer(attempt, mine.join)),)
    if order.kind is OrderKind.CANCEL:
        return (Send(CancelTransfer(attempt, mine.join)),)
    then = _afterwards(asked) if mine.mode in _TALKS else Afterwards.ROBOT
    point, flow = str(asked.get("point", "")), str(asked.get("flow", ""))
    return (Send(LeaveCall(attempt, mine.join, then, point, flow)),)


def _afterwards(asked: Mapping[str, object]) -> Afterwards:
    try:
        return Afterwards(str(asked.get("then", Afterwards.HANG_UP)))
    except ValueError as error:
        raise Refused(both(f"then: {', '.join(Afterwards)}")) from error


def _form(session: Session, order: OrderFacts, now: datetime) -> tuple[Effect, ...]:
    if order.transfer_id is None:
        raise Refused(NOT_IN_CALL)
    about = transfer(session, order.transfer_id)
    if not may_write(about, order.user_id):
        raise Refused(NOT_IN_CALL)
    form = form_of(order.payload)
    keep_form(session, about.id, order.payload, now)
    who = agent(session, order.user_id)
    if who is not None and who.state is AgentState.WRAP_UP and who.transfer_id == about.id:
        after = AgentStep.GO_READY if form.then == "ready" else AgentStep.GO_ON_BREAK
        step_agent(session, order.user_id, after, now)
    answer_order(session, order.id, now)
    return ()


def _offered_to(session: Session, order: OrderFacts) -> TransferFacts:
    if order.transfer_id is None:
        raise Refused(NOT_OFFERED)
    wanted = transfer(session, order.transfer_id)
    if wanted.status is not TransferStatus.OFFERED or wanted.agent_id != order.user_id:
        raise Refused(NOT_OFFERED)
    return wanted
