"""Forgetting a person everywhere: in the store, in manifests, in recordings, in what was spoken."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from zipfile import ZipFile

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.erasing import Erased, erase_files, erase_speech
from campaigns.settings import Settings
from campaigns.tables import TableError, blank_rows
from store.database import Database
from store.erasure_types import ErasureKind
from store.erasures import Wanted, want_erased
from store.forgetting import forget
from store.models import Attempt, Delivery, Manifest, ManifestRow, Recipient
from store.traces import Traces, chunks, ids_of, traces_of

_COUNTRY_CODE: Final = 3
"""So many digits at most; without one a number is still that number."""
_ANOTHER_SHEET: Final = 0
"""What a row of a sheet that nobody imported has for a number."""
_NONE: Final[frozenset[int]] = frozenset()
_NOT_DIGITS: Final = re.compile(r"\D")
_NO_DIGIT_BYTES: Final = re.compile(rb"[^0-9]+")


@dataclass(frozen=True, slots=True)
class _Person:
    """Whom a manifest may name."""

    names: frozenset[str]
    phones: tuple[str, ...]
    """Digits without a country code."""
    waybills: frozenset[str]
    """They stay."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A manifest without somebody."""

    was: str
    """Digest of the bytes with them in it."""
    content: bytes
    blanked: frozenset[int]


def _nowhere(_session: Session, _traces: Traces) -> None:
    pass


def forget_people(
    database: Database,
    settings: Settings,
    recipients: Collection[int],
    now: datetime,
    *,
    evidence: bool = False,
    everywhere: bool = True,
    write_down: Callable[[Session, Traces], None] = _nowhere,
) -> tuple[Traces, Erased]:
    """Forget people, and erase their files; return whose rows those were, and what went.

    As below, with their files. What can't be erased from the disk is tried again every night.
    """
    forgotten = forget_rows(
        database,
        settings,
        recipients,
        now,
        evidence=evidence,
        everywhere=everywhere,
        write_down=write_down,
    )
    return forgotten, erase_files(database, settings)


def forget_rows(
    database: Database,
    settings: Settings,
    recipients: Collection[int],
    now: datetime,
    *,
    evidence: bool = False,
    everywhere: bool = True,
    write_down: Callable[[Session, Traces], None] = _nowhere,
) -> Traces:
    """Forget people in the store and in what was spoken; their files are wanted erased then.

    `evidence`: also their consent to leave a parcel. `everywhere`: look for them in all manifests
    there are, not only in those of their parcels. `write_down` notes it in the audit trail, in the
    same transaction. Raises StoreError while a call of theirs goes on or is written down.
    """
    with database.reading() as session:
        traces = traces_of(session, recipients)
        spoken = _spoken(session, traces.attempts)
        person = _person(session, traces)
        # Manifests are looked through before, for nobody else should wait for that.
        all_of_them = sa.select(Manifest.id).order_by(Manifest.id)
        sheets = {
            each: sheet
            for each in (session.scalars(all_of_them).all() if everywhere else traces.manifests)
            if (sheet := _sheet(session, each, traces.manifests.get(each, _NONE), person))
        }
    with database.transaction() as session:
        forgotten = forget(session, recipients, now, evidence=evidence)
        for manifest in sorted({*sheets, *forgotten.manifests}):
            rows = forgotten.manifests.get(manifest, _NONE)
            _write_sheet(session, manifest, sheets.get(manifest), rows, person, now)
        write_down(session, forgotten)
    erase_speech(settings, spoken, now)
    return forgotten


def _person(session: Session, traces: Traces) -> _Person:
    return _Person(
        names=frozenset(ids_of(session, Recipient.name, Recipient.id, traces.recipients)) - {""},
        phones=tuple(_NOT_DIGITS.sub("", phone)[_COUNTRY_CODE:] for phone in traces.phones),
        waybills=frozenset(ids_of(session, Delivery.waybill, Delivery.id, traces.deliveries)),
    )


def _sheet(
    session: Session, manifest_id: int, theirs: Collection[int], person: _Person
) -> _Sheet | None:
    """Return a manifest without somebody; None: it doesn't name them.

    Theirs are the rows of their parcels; rows with their number that stayed out, or that bear
    their name: a corrected manifest may have given the parcel to somebody else. A number alone
    doesn't make a row theirs, for colleagues share one.
    """
    file_name, content = session.execute(
        sa.select(Manifest.file_name, Manifest.content).where(Manifest.id == manifest_id)
    ).one()
    if not theirs and not _may_say_number(content, person.phones):
        return None
    stayed_out = set(
        session.scalars(
            sa.select(ManifestRow.number).where(
                ManifestRow.manifest_id == manifest_id, ManifestRow.delivery_id.is_(None)
            )
        )
    )
    blanked: set[int] = set()

    def is_blanked(number: int, cells: Sequence[str]) -> bool:
        if not any(cells):
            return False
        if number not in theirs:
            if not any(_says_number(cell, person.phones) for cell in cells):
                return False
            is_named = not person.names.isdisjoint(cells)
            if number not in stayed_out and not is_named and number != _ANOTHER_SHEET:
                return False
        blanked.add(number)
        return True

    try:
        emptied = blank_rows(file_name, content, is_blanked, person.waybills)
    except TableError:
        # What was imported could be read; of what can't be read any more nothing is kept.
        emptied = b""
        blanked.update(theirs)
    return _Sheet(_digest(content), emptied, frozenset(blanked)) if blanked else None


def _write_sheet(
    session: Session,
    manifest_id: int,
    sheet: _Sheet | None,
    theirs: Collection[int],
    person: _Person,
    now: datetime,
) -> None:
    row = session.get_one(Manifest, manifest_id, with_for_update=True)
    if sheet is None or sheet.was != _digest(row.content):
        # Somebody else was forgotten meanwhile, or a manifest came.
        sheet = _sheet(session, manifest_id, theirs, person)
    if sheet is None:
        return
    row.content = sheet.content
    for some in chunks(sheet.blanked):
        session.execute(
            sa.update(ManifestRow)
            .where(ManifestRow.manifest_id == manifest_id, ManifestRow.number.in_(some))
            .values(problems=[])
        )
    want_erased(session, [Wanted(ErasureKind.MANIFEST, manifest_id)], now)


def _spoken(session: Session, attempts: Collection[int]) -> Mapping[int, tuple[datetime, datetime]]:
    """Return from when to when sentences for a person may have been made, by call."""
    found: dict[int, tuple[datetime, datetime]] = {}
    for some in chunks(attempts):
        for attempt, began, ended in session.execute(
            sa.select(Attempt.id, Attempt.claimed_at, Attempt.settled_at).where(
                Attempt.id.in_(some)
            )
        ):
            if ended is not None:
                found[attempt] = (began, ended)
    return found


def _says_number(cell: str, phones: Collection[str]) -> bool:
    """Say whether a cell says one of these numbers, however it is written."""
    said = _NOT_DIGITS.sub("", cell)
    return any(phone in said for phone in phones)


def _may_say_number(content: bytes, phones: Collection[str]) -> bool:
    """Say whether reading a file is worth while: most of them don't hold these digits."""
    if content.startswith(b"PK"):
        with ZipFile(io.BytesIO(content)) as packed:
            parts = [packed.read(each) for each in packed.namelist() if each.endswith(".xml")]
    else:
        parts = [content]
    digits = [_NO_DIGIT_BYTES.sub(b"", part) for part in parts]
    return any(phone.encode() in each for each in digits for phone in phones)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
