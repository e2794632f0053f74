"""Candidates: who waits and comes next, and all that decides about it, gathered for many at once.

Statements are written once, in the terms of tables: an engine asks them several times a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy.orm import Session

from store.candidate_statements import Question, statements
from store.candidates import Candidate, Parcel
from store.many import many
from store.models import Contact
from store.types import AttemptStatus
from store.values import DeliveryFacts, PastAttempt

REMEMBERED: Final = timedelta(days=7)
"""Dials of a number within that time are told."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contact that waits, as it stands in its row."""

    id: int
    phone: str
    extension: str
    language: str
    time_zone: str
    region: str
    product_line: str
    merchant: str
    script: str
    next_script: str
    next_call_at: datetime | None
    useful_until: datetime | None
    recipient: str


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate, with what its call needs."""

    row: Waiting
    candidate: Candidate
    deliveries: tuple[DeliveryFacts, ...]
    history: tuple[PastAttempt, ...]
    dialings: int
    """The highest number of its attempts."""


_ABOVE_ALL: Final = 2**31 - 1


def next_in_turn(
    session: Session,
    campaign_id: int,
    now: datetime,
    at_most: int,
    *,
    but: Collection[int] = (),
    languages: Collection[str] | None = None,
    time_zones: Collection[str] | None = None,
) -> list[Waiting]:
    """Return those who come next, locked: the highest priority, then whose time has come, then
    the first; whom another transaction has locked is skipped, and so are the contacts in `but`.

    Two indexes bring each priority in this order, so that a million who wait are never sorted.
    `languages` and `time_zones` narrow (None: any).
    """
    dialect = session.get_bind().dialect.name
    ask = statements(dialect)
    found: list[Waiting] = []
    below = _ABOVE_ALL
    wanted: dict[str, object] = {"campaign": campaign_id, "taken": many(dialect, but)}
    while len(found) < at_most:
        levels = session.execute(ask.levels, {"campaign": campaign_id, "below": below}).one()
        if (priority := max((each for each in levels if each is not None), default=None)) is None:
            break
        for asked, more in ((ask.put_off, {"now": now}), (ask.fresh, {})):
            if len(found) >= at_most:
                break
            if languages is not None:
                asked = asked.where(Contact.language.in_(sorted(languages)))
            if time_zones is not None:
                asked = asked.where(Contact.time_zone.in_(sorted(time_zones)))
            rows = session.execute(
                asked, wanted | more | {"priority": priority, "at_most": at_most - len(found)}
            )
            found.extend(Waiting(*row) for row in rows)
        below = priority
    return found


def waiting_row(session: Session, contact_id: int) -> Waiting | None:
    """Return one contact as it stands, whatever its status; None: there is none."""
    ask = statements(session.get_bind().dialect.name)
    row = session.execute(ask.one, {"contact": contact_id}).one_or_none()
    return None if row is None else Waiting(*row)


def gather(
    session: Session,
    campaign_id: int,
    flow: str,
    rows: Sequence[Waiting],
    now: datetime,
    *,
    but: int = 0,
) -> list[Found]:
    """Return the candidates of these rows, with a few questions for all of them together.

    `but`: an attempt of theirs that doesn't count, since it is the one that is asked about.
    """
    if not rows:
        return []
    dialect = session.get_bind().dialect.name
    ask = statements(dialect)

    def told(question: Question, **wanted: object) -> Mapping[Any, list[Any]]:
        return _by_first(session.execute(question, wanted))

    contacts = many(dialect, [row.id for row in rows])
    phones = many(dialect, sorted({row.phone for row in rows}))
    parcels = told(ask.parcels, contacts=contacts)
    waybills = sorted({parcel[1] for each in parcels.values() for parcel in each})
    statuses = told(ask.told, waybills=many(dialect, waybills)) if waybills else {}
    past = told(ask.past, contacts=contacts, but=but)
    dials = told(ask.dials, phones=phones, but=but, since=now - REMEMBERED)
    unwanted = told(ask.unwanted, phones=phones)
    troubled = told(ask.troubled, phones=phones)
    found: list[Found] = []
    for row in rows:
        deliveries = tuple(
            DeliveryFacts(*[*each, MappingProxyType(facts)])
            for *each, facts in parcels.get(row.id, ())
        )
        before = past.get(row.id, ())
        of_number = dials.get(row.phone, ())
        candidate = Candidate(
            contact_id=row.id,
            campaign_id=campaign_id,
            flow=flow,
            phone=row.phone,
            language=row.language,
            time_zone=row.time_zone,
            region=row.region,
            product_line=row.product_line,
            attempts=len(before),
            next_call_at=row.next_call_at,
            asked_for=_asked_for(row.next_call_at, before),
            useful_until=row.useful_until,
            parcels=tuple(
                Parcel(
                    each.waybill,
                    each.merchant,
                    each.window_start,
                    each.window_end,
                    frozenset(word for (word,) in statuses.get(each.waybill, ())),
                )
                for each in deliveries
            ),
            dialled_at=tuple(at for at, _status in of_number if at is not None),
            in_a_call=any(status is not AttemptStatus.SETTLED for _at, status in of_number),
            suppressed_for=frozenset(word for (word,) in unwanted.get(row.phone, ())),
            has_trouble=row.phone in troubled,
        )
        history = tuple(
            PastAttempt(number, disposition, outcome, at, call_again_at)
            for number, disposition, outcome, at, call_again_at, *_more in before
            if disposition is not None
        )
        highest = max((each[0] for each in before), default=0)
        found.append(Found(row, candidate, deliveries, history, highest))
    return found


def _asked_for(next_call_at: datetime | None, before: Sequence[Sequence[Any]]) -> bool:
    """Say whether a contact waits because the recipient named a moment, however it was put off."""
    if next_call_at is None or not before:
        return False
    *_rest, call_again_at, final, needs_person = before[-1]
    if call_again_at is None or final or next_call_at < call_again_at:
        return False
    return not needs_person or next_call_at == call_again_at


def _by_first(rows: Iterable[Any]) -> Mapping[Any, list[Any]]:
    grouped: defaultdict[Any, list[Any]] = defaultdict(list)
    for first, *others in rows:
        grouped[first].append(others)
    return grouped
