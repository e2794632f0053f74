"""The rows of one manifest on their way into the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.import_corrections import correct
from campaigns.import_known import (
    Known,
    KnownParcel,
    KnownPerson,
    OpenContact,
    PersonKey,
    person_key,
    rows_before,
    what_is_known,
)
from campaigns.manifest import ManifestDelivery
from campaigns.manifest_problems import Problem
from campaigns.merging import Together, together
from store.bulk import insert_rows, new_keys
from store.merchant_lists import merchant_of
from store.models import Contact, Delivery, ManifestRow, Recipient
from store.suppression import close
from store.types import ContactStatus, Disposition, Outcome

_CONTACT_COLUMNS: Final = (
    "id", "campaign_id", "recipient_id", "phone", "extension", "language", "time_zone", "status",
    "priority", "useful_until", "merchant", "region", "product_line", "script",
)  # fmt: skip
_DELIVERY_COLUMNS: Final = (
    "id", "campaign_id", "contact_id", "waybill", "address", "window_start", "window_end", "item",
    "merchant", "cod_fen", "remarks", "facts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A row of a corrected file that came too late."""

    row: int
    waybill: str
    why: str


@dataclass(slots=True)
class Tally:
    """What became of the good rows."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    suppressed: int = 0
    merged: int = 0
    """New ones that are told of in the call of another parcel."""
    left_alone: list[LeftAlone] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count what became of further rows."""
        self.new += other.new
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.suppressed += other.suppressed
        self.merged += other.merged
        self.left_alone += other.left_alone
        self.problems += other.problems


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a file, one after the other."""

    rows: Sequence[tuple[int, ManifestDelivery | tuple[Problem, ...]]]
    """By number: what each says, or what is wrong with it."""
    twice: Callable[[ManifestDelivery, int], Problem]
    """Says that a row has the waybill of an earlier one."""


@dataclass(slots=True)
class _Call:
    """A contact to which new rows belong."""

    contact: OpenContact | None
    """None: it is new, too."""
    rows: list[ManifestDelivery] = field(default_factory=list)


def take_in(
    session: Session,
    campaign_id: int,
    manifest_id: int | None,
    piece: Piece,
    now: datetime,
    script_of: Callable[[str], str] = lambda _: "",
) -> Tally:
    """Insert, update or leave alone every good row, and keep what became of all rows.

    The piece may be one that was taken in before. `script_of` draws what a number hears. Rows of no
    manifest (None) are told by something else, and nothing is kept of them but what they say.
    """
    good, problems = _without_doubles(piece)
    known = what_is_known(session, campaign_id, good.values())
    rows = {
        number: known.parcels[row.waybill].delivery.id
        for number, row in good.items()
        if row.waybill in known.parcels
    }
    before = {} if manifest_id is None else rows_before(session, manifest_id, rows)
    for number, first in before.items():
        problems[number] = (piece.twice(good.pop(number), first),)
        del rows[number]
    tally = Tally(problems=[each for number in sorted(problems) for each in problems[number]])
    fresh: list[ManifestDelivery] = []
    corrected: list[tuple[KnownParcel, ManifestDelivery]] = []
    for row in good.values():
        parcel = known.parcels.get(row.waybill)
        if parcel is None:
            fresh.append(row)
        elif _same(parcel, row):
            tally.unchanged += 1
        elif (why := _too_late(parcel)) is not None:
            tally.left_alone.append(LeftAlone(row.row, row.waybill, why))
        else:
            corrected.append((parcel, row))
    _know_people(session, known, [*fresh, *(row for _, row in corrected)])
    contacts = correct(session, campaign_id, known, corrected)
    calls = _calls(known, fresh)
    contacts |= _insert(session, campaign_id, known, calls, rows, script_of)
    tally.new, tally.updated = len(fresh), len(corrected)
    tally.merged = len(fresh) - sum(call.contact is None for call in calls)
    unwanted = [row.row for row in good.values() if row.row in contacts and known.is_unwanted(row)]
    tally.suppressed = len(unwanted)
    for contact_id in dict.fromkeys(contacts[number] for number in unwanted):
        close(session, contact_id, Disposition.SUPPRESSED, Outcome.SUPPRESSED, now)
    if manifest_id is not None:
        _keep_rows(session, manifest_id, piece, rows, problems)
    return tally


def _without_doubles(
    piece: Piece,
) -> tuple[dict[int, ManifestDelivery], dict[int, tuple[Problem, ...]]]:
    """Return the good rows and what is wrong with the others, by number."""
    good: dict[int, ManifestDelivery] = {}
    problems: dict[int, tuple[Problem, ...]] = {}
    seen: dict[str, int] = {}
    for number, said in piece.rows:
        if not isinstance(said, ManifestDelivery):
            problems[number] = said
        elif (first := seen.setdefault(said.waybill, number)) != number:
            problems[number] = (piece.twice(said, first),)
        else:
            good[number] = said
    return good, problems


def _same(parcel: KnownParcel, row: ManifestDelivery) -> bool:
    was = parcel.delivery
    priority = row.priority == was.priority or (not parcel.alone and row.priority < was.priority)
    return (
        priority
        and (not row.email or row.email == was.email)
        and (
            was.name, was.phone, was.extension, was.language, was.time_zone, was.region,
            was.product_line, was.address, was.window_start, was.window_end, was.item,
            was.merchant, was.cod_fen, was.remarks, was.facts,
        )
        == (
            row.name, row.phone, row.extension, row.language, row.time_zone, row.region,
            row.product_line, row.address, row.window_start, row.window_end, row.item,
            row.merchant, row.cod_fen, row.remarks, dict(row.facts),
        )
    )  # fmt: skip


def _too_late(parcel: KnownParcel) -> str | None:
    status = parcel.delivery.status
    if status is ContactStatus.IN_CALL:
        return "正在通话，改动没有采用。请等通话结束后看结果，必要时人工联系收件人"
    if parcel.called or status is ContactStatus.DONE:
        return "已经拨打过，改动没有采用。请看通话结果，必要时人工联系收件人"
    return None


def _know_people(session: Session, known: Known, rows: Iterable[ManifestDelivery]) -> None:
    """Keep the recipients of rows, and where to write to them."""
    strangers: dict[PersonKey, str] = {}
    moved: dict[int, str] = {}
    for row in rows:
        key = person_key(row)
        person = known.people.get(key)
        if person is None:
            strangers[key] = row.email or strangers.get(key, "")
        elif row.email and row.email != person.email:
            moved[person.id] = row.email
    keys = new_keys(session, Recipient, len(strangers))
    insert_rows(
        session,
        Recipient,
        ("id", "phone", "extension", "name", "email"),
        [
            (key, *person, email)
            for key, (person, email) in zip(keys, strangers.items(), strict=True)
        ],
    )
    known.people.update(
        (person, KnownPerson(key, email))
        for key, (person, email) in zip(keys, strangers.items(), strict=True)
    )
    if moved:
        session.execute(
            sa.update(Recipient), [{"id": key, "email": email} for key, email in moved.items()]
        )


def _calls(known: Known, fresh: Iterable[ManifestDelivery]) -> Sequence[_Call]:
    """Put new rows together that one call tells of; unwanted ones are kept apart from others."""
    calls: dict[tuple[Together, bool], _Call] = {}
    for row in fresh:
        key = together(row), known.is_unwanted(row)
        call = calls.get(key)
        if call is None:
            call = calls[key] = _Call(None if key[1] else known.open.get(key[0]))
        call.rows.append(row)
    return tuple(calls.values())


def _insert(
    session: Session,
    campaign_id: int,
    known: Known,
    calls: Sequence[_Call],
    rows: dict[int, int],
    script_of: Callable[[str], str],
) -> dict[int, int]:
    """Insert new rows and add their deliveries to `rows`; return contacts by row number."""
    made = [call for call in calls if call.contact is None]
    keys = new_keys(session, Contact, len(made))
    new = dict(zip(map(id, made), keys, strict=True))
    insert_rows(
        session,
        Contact,
        _CONTACT_COLUMNS,
        [
            (
                key, campaign_id, known.people[person_key(call.rows[0])].id, call.rows[0].phone,
                call.rows[0].extension, call.rows[0].language, call.rows[0].time_zone,
                ContactStatus.WAITING, max(row.priority for row in call.rows),
                call.rows[0].window_end, merchant_of(row.merchant for row in call.rows),
                call.rows[0].region, call.rows[0].product_line, script_of(call.rows[0].phone),
            )
            for key, call in zip(keys, made, strict=True)
        ],
    )  # fmt: skip
    _add_to(session, [call for call in calls if call.contact is not None])
    placed = [
        (row, new[id(call)] if call.contact is None else call.contact.id)
        for call in calls
        for row in call.rows
    ]
    parcels = new_keys(session, Delivery, len(placed))
    insert_rows(
        session,
        Delivery,
        _DELIVERY_COLUMNS,
        [
            (
                key, campaign_id, contact, row.waybill, row.address, row.window_start,
                row.window_end, row.item, row.merchant, row.cod_fen, row.remarks, dict(row.facts),
            )
            for key, (row, contact) in zip(parcels, placed, strict=True)
        ],
    )  # fmt: skip
    rows.update((row.row, key) for key, (row, _) in zip(parcels, placed, strict=True))
    return {row.row: contact for row, contact in placed}


def _add_to(session: Session, calls: Iterable[_Call]) -> None:
    """Let waiting contacts know of parcels that were added to them."""
    changed = []
    for call in calls:
        contact = call.contact
        assert contact is not None
        merchant = merchant_of([contact.merchant, *(row.merchant for row in call.rows)])
        priority = max([contact.priority, *(row.priority for row in call.rows)])
        if (merchant, priority) != (contact.merchant, contact.priority):
            changed.append({"id": contact.id, "merchant": merchant, "priority": priority})
    if changed:
        session.execute(sa.update(Contact), changed)


def _keep_rows(
    session: Session,
    manifest_id: int,
    piece: Piece,
    rows: Mapping[int, int],
    problems: Mapping[int, Sequence[Problem]],
) -> None:
    """Keep what became of rows, unless it was kept when an import broke off behind them."""
    kept = session.scalar(
        sa.select(sa.func.max(ManifestRow.number)).where(ManifestRow.manifest_id == manifest_id)
    )
    fresh = [number for number, _ in piece.rows if number > (kept or 0)]
    keys = new_keys(session, ManifestRow, len(fresh))
    insert_rows(
        session,
        ManifestRow,
        ("id", "manifest_id", "number", "delivery_id", "problems"),
        [
            (key, manifest_id, number, rows.get(number),
             [each.text for each in problems.get(number, ())])
            for key, number in zip(keys, fresh, strict=True)
        ],
    )  # fmt: skip
