"""Orders: what people at the console ask of the engine that holds a call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import DeskOrder, LiveCall, Transfer
from store.desk_reading import order_facts
from store.desk_types import OrderKind, TransferStatus
from store.desk_values import OrderFacts, TransferFacts
from store.errors import DeskError
from store.models import Attempt
from store.suppression import suppress
from store.types import Outcome, SuppressionReason

_TALKED: Final = frozenset({TransferStatus.JOINED, TransferStatus.WRAP_UP, TransferStatus.DONE})


def place_order(
    session: Session,
    kind: OrderKind,
    user_id: int,
    user_name: str,
    now: datetime,
    *,
    attempt_id: int | None = None,
    transfer_id: int | None = None,
    payload: Mapping[str, Any] | None = None,
) -> int:
    """Ask something of the engine that holds a call; return the number of the order.

    A form that says that somebody wants no more calls counts at once, for no engine may be there.
    Raises DeskError when the call is over, but for a form, which may come afterwards.
    """
    about = None
    if transfer_id is not None:
        about = session.get(Transfer, transfer_id)
        if about is None:
            raise DeskError(f"There is no transfer {transfer_id}")
        attempt_id = about.attempt_id
    if attempt_id is None:
        raise DeskError("An order is about a call; name the attempt or the transfer")
    engine = _holder(session, attempt_id, about)
    if not engine and kind is not OrderKind.FORM:
        raise DeskError("The call is over")
    row = DeskOrder(
        at=now,
        user_id=user_id,
        user_name=user_name,
        engine=engine,
        kind=kind,
        attempt_id=attempt_id,
        transfer_id=transfer_id,
        payload=dict(payload or {}),
    )
    session.add(row)
    session.flush()
    if kind is OrderKind.FORM and about is not None and may_write(about, user_id):
        _heed_opt_out(session, row, now)
    return row.id


def may_write(about: Transfer | TransferFacts, user_id: int) -> bool:
    """Say whether a user may write down what a talk came to: they had it, or have it."""
    return about.agent_id == user_id and about.status in _TALKED


def untaken_orders(session: Session, engine: str) -> bool:
    """Say whether anything is asked of an engine; cheap, for those who ask often."""
    query = sa.select(DeskOrder.id).where(_for(engine)).limit(1)
    return session.scalar(query) is not None


def take_orders(session: Session, engine: str, now: datetime) -> tuple[OrderFacts, ...]:
    """Take what is asked of an engine, oldest first; nobody else gets it."""
    rows = session.scalars(
        sa.select(DeskOrder)
        .where(_for(engine), DeskOrder.kind.in_(OrderKind))
        .order_by(DeskOrder.id)
        .limit(100)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.taken_at = now
    session.flush()
    return tuple(order_facts(row) for row in rows)


def refuse_unknown_orders(
    session: Session, engine: str, now: datetime, why: Mapping[str, str]
) -> None:
    """Refuse what a console of a newer version asks and we don't know."""
    session.execute(
        sa.update(DeskOrder)
        .where(_for(engine), DeskOrder.kind.not_in(OrderKind))
        .values(taken_at=now, answered_at=now, refused=dict(why))
    )


def answer_order(
    session: Session, order_id: int, now: datetime, answer: Mapping[str, Any] | None = None
) -> None:
    """Say that an order was done; a second answer changes nothing."""
    session.execute(
        sa.update(DeskOrder)
        .where(DeskOrder.id == order_id, DeskOrder.answered_at.is_(None))
        .values(answered_at=now, answer=dict(answer or {}))
    )


def refuse_order(session: Session, order_id: int, now: datetime, why: Mapping[str, str]) -> None:
    """Say why an order can't be done, by language; a second answer changes nothing."""
    session.execute(
        sa.update(DeskOrder)
        .where(DeskOrder.id == order_id, DeskOrder.answered_at.is_(None))
        .values(answered_at=now, refused=dict(why))
    )


def withdraw_order(session: Session, order_id: int, now: datetime, why: Mapping[str, str]) -> None:
    """Take back what no engine has taken; a form stays, which is true whenever it is read."""
    session.execute(
        sa.update(DeskOrder)
        .where(
            DeskOrder.id == order_id,
            DeskOrder.taken_at.is_(None),
            DeskOrder.kind != OrderKind.FORM,
        )
        .values(taken_at=now, answered_at=now, refused=dict(why))
    )


def open_orders(session: Session, attempt_id: int, kinds: Collection[OrderKind]) -> tuple[int, ...]:
    """Return what was taken about a call and is not answered yet, oldest first."""
    query = (
        sa.select(DeskOrder.id)
        .where(
            DeskOrder.attempt_id == attempt_id,
            DeskOrder.kind.in_(kinds),
            DeskOrder.taken_at.is_not(None),
            DeskOrder.answered_at.is_(None),
        )
        .order_by(DeskOrder.id)
    )
    return tuple(session.scalars(query))


def was_done(session: Session, attempt_id: int, kind: OrderKind) -> bool:
    """Say whether somebody asked for that in a call and was not refused."""
    answers = session.scalars(
        sa.select(DeskOrder.refused).where(
            DeskOrder.attempt_id == attempt_id,
            DeskOrder.kind == kind,
            DeskOrder.answered_at.is_not(None),
        )
    )
    return any(not refused for refused in answers)


def refuse_open_orders(
    session: Session,
    attempt_id: int,
    kinds: Collection[OrderKind],
    now: datetime,
    why: Mapping[str, str],
) -> None:
    """Refuse what was asked about a call and is not answered yet."""
    session.execute(
        sa.update(DeskOrder)
        .where(
            DeskOrder.attempt_id == attempt_id,
            DeskOrder.kind.in_(kinds),
            DeskOrder.answered_at.is_(None),
        )
        .values(
            taken_at=sa.func.coalesce(DeskOrder.taken_at, now),
            answered_at=now,
            refused=dict(why),
        )
    )


def refuse_orders_of(session: Session, engine: str, now: datetime, why: Mapping[str, str]) -> None:
    """Refuse all that was asked of an engine that is gone."""
    session.execute(
        sa.update(DeskOrder)
        .where(
            DeskOrder.engine == engine,
            DeskOrder.answered_at.is_(None),
            DeskOrder.kind != OrderKind.FORM,
        )
        .values(taken_at=now, answered_at=now, refused=dict(why))
    )
    session.execute(
        sa.update(DeskOrder)
        .where(DeskOrder.engine == engine, DeskOrder.answered_at.is_(None))
        .values(engine="", taken_at=None)
    )


def old_orders(session: Session, before: datetime) -> bool:
    """Say whether anything is kept that was asked before then, but forms that nobody has read."""
    query = sa.select(DeskOrder.id).where(_asked_before(before)).limit(1)
    return session.scalar(query) is not None


def forget_orders(session: Session, before: datetime) -> None:
    """Throw away what was asked before then, but forms that nobody has read."""
    session.execute(sa.delete(DeskOrder).where(_asked_before(before)))


def _heed_opt_out(session: Session, form: DeskOrder, now: datetime) -> None:
    attempt = session.get(Attempt, form.attempt_id)
    if attempt is not None and form.payload.get("outcome") == Outcome.OPTED_OUT:
        source = f"attempt {attempt.id}, agent {form.user_id}"
        suppress(session, attempt.phone, SuppressionReason.OPTED_OUT, now, source)


def _holder(session: Session, attempt_id: int, about: Transfer | None) -> str:
    """Return the engine that holds a call; empty: it is over."""
    live = session.get(LiveCall, attempt_id)
    if live is not None:
        return live.engine
    if about is None:
        return ""
    # What is shown of a call comes in batches, perhaps later than the wish for a person.
    goes_on = about.status.is_waiting or about.status is TransferStatus.JOINED
    return about.engine if goes_on else ""


def _asked_before(before: datetime) -> sa.ColumnElement[bool]:
    read = sa.or_(DeskOrder.answered_at.is_not(None), DeskOrder.kind != OrderKind.FORM)
    return sa.and_(DeskOrder.at < before, read)


def _for(engine: str) -> sa.ColumnElement[bool]:
    return sa.and_(DeskOrder.engine.in_((engine, "")), DeskOrder.taken_at.is_(None))
