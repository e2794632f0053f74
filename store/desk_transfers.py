"""Transfers: a customer's wish for a person, step by step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_leftovers import OPEN
from store.desk_models import Transfer
from store.desk_reading import transfer_facts
from store.desk_states import TransferStep, transfer_after
from store.desk_types import DeskLine, TransferStatus
from store.desk_values import FlagRecord, TransferFacts
from store.errors import DeskError
from store.models import Attempt, Delivery

UNASKED: Final = "take_over"
"""Stands for the rule where somebody took a call over that nobody had asked them to."""

PARCEL: Final = "parcel"
"""In a brief: what happened to the parcel since the customer waits, by language."""

_ENDED = frozenset(
    {
        TransferStatus.WRAP_UP,
        TransferStatus.NOBODY,
        TransferStatus.LOST,
        TransferStatus.UNWANTED,
        TransferStatus.FAILED,
    }
)


def open_transfer(
    session: Session,
    attempt_id: int,
    engine: str,
    flag: FlagRecord,
    language: str,
    brief: Mapping[str, Any],
    now: datetime,
    passed_by: Iterable[int] = (),
) -> TransferFacts:
    """Write down that a customer waits for a person; `passed_by` were lost to him before."""
    row = Transfer(
        attempt_id=attempt_id,
        engine=engine,
        rule=flag.rule,
        label=dict(flag.label),
        priority=flag.priority,
        line=flag.line,
        language=language,
        brief=dict(brief),
        status=TransferStatus.WAITING,
        requested_at=now,
        passed_by=sorted(passed_by),
        form={},
        form_applied=False,
    )
    session.add(row)
    session.flush()
    return transfer_facts(row)


def take_over(
    session: Session,
    attempt_id: int,
    engine: str,
    user_id: int,
    language: str,
    now: datetime,
    *,
    visit: int,
) -> TransferFacts:
    """Write down that somebody takes a call over of their own accord; the device is being reached.

    Nobody asked for them, so it has no rule of flagging. `visit`: the join by which they do.
    """
    row = Transfer(
        attempt_id=attempt_id,
        engine=engine,
        rule=UNASKED,
        label={"zh": "主动接管", "en": "Taken over"},
        priority=0,
        line=DeskLine.FIRST,
        language=language,
        brief={},
        status=TransferStatus.ACCEPTED,
        visit=visit,
        requested_at=now,
        agent_id=user_id,
        accepted_at=now,
        passed_by=[],
        form={},
        form_applied=False,
    )
    session.add(row)
    session.flush()
    return transfer_facts(row)


def step_transfer(
    session: Session,
    transfer_id: int,
    step: TransferStep,
    now: datetime,
    *,
    agent_id: int | None = None,
    visit: int | None = None,
    how: str = "",
) -> TransferFacts:
    """Take a step of a transfer.

    `agent_id` is whom it is offered to, `visit` the join of whoever accepts, `how` why it ended.

    Raises DeskError where it makes no sense.
    """
    row = locked_transfer(session, transfer_id)
    row.status = transfer_after(row.status, step)
    match step:
        case TransferStep.OFFER:
            row.agent_id, row.offered_at = agent_id, now
        case TransferStep.WITHDRAW:
            if row.agent_id is not None and row.agent_id not in row.passed_by:
                row.passed_by = [*row.passed_by, row.agent_id]
            row.agent_id = row.offered_at = row.accepted_at = row.visit = None
        case TransferStep.ACCEPT:
            row.accepted_at, row.visit = now, visit
        case TransferStep.JOIN:
            row.joined_at = now
        case _:
            pass
    if row.status in _ENDED:
        row.ended_at, row.ended_how = now, how or step.value
        if row.status is not TransferStatus.WRAP_UP:
            row.agent_id = None
    session.flush()
    return transfer_facts(row)


def raise_transfer(
    session: Session,
    transfer_id: int,
    flag: FlagRecord,
    brief: Mapping[str, Any],
    now: datetime,
) -> TransferFacts:
    """Tell a transfer that waits why it does so now; it is served before others."""
    row = locked_transfer(session, transfer_id)
    row.priority = max(row.priority, flag.priority)
    row.brief = {name: row.brief[name] for name in (PARCEL,) if name in row.brief} | dict(brief)
    if row.rule == UNASKED:
        # Whoever was about to take the call unasked is waited for now, and so is the next.
        row.rule, row.label, row.line = flag.rule, dict(flag.label), flag.line
        row.requested_at = now
    session.flush()
    return transfer_facts(row)


def note_parcel(session: Session, waybill: str, told: Mapping[str, str]) -> int:
    """Tell whoever has, or is offered, a customer what happened to the parcel meanwhile.

    The customer waits on: they asked for a person. `told`: by language: zh, en. Returns how many.
    """
    rows = session.scalars(
        sa.select(Transfer)
        .join(Attempt, Attempt.id == Transfer.attempt_id)
        .join(Delivery, Delivery.contact_id == Attempt.contact_id)
        .where(Transfer.status.in_(OPEN), Delivery.waybill == waybill)
        .with_for_update(of=Transfer)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        row.brief = {**row.brief, PARCEL: dict(told)}
    session.flush()
    return len(rows)


def keep_form(
    session: Session, transfer_id: int, form: Mapping[str, Any], now: datetime
) -> TransferFacts:
    """Keep what an agent wrote down; a talk that is over is done with it.

    The same form a second time is the first one.
    """
    row = locked_transfer(session, transfer_id)
    if row.form_at is None or row.form != dict(form):
        row.form, row.form_at, row.form_applied = dict(form), now, False
    if row.status is TransferStatus.WRAP_UP:
        row.status = transfer_after(row.status, TransferStep.FILE)
    session.flush()
    return transfer_facts(row)


def mark_form_applied(session: Session, transfer_id: int) -> None:
    """Note that the outcome of the call says what the form says."""
    locked_transfer(session, transfer_id).form_applied = True
    session.flush()


def transfers_held_by(
    session: Session, engine: str, statuses: Collection[TransferStatus]
) -> tuple[TransferFacts, ...]:
    """Return the transfers of an engine's calls, the most urgent first."""
    query = (
        sa.select(Transfer)
        .where(Transfer.engine == engine, Transfer.status.in_(statuses))
        .order_by(Transfer.priority.desc(), Transfer.requested_at, Transfer.id)
    )
    return tuple(transfer_facts(row) for row in session.scalars(query))


def locked_transfer(session: Session, transfer_id: int) -> Transfer:
    """Return the row of a transfer, for a step. Raises DeskError when there is none."""
    row = session.scalar(
        sa.select(Transfer)
        .where(Transfer.id == transfer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise DeskError(f"There is no transfer {transfer_id}")
    return row
