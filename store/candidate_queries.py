"""Candidates: who waits and comes next, and all that decides about it, gathered for many at once.

Statements are written once, in the terms of tables: an engine asks them several times a second.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy.orm import Session

from store.candidate_statements import CONTACTS, statements
from store.candidates import Candidate, Parcel
from store.many import many
from store.reading import campaign_facts
from store.types import Disposition, Outcome
from store.values import CampaignFacts, DeliveryFacts, PastAttempt

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


def campaign_to_call(session: Session, campaign_id: int) -> CampaignFacts | None:
    """Return a campaign as it stands; None: there is none.

    On PostgreSQL all that the transaction asks from now on is answered by indexes: this is for
    transactions that do nothing else.
    """
    session.flush()
    ask = statements(session.get_bind().dialect.name)
    row = session.connection().execute(ask.campaign, {"campaign": campaign_id}).one_or_none()
    return None if row is None else campaign_facts(row)


def waiting_time_zones(session: Session, campaign_id: int) -> frozenset[str]:
    """Return the time zones in which somebody waits to be called."""
    session.flush()
    ask = statements(session.get_bind().dialect.name)
    zones = session.connection().execute(ask.zones, {"campaign": campaign_id}).scalars()
    return frozenset(zones)


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

    Two indexes bring each priority of each time zone in this order, so that a million who wait are
    never sorted, nor gone through where it is night. `languages` and `time_zones` narrow (None:
    any).
    """
    session.flush()
    dialect, connection = session.get_bind().dialect.name, session.connection()
    ask = statements(dialect)
    found: list[Waiting] = []
    below = _ABOVE_ALL
    wanted: dict[str, object] = {"campaign": campaign_id, "taken": many(dialect, but), "now": now}
    while len(found) < at_most:
        levels = [
            level
            for level in connection.execute(ask.levels, wanted | {"below": below}).all()
            if level[2] is not None and (time_zones is None or level[1] in time_zones)
        ]
        if not levels:
            break
        below = max(priority for _, _, priority in levels)
        for put_off, asked in ((True, ask.put_off), (False, ask.fresh)):
            zones = sorted(zone for kind, zone, most in levels if (kind, most) == (put_off, below))
            if len(found) >= at_most or not zones:
                continue
            if languages is not None:
                asked = asked.where(CONTACTS.c.language.in_(sorted(languages)))
            wanted |= {"priority": below, "at_most": at_most - len(found)}
            rows = [
                Waiting(*row)
                for zone in zones
                for row in connection.execute(asked, wanted | {"zone": zone}).all()
            ]
            if len(zones) > 1:
                rows.sort(key=_turn)
            found.extend(rows[: at_most - len(found)])
    return found


def waiting_row(session: Session, contact_id: int) -> Waiting | None:
    """Return one contact as it stands, whatever its status; None: there is none."""
    session.flush()
    ask = statements(session.get_bind().dialect.name)
    row = session.connection().execute(ask.one, {"contact": contact_id}).one_or_none()
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
    """Return the candidates of these rows, with one question for all of them together.

    `but`: an attempt of theirs that doesn't count, since it is the one that is asked about.
    """
    if not rows:
        return []
    session.flush()
    dialect = session.get_bind().dialect.name
    told = session.connection().scalar(
        statements(dialect).facts,
        {
            "contacts": many(dialect, [row.id for row in rows]),
            "but": but,
            "since": now - REMEMBERED,
        },
    )
    facts = {contact: others for contact, *others in json.loads(told or "[]")}
    return [_found(campaign_id, flow, row, *facts[row.id]) for row in rows]


def _found(
    campaign_id: int,
    flow: str,
    row: Waiting,
    parcels: Sequence[Any] | None,
    past: Sequence[Any] | None,
    dials: Sequence[Any] | None,
    unwanted: Iterable[str] | None,
    troubled: int,
) -> Found:
    deliveries, statuses = [], []
    for key, waybill, address, start, end, item, merchant, fen, remarks, facts, told in sorted(
        parcels or ()
    ):
        deliveries.append(
            DeliveryFacts(
                key,
                waybill,
                address,
                _moment(start),
                _moment(end),
                item,
                merchant,
                fen,
                remarks,
                MappingProxyType(facts),
            )
        )
        statuses.append(frozenset(told or ()))
    before = sorted(past or (), key=_number)
    history = tuple(
        PastAttempt(
            number,
            Disposition(came_to[0]),
            Outcome(came_to[1]),
            _instant(came_to[2]),
            _moment(came_to[3]),
        )
        for number, came_to in before
        if came_to is not None
    )
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
            Parcel(each.waybill, each.merchant, each.window_start, each.window_end, words)
            for each, words in zip(deliveries, statuses, strict=True)
        ),
        dialled_at=tuple(sorted(_instant(at) for at, _open in dials or () if at is not None)),
        in_a_call=any(is_open for _at, is_open in dials or ()),
        suppressed_for=frozenset(unwanted or ()),
        has_trouble=bool(troubled),
    )
    return Found(row, candidate, tuple(deliveries), history, before[-1][0] if before else 0)


def _asked_for(next_call_at: datetime | None, before: Sequence[Any]) -> bool:
    """Say whether a contact waits because the recipient named a moment, however it was put off."""
    if next_call_at is None or not before or before[-1][1] is None:
        return False
    *_rest, written, final, needs_person = before[-1][1]
    call_again_at = _moment(written)
    if call_again_at is None or final or next_call_at < call_again_at:
        return False
    return not needs_person or next_call_at == call_again_at


def _turn(row: Waiting) -> tuple[datetime | None, int]:
    """Order those of one priority; either all of them were put off, or nobody."""
    return row.next_call_at, row.id


def _number(attempt: Sequence[Any]) -> int:
    return int(attempt[0])


def _moment(written: str | None) -> datetime | None:
    return None if written is None else _instant(written)


def _instant(written: str) -> datetime:
    """Read a moment as each store writes it into JSON: SQLite keeps UTC without a zone."""
    moment = datetime.fromisoformat(written)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
