"""Calls and people that are older than what is kept of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.forgetting import empty, zero_what_is_freed
from store.models import Attempt, Contact, OutcomeRecord, Recipient, Turn
from store.personal_data import Kind
from store.ticket_models import Ticket
from store.traces import Traces
from store.types import AttemptStatus, ContactStatus, TicketStatus

LOOKED_AT: Final = 1000
"""Conversations that are looked at in one go."""


def words_before(session: Session, before: datetime, looked_at: int = LOOKED_AT) -> list[int]:
    """Return the settled calls dialled before then of which words are kept, the oldest first.

    Words are erased from the oldest call on, so what has none ends the search: it is looked for
    from `before` backwards, until so many conversations in a row have none.
    """
    found: list[int] = []
    of_it = Turn.attempt_id == Attempt.id
    said = sa.exists().where(of_it, (Turn.text != "") | (Turn.key != ""))
    place: tuple[datetime, int] = (before, 0)
    while True:
        rows = session.execute(
            sa.select(Attempt.id, Attempt.dialed_at, Attempt.status, said)
            .where(
                Attempt.dialed_at <= place[0],
                sa.or_(Attempt.dialed_at < place[0], Attempt.id < place[1]),
                # Days on which nobody answered must not end the search.
                sa.exists().where(of_it),
            )
            .order_by(Attempt.dialed_at.desc(), Attempt.id.desc())
            .limit(looked_at)
        ).all()
        with_words = [
            attempt
            for attempt, _dialed, status, has_words in rows
            if has_words and status is AttemptStatus.SETTLED
        ]
        found.extend(with_words)
        answered_none = not with_words and len(rows) == looked_at
        if len(rows) < looked_at or answered_none:
            return found[::-1]
        last = rows[-1]
        assert last.dialed_at is not None  # it is what was asked for
        place = (last.dialed_at, last.id)


def empty_calls(session: Session, calls: Collection[int]) -> None:
    """Erase what was said in calls; that they were made, and what they came to, stays."""
    zero_what_is_freed(session)
    theirs = Traces((), (), (), tuple(calls), (), (), {})
    empty(session, theirs, {Kind.WORDS})


def evidence_before(session: Session, before: datetime) -> tuple[int, ...]:
    """Return the outcomes settled before then that say in whose words somebody consented."""
    rows = session.scalars(
        sa.select(OutcomeRecord.id)
        .where(OutcomeRecord.at < before, OutcomeRecord.consent_words != "")
        .order_by(OutcomeRecord.id)
    )
    return tuple(rows)


def forget_evidence(session: Session, outcomes: Collection[int]) -> None:
    """Erase the words of consents; that there was one, and to what, stays."""
    zero_what_is_freed(session)
    session.execute(
        sa.update(OutcomeRecord)
        .where(OutcomeRecord.id.in_(outcomes))
        .values(consent_words="", consent_at_seconds=None)
    )


def people_before(session: Session, before: datetime, after: int, limit: int) -> tuple[int, ...]:
    """Return recipients with whom all was over before then, from the one after `after` on.

    Nobody waits for a call, is in one, or has a ticket that isn't settled; and the last word on
    each of their contacts is older. Who was forgotten is not among them.
    """
    settled = [status for status in TicketStatus if status.is_settled]
    theirs = Contact.recipient_id == Recipient.id
    of_contact = OutcomeRecord.contact_id == Contact.id
    goes_on = sa.or_(
        Contact.status.in_((ContactStatus.WAITING, ContactStatus.IN_CALL)),
        ~sa.exists().where(of_contact),
        sa.exists().where(of_contact, OutcomeRecord.at >= before),
        sa.exists().where(Ticket.contact_id == Contact.id, Ticket.status.not_in(settled)),
    )
    rows = session.scalars(
        sa.select(Recipient.id)
        .where(
            Recipient.id > after,
            Recipient.phone != "",
            sa.exists().where(theirs),
            ~sa.exists().where(theirs, goes_on),
        )
        .order_by(Recipient.id)
        .limit(limit)
    )
    return tuple(rows)
