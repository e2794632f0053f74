"""Forgetting a person: what is theirs is emptied, what happened stays.

`store.personal_data` says where it lies. Files are erased afterwards, by `store.erasures`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.channel_results import forget_results
from store.desk_models import Transfer
from store.desk_types import TransferStatus
from store.erasure_types import ErasureKind
from store.erasures import Wanted, want_erased
from store.errors import StoreError
from store.message_erasing import forget_messages
from store.models import (
    Attempt,
    Base,
    Contact,
    OutcomeRecord,
    Recipient,
    Suppression,
    WriteBack,
)
from store.personal_data import PLACES, Kind, Tie
from store.review_models import CallCase
from store.suppression import close
from store.ticket_models import Ticket
from store.traces import Traces, chunks, ids_of, traces_of
from store.types import (
    AttemptStatus,
    ContactStatus,
    Disposition,
    Outcome,
    TicketStatus,
    WriteBackStatus,
)

_AT_THE_DESK: Final = (TransferStatus.JOINED, TransferStatus.WRAP_UP)


class Hindrance(StrEnum):
    """Why somebody can't be forgotten now."""

    CALLED = "called"
    WRITTEN = "written"
    NOT_TAKEN = "not_taken"


HINDRANCES: Final[Mapping[Hindrance, str]] = {
    Hindrance.CALLED: (
        "They are being called at this moment; wait until the call is over, or end it on the "
        "supervisor's page, and try again."
    ),
    Hindrance.WRITTEN: (
        "An agent still writes down what a call with them came to; try again once the form is sent."
    ),
    Hindrance.NOT_TAKEN: (
        "What an agent wrote about a call with them is not taken yet; start `menling serve`, or "
        "wait a moment, and try again."
    ),
}
"""What is in the way, and what to do about it."""


class HinderedError(StoreError):
    """Somebody can't be forgotten now; the message says what to wait for."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What there is of somebody, as one who decides about it reads it."""

    traces: Traces
    recordings: int
    open_tickets: int
    """Nobody can be called about these any more."""
    untold: int
    """Outcomes that dispatch doesn't know yet; it learns them without what is erased."""
    suppressed: bool
    """Their number is on the do-not-call list, and stays there."""
    in_the_way: Hindrance | None
    """Why they can't be forgotten now; None: they can."""


def footprint(session: Session, recipients: Collection[int]) -> Footprint:
    """Return what there is of people."""
    traces = traces_of(session, recipients)
    settled = [status for status in TicketStatus if status.is_settled]
    return Footprint(
        traces,
        recordings=_count(session, Attempt.id, traces.attempts, Attempt.recording != ""),
        open_tickets=_count(session, Ticket.id, traces.tickets, Ticket.status.not_in(settled)),
        untold=_count(
            session,
            WriteBack.delivery_id,
            traces.deliveries,
            WriteBack.status == WriteBackStatus.PENDING,
        ),
        suppressed=_count(session, Suppression.phone, traces.phones) > 0,
        in_the_way=_in_the_way(session, traces),
    )


def forget(
    session: Session, recipients: Collection[int], now: datetime, *, evidence: bool = False
) -> Traces:
    """Forget people; their files are wanted erased from then on. Doing it again changes nothing.

    Stays: numbers that are never to be called, waybills, what was dialled when and what it came
    to; with `evidence` unset also consent to leave a parcel. Nobody calls them about anything that
    is known now. Raises HinderedError while a call of theirs goes on or is written down.
    """
    zero_what_is_freed(session)
    traces = traces_of(session, recipients)
    for some in chunks(traces.contacts):
        session.execute(sa.select(Contact.id).where(Contact.id.in_(some)).with_for_update())
    hindrance = _in_the_way(session, traces)
    if hindrance is not None:
        raise HinderedError(HINDRANCES[hindrance])
    _call_off(session, traces.contacts, now)
    want_erased(session, _files_of(session, traces, evidence=evidence), now)
    for some in chunks(traces.phones):
        forget_messages(session, (), (), some)
        forget_results(session, some)
    for some in chunks(traces.contacts):
        forget_messages(session, some, (), ())
    for some in chunks(traces.tickets):
        forget_messages(session, (), some, ())
    kinds = frozenset(Kind) if evidence else frozenset(Kind) - {Kind.EVIDENCE}
    empty(session, traces, kinds)
    _keep_grades_only(session, traces.contacts)
    for some in chunks(traces.recipients):
        for row in session.scalars(sa.select(Recipient).where(Recipient.id.in_(some))):
            # Who has no name and no number any more is still one of a kind.
            row.name, row.phone, row.extension, row.email = "", "", f"-{row.id}", ""
    session.flush()
    session.expire_all()
    return traces


def empty(session: Session, traces: Traces, kinds: Collection[Kind]) -> None:
    """Empty everything of these kinds that the rows of somebody hold."""
    ids = _by_tie(session, traces)
    for name, place in PLACES.items():
        held = [column for column, kind in place.holds.items() if kind in kinds]
        if not held:
            continue
        table = Base.metadata.tables[name]
        nothing = {column: _nothing(table.c[column]) for column in held}
        for column, tie in place.tied_by.items():
            for some in chunks(ids[tie]):
                theirs = table.c[column].in_(some)
                if place.whole_rows:
                    session.execute(sa.delete(table).where(theirs))
                else:
                    session.execute(sa.update(table).where(theirs).values(nothing))


def zero_what_is_freed(session: Session) -> None:
    """Let SQLite overwrite what is erased; else it stays in the file until its page is used."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")


def _in_the_way(session: Session, traces: Traces) -> Hindrance | None:
    if _count(session, Attempt.id, traces.attempts, Attempt.status != AttemptStatus.SETTLED):
        return Hindrance.CALLED
    if _count(session, Transfer.attempt_id, traces.attempts, Transfer.status.in_(_AT_THE_DESK)):
        return Hindrance.WRITTEN
    unapplied = sa.and_(Transfer.form_at.is_not(None), Transfer.form_applied.is_(False))
    if _count(session, Transfer.attempt_id, traces.attempts, unapplied):
        return Hindrance.NOT_TAKEN
    return None


def _call_off(session: Session, contacts: Collection[int], now: datetime) -> None:
    """See to it that nobody is called, nor waits for anybody to look into an interrupted call."""
    for some in chunks(contacts):
        for row in session.scalars(sa.select(Contact).where(Contact.id.in_(some))).all():
            if row.status is ContactStatus.WAITING:
                close(session, row.id, Disposition.EXPIRED, Outcome.EXPIRED, now)
            elif row.status is ContactStatus.NEEDS_RECONCILIATION:
                row.status = ContactStatus.DONE
    session.flush()


def _files_of(session: Session, traces: Traces, *, evidence: bool) -> Iterator[Wanted]:
    kind = ErasureKind.EVIDENCE if evidence else ErasureKind.CALL
    for some in chunks(traces.attempts):
        rows = session.execute(sa.select(Attempt.id, Attempt.recording).where(Attempt.id.in_(some)))
        yield from (Wanted(kind, attempt, path) for attempt, path in rows)
    yield from (Wanted(ErasureKind.MANIFEST, manifest) for manifest in traces.manifests)


def _keep_grades_only(session: Session, contacts: Collection[int]) -> None:
    """Of the answers people gave keep the grades, which are counted, and none of their words."""
    for some in chunks(contacts):
        mine = sa.select(OutcomeRecord).where(OutcomeRecord.contact_id.in_(some))
        for row in session.scalars(mine):
            grades = {name: text for name, text in row.answers.items() if _is_grade(text)}
            if grades != row.answers:
                row.answers = grades


def _is_grade(text: str) -> bool:
    return text.isdecimal() and len(text) <= 2


def _by_tie(session: Session, traces: Traces) -> Mapping[Tie, Collection[int]]:
    return {
        Tie.CONTACT: traces.contacts,
        Tie.DELIVERY: traces.deliveries,
        Tie.ATTEMPT: traces.attempts,
        Tie.TICKET: traces.tickets,
        Tie.TRANSFER: ids_of(session, Transfer.id, Transfer.attempt_id, traces.attempts),
        Tie.CASE: ids_of(session, CallCase.id, CallCase.attempt_id, traces.attempts),
    }


def _count(
    session: Session, tie: Any, among: Collection[Any], *laws: sa.ColumnElement[bool]
) -> int:
    return sum(
        session.scalar(sa.select(sa.func.count()).where(tie.in_(some), *laws)) or 0
        for some in chunks(among)
    )


def _nothing(column: sa.Column[Any]) -> Any:
    """Return what an emptied column holds."""
    if column.nullable:
        return None
    if isinstance(column.type, sa.JSON):
        return [] if column.default is not None and _makes(column) == [] else {}
    if isinstance(column.type, sa.Integer | sa.BigInteger):
        return 0
    return ""


def _makes(column: sa.Column[Any]) -> Any:
    """Return what a column holds by default: a list or a dictionary."""
    default: Any = column.default
    return default.arg(None) if default.is_callable else default.arg
