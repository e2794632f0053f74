"""The desk and the calls in progress, as those see them who watch; each asks in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_leftovers import OPEN
from store.desk_models import (
    Agent,
    CallFlag,
    CallVisit,
    DeskOrder,
    EngineSign,
    LiveCall,
    LiveTurn,
    Transfer,
)
from store.desk_reading import (
    agent_facts,
    engine_facts,
    flag_record,
    live_turn_record,
    order_answer,
    read_flag,
    read_person,
    transfer_facts,
    visit_record,
)
from store.desk_types import AgentState, TransferStatus
from store.desk_values import (
    AgentFacts,
    Board,
    EngineFacts,
    FlagRecord,
    LiveCallFacts,
    LiveTurnRecord,
    OrderAnswer,
    TransferFacts,
    VisitRecord,
)
from store.errors import DeskError
from store.models import Attempt, Campaign, Contact, Delivery, Recipient


def live_board(session: Session, now: datetime) -> Board:
    """Return everything that goes on at this moment."""
    return Board(
        at=now,
        calls=live_calls(session),
        transfers=open_transfers(session),
        agents=agents(session),
        engines=engines(session),
    )


def live_calls(
    session: Session, attempts: Collection[int] | None = None
) -> tuple[LiveCallFacts, ...]:
    """Return the calls in progress, oldest first; `attempts` narrows them."""
    query = (
        sa.select(LiveCall, Contact, Recipient.name, Campaign.name, Campaign.flow)
        .join(Attempt, Attempt.id == LiveCall.attempt_id)
        .join(Contact, Contact.id == Attempt.contact_id)
        .join(Recipient, Recipient.id == Contact.recipient_id)
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .order_by(LiveCall.began_at, LiveCall.attempt_id)
    )
    if attempts is not None:
        query = query.where(LiveCall.attempt_id.in_(attempts))
    rows = session.execute(query).all()
    waybills: dict[int, list[str]] = {}
    parcels = (
        sa.select(Delivery.contact_id, Delivery.waybill)
        .where(Delivery.contact_id.in_([contact.id for _, contact, *_ in rows]))
        .order_by(Delivery.id)
    )
    for contact_id, waybill in session.execute(parcels):
        waybills.setdefault(contact_id, []).append(waybill)
    return tuple(
        LiveCallFacts(
            attempt_id=live.attempt_id,
            campaign_id=contact.campaign_id,
            campaign=campaign,
            flow=flow,
            language=contact.language,
            contact_id=contact.id,
            recipient=recipient,
            phone=contact.phone,
            waybills=tuple(waybills.get(contact.id, ())),
            engine=live.engine,
            stage=live.stage,
            began_at=live.began_at,
            answered_at=live.answered_at,
            state=live.state,
            speaker=live.speaker,
            words=live.words,
            flags=tuple(read_flag(each) for each in live.flags),
            people=tuple(read_person(each) for each in live.people),
            updated_at=live.updated_at,
        )
        for live, contact, recipient, campaign, flow in rows
    )


def live_call(session: Session, attempt_id: int) -> LiveCallFacts | None:
    """Return a call in progress; None: it is over, or was never begun."""
    return next(iter(live_calls(session, [attempt_id])), None)


def live_turns(session: Session, attempt_id: int, after: int = -1) -> tuple[LiveTurnRecord, ...]:
    """Return what was said in a call in progress, from the position behind `after`.

    A turn may still change while it is the last one, so ask again from before it.
    """
    rows = session.scalars(
        sa.select(LiveTurn)
        .where(LiveTurn.attempt_id == attempt_id, LiveTurn.position > after)
        .order_by(LiveTurn.position)
    )
    return tuple(live_turn_record(row) for row in rows)


def agents(session: Session, *, present: bool = False) -> tuple[AgentFacts, ...]:
    """Return the agents by name; `present`: only those who are not off."""
    query = sa.select(Agent).order_by(Agent.name, Agent.user_id)
    if present:
        query = query.where(Agent.state != AgentState.OFF)
    return tuple(agent_facts(row) for row in session.scalars(query))


def agent(session: Session, user_id: int) -> AgentFacts | None:
    """Return one agent; None: this user never signed in at the desk."""
    row = session.get(Agent, user_id)
    return None if row is None else agent_facts(row)


def offer_for(session: Session, user_id: int) -> TransferFacts | None:
    """Return what is offered to an agent, or what they talk or write about; None: nothing."""
    query = (
        sa.select(Transfer)
        .join(Agent, Agent.transfer_id == Transfer.id)
        .where(Agent.user_id == user_id, Transfer.agent_id == user_id)
    )
    row = session.scalar(query)
    return None if row is None else transfer_facts(row)


def unfiled_transfers(session: Session, user_id: int) -> tuple[TransferFacts, ...]:
    """Return the talks of an agent of which the form is still to come, oldest first."""
    query = (
        sa.select(Transfer)
        .where(Transfer.agent_id == user_id, Transfer.status == TransferStatus.WRAP_UP)
        .order_by(Transfer.id)
    )
    return tuple(transfer_facts(row) for row in session.scalars(query))


def talks(session: Session, user_id: int | None = None) -> tuple[TransferFacts, ...]:
    """Return the talks that somebody has or is about to have; `user_id`: those of one user."""
    query = sa.select(Transfer).where(
        Transfer.status.in_((TransferStatus.ACCEPTED, TransferStatus.JOINED))
    )
    if user_id is not None:
        query = query.where(Transfer.agent_id == user_id)
    return tuple(transfer_facts(row) for row in session.scalars(query.order_by(Transfer.id)))


def transfer(session: Session, transfer_id: int) -> TransferFacts:
    """Return one transfer. Raises DeskError when there is none."""
    row = session.get(Transfer, transfer_id)
    if row is None:
        raise DeskError(f"There is no transfer {transfer_id}")
    return transfer_facts(row)


def open_transfers(
    session: Session, statuses: Collection[TransferStatus] = OPEN
) -> tuple[TransferFacts, ...]:
    """Return transfers of these statuses, the most urgent first."""
    query = (
        sa.select(Transfer)
        .where(Transfer.status.in_(statuses))
        .order_by(Transfer.priority.desc(), Transfer.requested_at, Transfer.id)
    )
    return tuple(transfer_facts(row) for row in session.scalars(query))


def waiting_transfers(session: Session) -> tuple[TransferFacts, ...]:
    """Return those that wait for a person and have none yet, the most urgent first."""
    statuses = (TransferStatus.WAITING, TransferStatus.OFFERED, TransferStatus.ACCEPTED)
    return open_transfers(session, statuses)


def transfers_of(session: Session, attempt_id: int) -> tuple[TransferFacts, ...]:
    """Return the transfers of a call, oldest first."""
    query = sa.select(Transfer).where(Transfer.attempt_id == attempt_id).order_by(Transfer.id)
    return tuple(transfer_facts(row) for row in session.scalars(query))


def order(session: Session, order_id: int) -> OrderAnswer:
    """Return what came of an order so far. Raises DeskError when there is none."""
    row = session.get(DeskOrder, order_id)
    if row is None:
        raise DeskError(f"There is no order {order_id}")
    return order_answer(row)


def engines(session: Session) -> tuple[EngineFacts, ...]:
    """Return the engines that serve, or died without a word, oldest first."""
    query = sa.select(EngineSign).order_by(EngineSign.started_at, EngineSign.name)
    return tuple(engine_facts(row) for row in session.scalars(query))


def flags_of(session: Session, attempt_id: int) -> tuple[FlagRecord, ...]:
    """Return why a call that is over deserved a person's eye, the most urgent first."""
    query = (
        sa.select(CallFlag)
        .where(CallFlag.attempt_id == attempt_id)
        .order_by(CallFlag.priority.desc(), CallFlag.id)
    )
    return tuple(flag_record(row) for row in session.scalars(query))


def visits_of(session: Session, attempt_id: int) -> tuple[VisitRecord, ...]:
    """Return who of us was in a call that is over, in the order they came."""
    query = (
        sa.select(CallVisit)
        .where(CallVisit.attempt_id == attempt_id)
        .order_by(CallVisit.began_seconds, CallVisit.id)
    )
    return tuple(visit_record(row) for row in session.scalars(query))
