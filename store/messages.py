"""The outbox of messages: put in with what they are about, taken out by whoever sends them.

A message is sent at least once: its receiver knows the idempotency key. Where a gateway would send
a second time, `handing_over` says so before, and whoever finds that mark buries the message.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.errors import StoreError
from store.message_models import Message
from store.message_rows import outgoing, row_of
from store.message_types import DeliveryState, MessageKind, MessageStatus, MessageWhy
from store.message_values import ClaimedMessage, OutgoingMessage
from store.models import Contact, Suppression

NOT_REPEATED: Final = (
    "It was handed to the gateway and no answer came; it may have been sent. "
    "Ask the provider, then replay or cancel it."
)
_ERROR_LENGTH: Final = 500


def enqueue(session: Session, message: OutgoingMessage, now: datetime) -> bool:
    """Put a message into the outbox; False when one with the same key is there already."""
    return enqueue_all(session, (message,), now) == 1


def enqueue_all(session: Session, messages: Iterable[OutgoingMessage], now: datetime) -> int:
    """Put messages into the outbox and return how many were new."""
    rows = [row_of(each, now) for each in messages]
    if not rows:
        return 0
    postgres = session.get_bind().dialect.name == "postgresql"
    put: Any = (postgresql if postgres else sqlite).insert(Message)
    new = put.on_conflict_do_nothing(index_elements=[Message.idempotency_key])
    return len(session.scalars(new.returning(Message.id), rows).all())


def claim_due(
    session: Session,
    target: str,
    now: datetime,
    *,
    sender: str,
    lease_until: datetime,
    at_most: int,
) -> tuple[ClaimedMessage, ...]:
    """Take messages of a target whose time has come, the longest due first, for one sender.

    What nobody wants any more, or would come too late, is cancelled; what another sender may have
    handed over before it died is dead.
    """
    due = (
        sa.select(Message)
        .where(
            is_pending(),
            Message.target == target,
            Message.next_try_at <= now,
            sa.or_(Message.lease_until.is_(None), Message.lease_until <= now),
        )
        .order_by(Message.next_try_at, Message.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    taken: list[Message] = []
    for row in session.scalars(due).all():
        if row.handed_over:
            _end(row, MessageStatus.DEAD, MessageWhy.UNKNOWN, NOT_REPEATED)
        elif row.useful_until is not None and row.useful_until <= now:
            _end(row, MessageStatus.CANCELLED, MessageWhy.TOO_LATE)
        elif row.kind.is_to_a_person and is_unwanted(session, row.phone, row.merchant):
            _end(row, MessageStatus.CANCELLED, MessageWhy.UNWANTED)
        else:
            row.claimed_by, row.lease_until, row.tries = sender, lease_until, row.tries + 1
            taken.append(row)
    session.flush()
    campaigns = _campaigns(session, [row.contact_id for row in taken if row.contact_id])
    return tuple(
        ClaimedMessage(row.id, row.tries, outgoing(row), campaigns.get(row.contact_id or 0))
        for row in taken
    )


def is_pending() -> sa.ColumnElement[bool]:
    """Return the condition as the partial index of due messages has it: a word, no parameter."""
    return sa.literal_column("messages.status") == sa.literal_column("'pending'")


def is_unwanted(session: Session, phone: str, merchant: str = "") -> bool:
    """May nothing be sent to this number (E.164), at all or for this merchant?"""
    return bool(phone) and not {"", merchant}.isdisjoint(
        unwanted_for(session, [phone]).get(phone, ())
    )


def unwanted_for(session: Session, phones: Collection[str]) -> Mapping[str, frozenset[str]]:
    """Return for which merchants numbers may not be written to; the empty word is for all."""
    found: dict[str, frozenset[str]] = {}
    listed = sa.select(Suppression.phone, Suppression.merchant).where(Suppression.phone.in_(phones))
    for phone, merchant in session.execute(listed):
        found[phone] = found.get(phone, frozenset()) | {merchant}
    return found


def renew_claim(session: Session, claim: ClaimedMessage, lease_until: datetime) -> bool:
    """Keep a message; False when somebody else has it, or it was called off."""
    return _settle(session, claim, lease_until=lease_until)


def handing_over(session: Session, claim: ClaimedMessage) -> bool:
    """Note that the message is about to be given to a gateway that would send it twice.

    False when it may not be sent any more: it was called off, or somebody else has it.
    """
    return _settle(session, claim, handed_over=True)


def mark_sent(
    session: Session,
    claim: ClaimedMessage,
    at: datetime,
    *,
    provider_id: str = "",
    conflict: str = "",
) -> bool:
    """Note that the receiver has it; `conflict`: JSON of what it objected.

    False when somebody else settled it meanwhile.
    """
    return _settle(
        session,
        claim,
        status=MessageStatus.SENT,
        sent_at=at,
        provider_id=provider_id[:128],
        last_error="",
        lease_until=None,
        handed_over=False,
        conflict=conflict,
        conflict_open=bool(conflict),
    )


def put_off(
    session: Session,
    claim: ClaimedMessage,
    until: datetime,
    error: str = "",
    *,
    counts: bool = True,
) -> bool:
    """Try again later; `counts`: this was one of the tries that it has."""
    return _settle(
        session,
        claim,
        next_try_at=until,
        last_error=error[:_ERROR_LENGTH],
        lease_until=None,
        handed_over=False,
        tries=claim.tries if counts else claim.tries - 1,
    )


def bury(session: Session, claim: ClaimedMessage, why: MessageWhy, error: str) -> bool:
    """Try it no more until an operator says so."""
    return _settle(
        session,
        claim,
        status=MessageStatus.DEAD,
        why=why,
        last_error=error[:_ERROR_LENGTH],
        lease_until=None,
        handed_over=False,
    )


def call_off(session: Session, claim: ClaimedMessage, why: MessageWhy) -> bool:
    """Don't send it."""
    return _settle(
        session, claim, status=MessageStatus.CANCELLED, why=why, lease_until=None, handed_over=False
    )


def cancel(session: Session, message_id: int) -> bool:
    """Let an operator call a message off; False when it went out, or is cancelled.

    What a sender holds at this moment may still go out. Raises StoreError when there is none.
    """
    row = _one(session, message_id)
    if row.status not in (MessageStatus.PENDING, MessageStatus.DEAD):
        return False
    _end(row, MessageStatus.CANCELLED, MessageWhy.OPERATOR, row.last_error)
    return True


def replay(session: Session, ids: Collection[int], now: datetime) -> int:
    """Let dead messages be tried again from the beginning, under the same keys; return how many.

    What is not dead stays as it is, so that doing it twice is doing it once. Emptied messages to
    people who were forgotten stay dead.
    """
    again = (
        sa.update(Message)
        .where(
            Message.id.in_(ids),
            Message.status == MessageStatus.DEAD,
            sa.or_(
                Message.kind.not_in((MessageKind.SMS, MessageKind.EMAIL)), Message.address != ""
            ),
        )
        .values(
            status=MessageStatus.PENDING,
            why=MessageWhy.NONE,
            tries=0,
            next_try_at=now,
            lease_until=None,
            handed_over=False,
        )
        .returning(Message.id)
    )
    return len(session.scalars(again).all())


def take_receipt(
    session: Session, provider_id: str, state: DeliveryState, at: datetime
) -> str | None:
    """Keep what a provider told of a message it took; return whose it is, a number (E.164).

    None when the message isn't known (yet).
    """
    known = (
        sa.update(Message)
        .where(Message.provider_id == provider_id, Message.sent_at.is_not(None))
        .values(delivery=state, delivered_at=at)
        .returning(Message.phone)
    )
    phones = session.scalars(known).all() if provider_id else ()
    return phones[0] if phones else None


def _settle(session: Session, claim: ClaimedMessage, **values: Any) -> bool:
    mine = (
        sa.update(Message)
        .where(
            Message.id == claim.id,
            Message.status == MessageStatus.PENDING,
            Message.tries == claim.tries,
        )
        .values(values)
        .returning(Message.id)
    )
    return session.scalar(mine) is not None


def _end(row: Message, status: MessageStatus, why: MessageWhy, error: str = "") -> None:
    row.status, row.why, row.last_error = status, why, error
    row.lease_until, row.handed_over = None, False


def _one(session: Session, message_id: int) -> Message:
    row = session.scalar(sa.select(Message).where(Message.id == message_id).with_for_update())
    if row is None:
        raise StoreError(f"There is no message {message_id}; see `menling messages list`")
    return row


def _campaigns(session: Session, contacts: Collection[int]) -> Mapping[int, int]:
    found = sa.select(Contact.id, Contact.campaign_id).where(Contact.id.in_(contacts))
    return {contact: campaign for contact, campaign in session.execute(found)}
