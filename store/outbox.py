"""The outbox: what dispatch must learn, kept until it was handed over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.models import Delivery, OutcomeRecord, WriteBack
from store.reading import latest_outcome
from store.types import WriteBackStatus
from store.values import PendingWriteBack


def pending_write_backs(
    session: Session, limit: int = 500, campaign_id: int | None = None
) -> tuple[PendingWriteBack, ...]:
    """Return what dispatch does not know yet, oldest first."""
    query = (
        sa.select(WriteBack, Delivery, OutcomeRecord)
        .join(Delivery, Delivery.id == WriteBack.delivery_id)
        .join(OutcomeRecord, OutcomeRecord.id == WriteBack.outcome_id)
        .where(WriteBack.status == WriteBackStatus.PENDING)
        .order_by(WriteBack.id)
        .limit(limit)
    )
    if campaign_id is not None:
        query = query.where(Delivery.campaign_id == campaign_id)
    return tuple(
        PendingWriteBack(
            id=row.id,
            idempotency_key=row.idempotency_key,
            campaign_id=delivery.campaign_id,
            delivery_id=delivery.id,
            waybill=delivery.waybill,
            attempt_id=record.attempt_id,
            tries=row.tries,
            last_error=row.last_error,
            latest=latest_outcome(record),
        )
        for row, delivery, record in session.execute(query)
    )


def mark_written(session: Session, ids: Collection[int], at: datetime) -> None:
    """Note that dispatch knows these outcomes now."""
    session.execute(
        sa.update(WriteBack)
        .where(WriteBack.id.in_(ids), WriteBack.status == WriteBackStatus.PENDING)
        .values(
            status=WriteBackStatus.WRITTEN,
            written_at=at,
            tries=WriteBack.tries + 1,
            last_error="",
        )
    )


def mark_write_failed(session: Session, ids: Collection[int], error: str) -> None:
    """Note why these outcomes could not be handed over; they stay in the outbox."""
    session.execute(
        sa.update(WriteBack)
        .where(WriteBack.id.in_(ids))
        .values(tries=WriteBack.tries + 1, last_error=error)
    )
