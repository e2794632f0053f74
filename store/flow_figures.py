"""What the flow map counts: calls and their turns, without a word that was said or who said it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.models import Attempt, Campaign, Contact, OutcomeRecord, Turn
from store.ticket_models import Ticket
from store.types import AttemptStatus, Disposition, TurnSpeaker

CALLS_AT_ONCE = 500
"""So many calls are asked for at once by their ids: each of them is found in the index of turns,
which for a range of time would be read from its beginning to its end."""


@dataclass(frozen=True, slots=True)
class CallRange:
    """Which calls to count; None: without that limit."""

    begins: datetime | None = None
    """Calls dialled at this instant or later."""
    ends: datetime | None = None
    """Calls dialled before this instant."""
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class CountedCall:
    """One settled call, as far as it is counted."""

    attempt_id: int
    flow: str
    version: str
    """Version and digest of the flow as it ran; empty when nobody answered."""
    language: str
    disposition: Disposition
    needs_person: bool
    tickets: int
    """Tickets that this call opened."""
    talk_seconds: float
    open_question: str
    """The state in which the talk broke off; empty when it ended as the flow says."""


@dataclass(frozen=True, slots=True)
class TurnMark:
    """When and to what somebody spoke, without the words."""

    speaker: TurnSpeaker
    prompt: str
    """The prompt that Menling said, or the question that was answered."""
    began_seconds: float
    ended_seconds: float


def counted_calls(session: Session, calls: CallRange) -> tuple[CountedCall, ...]:
    """Return every settled call of the range, oldest first."""
    tickets = (
        sa.select(sa.func.count(Ticket.id)).where(Ticket.attempt_id == Attempt.id).scalar_subquery()
    )
    rows = session.execute(
        sa.select(
            Attempt.id,
            Attempt.flow_version,
            Attempt.talk_seconds,
            Campaign.flow,
            Contact.language,
            OutcomeRecord.disposition,
            (OutcomeRecord.needs_person != "").label("needs_person"),
            tickets.label("tickets"),
            OutcomeRecord.notes["open_question"].as_string().label("open_question"),
        )
        .join(Contact, Contact.id == Attempt.contact_id)
        .join(Campaign, Campaign.id == Contact.campaign_id)
        .join(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
        .where(*_within(calls))
        .order_by(Attempt.id)
    )
    found = []
    for row in rows:
        flow, _, version = row.flow_version.partition(" ")
        found.append(
            CountedCall(
                attempt_id=row.id,
                flow=flow if version else row.flow,
                version=version,
                language=row.language,
                disposition=row.disposition,
                needs_person=bool(row.needs_person),
                tickets=row.tickets,
                talk_seconds=row.talk_seconds,
                open_question=row.open_question or "",
            )
        )
    return tuple(found)


def turn_marks(
    session: Session, attempt_ids: Iterable[int]
) -> Iterator[tuple[int, tuple[TurnMark, ...]]]:
    """Yield the turns of each of these calls by its attempt id, in the order they began."""
    ids = iter(attempt_ids)
    while some := tuple(islice(ids, CALLS_AT_ONCE)):
        # Rows of the connection, not of the session: there may be a quarter of a million.
        rows = session.connection().execute(
            sa.select(
                Turn.attempt_id, Turn.speaker, Turn.prompt, Turn.began_seconds, Turn.ended_seconds
            )
            .where(Turn.attempt_id.in_(some))
            .order_by(Turn.attempt_id, Turn.began_seconds, Turn.position)
        )
        for attempt_id, turns in groupby(rows, key=itemgetter(0)):
            yield (
                attempt_id,
                tuple(TurnMark(turn[1], turn[2], turn[3], turn[4]) for turn in turns),
            )


def newest_calls(session: Session, calls: CallRange, limit: int) -> CallRange:
    """Return a range that begins no earlier, and holds about so many of the newest calls of it.

    Counting takes memory for every call; a range of a year may hold millions.
    """
    query = (
        sa.select(Attempt.dialed_at)
        .where(*_within(replace(calls, campaign_id=None)))
        .order_by(Attempt.dialed_at.desc())
        .offset(limit)
        .limit(1)
    )
    if calls.campaign_id is not None:
        # The sum keeps SQLite from walking all contacts of a large campaign instead of the calls.
        query = query.join(Contact, Contact.id == Attempt.contact_id).where(
            Contact.campaign_id + 0 == calls.campaign_id
        )
    oldest = session.scalar(query)
    return calls if oldest is None else replace(calls, begins=oldest)


def _within(calls: CallRange) -> Iterator[sa.ColumnElement[bool]]:
    yield Attempt.status == AttemptStatus.SETTLED
    yield Attempt.dialed_at.is_not(None)
    if calls.begins is not None:
        yield Attempt.dialed_at >= calls.begins
    if calls.ends is not None:
        yield Attempt.dialed_at < calls.ends
    if calls.campaign_id is not None:
        yield Contact.campaign_id == calls.campaign_id
