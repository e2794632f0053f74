"""Promised callbacks: whom a person must call, until when, and who does; in the caller's
transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from store.callback_models import Callback, is_open
from store.errors import StoreError
from store.models import Attempt, Campaign, Contact, OutcomeRecord, Recipient, Suppression
from store.people_models import User
from store.ticket_models import Ticket
from store.types import SuppressionReason

SHOWN_AT_MOST: Final = 200
"""Nobody looks through more; the most urgent ones come first."""


class CallbackError(StoreError):
    """Somebody else calls back, or nobody has to any more; the message says which."""


@dataclass(frozen=True, slots=True)
class CallbackLine:
    """A customer to whom a callback was promised, and who was not called back yet."""

    attempt_id: int
    due_at: datetime
    recipient: str
    phone: str
    campaign: str
    language: str
    reason: str
    """Why a person must call."""
    said_at: datetime | None
    taken_by: int | None
    taken_by_name: str
    tickets: tuple[str, ...] = ()
    """Numbers of tickets that wait for the same call."""


def promise_callback(session: Session, attempt_id: int, due_at: datetime) -> None:
    """Keep what a customer was told in a call."""
    session.add(Callback(attempt_id=attempt_id, due_at=due_at))


def void_callbacks(session: Session, contact_id: int, now: datetime) -> None:
    """Let nobody be called back any more about a contact: the matter is settled, or was anew."""
    of_contact = sa.select(Attempt.id).where(Attempt.contact_id == contact_id)
    session.execute(
        sa.update(Callback)
        .where(Callback.attempt_id.in_(of_contact), Callback.done_at.is_(None))
        .values(done_at=now)
    )


def callbacks_due(session: Session, limit: int = SHOWN_AT_MOST) -> tuple[CallbackLine, ...]:
    """Return the callbacks that are still owed, the most urgent first."""
    query = _owed().order_by(Callback.due_at, Callback.attempt_id).limit(limit)
    rows = session.execute(query).all()
    waiting = _tickets(session, [row.attempt_id for row in rows])
    return tuple(
        CallbackLine(**row._mapping, tickets=waiting.get(row.attempt_id, ())) for row in rows
    )


def callback_due(session: Session, attempt_id: int) -> CallbackLine | None:
    """Return what is owed of one call; None: nothing (any more)."""
    row = session.execute(_owed().where(Callback.attempt_id == attempt_id)).one_or_none()
    if row is None:
        return None
    return CallbackLine(**row._mapping, tickets=_tickets(session, [attempt_id]).get(attempt_id, ()))


def callbacks_owed(session: Session, before: datetime | None = None) -> int:
    """Count the callbacks that are still owed, or those of them that were due before a time."""
    owed = _owed()
    if before is not None:
        owed = owed.where(Callback.due_at < before)
    return session.scalar(sa.select(sa.func.count()).select_from(owed.subquery())) or 0


def take_callback(session: Session, attempt_id: int, user_id: int, now: datetime) -> None:
    """Let one person call back; raises CallbackError when it is another's, or not owed any more."""
    _owed_by(session, attempt_id, user_id)
    _change(session, attempt_id, user_id, taken_by=user_id, taken_at=now)


def release_callback(session: Session, attempt_id: int, user_id: int | None) -> None:
    """Let another call back: they were not reached, or whoever took it has gone home.

    `user_id`: who must have taken it; None: whoever did. Raises as above.
    """
    owner = _owed_by(session, attempt_id, user_id).taken_by
    if owner is not None:
        _change(session, attempt_id, owner, taken_by=None, taken_at=None)


def finish_callback(session: Session, attempt_id: int, user_id: int, now: datetime) -> None:
    """Note that the customer was called back; raises as above."""
    _owed_by(session, attempt_id, user_id)
    _change(session, attempt_id, user_id, taken_by=user_id, done_at=now)


def _owed_by(session: Session, attempt_id: int, user_id: int | None) -> CallbackLine:
    """Return what is owed, by nobody yet or by that user; None: by whomever."""
    line = callback_due(session, attempt_id)
    if line is None:
        raise CallbackError(f"Nobody is owed a callback after call {attempt_id} any more")
    if user_id is not None and line.taken_by not in (None, user_id):
        raise CallbackError(f"Somebody else calls back after call {attempt_id}")
    return line


def _change(session: Session, attempt_id: int, user_id: int, **values: object) -> None:
    """Write only while it is nobody else's: two may press the same button."""
    changed = session.execute(
        sa.update(Callback)
        .where(
            Callback.attempt_id == attempt_id,
            Callback.done_at.is_(None),
            sa.or_(Callback.taken_by.is_(None), Callback.taken_by == user_id),
        )
        .values(**values)
        .returning(Callback.attempt_id)
    )
    if changed.one_or_none() is None:
        raise CallbackError(f"Somebody else calls back after call {attempt_id}")


def _owed() -> sa.Select[*tuple[Any, ...]]:
    """Select what is owed.

    A promise is void once an agent's form or a later call has settled the matter, the ticket that
    waits for the same call has had it, or the customer wants no calls or was forgotten.
    """
    later = aliased(OutcomeRecord)
    return (
        sa.select(
            Callback.attempt_id,
            Callback.due_at,
            Recipient.name.label("recipient"),
            Contact.phone,
            Campaign.name.label("campaign"),
            Contact.language,
            OutcomeRecord.needs_person.label("reason"),
            Attempt.settled_at.label("said_at"),
            Callback.taken_by,
            sa.func.coalesce(User.name, "").label("taken_by_name"),
        )
        .join(Attempt, Attempt.id == Callback.attempt_id)
        .join(OutcomeRecord, OutcomeRecord.attempt_id == Callback.attempt_id)
        .join(Contact, Contact.id == OutcomeRecord.contact_id)
        .join(Recipient, Recipient.id == Contact.recipient_id)
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .outerjoin(User, User.id == Callback.taken_by)
        .where(
            is_open(),
            OutcomeRecord.needs_person != "",
            Contact.phone != "",
            ~sa.exists().where(later.contact_id == Contact.id, later.id > OutcomeRecord.id),
            ~sa.exists().where(
                Suppression.phone == Contact.phone,
                Suppression.reason == SuppressionReason.OPTED_OUT,
            ),
        )
    )


def _tickets(session: Session, attempts: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    query = (
        sa.select(Ticket.attempt_id, Ticket.number)
        .where(Ticket.attempt_id.in_(attempts), Ticket.callback_by.is_not(None))
        .order_by(Ticket.id)
    )
    for attempt_id, number in session.execute(query):
        if attempt_id is not None:
            found[attempt_id] = (*found.get(attempt_id, ()), number)
    return found
