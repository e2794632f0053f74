"""Erasing messages: of a person who is forgotten, and of those that are old."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.message_models import Message
from store.message_types import MessageKind, MessageStatus, MessageWhy

_EMPTIED: Final = dict.fromkeys(
    ("waybill", "merchant", "phone", "address", "subject", "body", "last_error", "conflict"), ""
)


def forget_messages(
    session: Session, contacts: Collection[int], tickets: Collection[int], phones: Collection[str]
) -> None:
    """Call off and empty what is to go, or went, to people; other systems still learn outcomes."""
    to_people = Message.kind.in_((MessageKind.SMS, MessageKind.EMAIL))
    theirs = sa.or_(
        Message.contact_id.in_(contacts), Message.ticket_id.in_(tickets), Message.phone.in_(phones)
    )
    session.execute(
        sa.update(Message)
        .where(theirs, to_people, Message.status.in_((MessageStatus.PENDING, MessageStatus.DEAD)))
        .values(status=MessageStatus.CANCELLED, why=MessageWhy.FORGOTTEN, lease_until=None)
    )
    session.execute(sa.update(Message).where(theirs).values(_EMPTIED))


def old_messages(session: Session, before: datetime, at_most: int) -> tuple[int, ...]:
    """Return messages that are over, were written before then, and still say something."""
    old = (
        sa.select(Message.id)
        .where(
            Message.created_at < before,
            Message.status != MessageStatus.PENDING,
            sa.or_(Message.body != "", Message.address != ""),
        )
        .order_by(Message.id)
        .limit(at_most)
    )
    return tuple(session.scalars(old))


def empty_messages(session: Session, ids: Collection[int]) -> None:
    """Erase what messages said and to whom; that there were some stays. Dead ones end with it."""
    theirs = Message.id.in_(ids)
    session.execute(sa.update(Message).where(theirs).values(_EMPTIED))
    session.execute(
        sa.update(Message)
        .where(theirs, Message.status == MessageStatus.DEAD)
        .values(status=MessageStatus.CANCELLED, why=MessageWhy.TOO_LATE)
    )
