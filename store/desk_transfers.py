"""Transfers: a customer's wish for a person, step by step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import Transfer
from store.desk_reading import transfer_facts
from store.desk_states import TransferStep, transfer_after
from store.desk_types import DeskLine, TransferStatus
from store.desk_values import FlagRecord, TransferFacts
from store.errors import DeskError

UNASKED: Final = "take_over"
"""Stands for the rule where somebody took a call over that nobody had asked them to."""

_ENDED = frozenset(
    {
        TransferStatus.WRAP_UP,
        TransferStatus.NOBODY,
        TransferStatus.LOST,
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
) -> TransferFacts:
    """Write down that a customer waits for a person."""
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
        passed_by=[],
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
    brief: Mapping[str, Any],
    now: datetime,
) -> TransferFacts:
    """Write down that somebody takes a call over of their own accord; the device is being reached.

    Nobody asked for them, so it has no rule of flagging.
    """
    row = Transfer(
        attempt_id=attempt_id,
        engine=engine,
        rule=UNASKED,
        label={"zh": "主动接管", "en": "Taken over"},
        priority=0,
        line=DeskLine.FIRST,
        language=language,
        brief=dict(brief),
        status=TransferStatus.ACCEPTED,
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
    how: str = "",
) -> TransferFacts:
    """Take a step of a transfer: `agent_id` is whom it is offered to, `how` why it ended.

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
            row.agent_id = row.offered_at = row.accepted_at = None
        case TransferStep.ACCEPT:
            row.accepted_at = now
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
    """Tell a transfer that waits, or waits again, why it does so now; it is served before."""
    row = locked_transfer(session, transfer_id)
    row.priority = max(row.priority, flag.priority)
    row.brief = dict(brief)
    row.requested_at = now
    session.flush()
    return transfer_facts(row)


def keep_form(
    session: Session, transfer_id: int, form: Mapping[str, Any], now: datetime
) -> TransferFacts:
    """Keep what an agent wrote down; a talk that is over is done with it."""
    row = locked_transfer(session, transfer_id)
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
