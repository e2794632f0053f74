"""Forgetting a person everywhere: in the store, in manifests, in recordings, in what was spoken."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.erasing import Erased, erase_files, erase_speech
from campaigns.settings import Settings
from campaigns.tables import TableError, blank_rows
from store.database import Database
from store.erasure_types import ErasureKind
from store.erasures import Wanted, want_erased
from store.forgetting import forget
from store.models import Attempt, Contact, Delivery, Manifest, ManifestRow
from store.traces import Traces, chunks, ids_of, traces_of

_DIGIT_BEFORE = 3
"""Digits of a country code at most; without one a number is still that number."""
_DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A manifest without somebody."""

    was: str
    """Digest of the bytes with them in it."""
    content: bytes
    blanked: frozenset[int]
    """Rows, of those that were not imported too."""


def forget_people(
    database: Database,
    settings: Settings,
    recipients: Collection[int],
    now: datetime,
    *,
    evidence: bool = False,
    write_down: Callable[[Session, Traces], None],
) -> tuple[Traces, Erased]:
    """Forget people, and erase their files; return whose rows those were, and what went.

    `evidence`: also their consent to leave a parcel. `write_down` notes it in the audit trail, in
    the same transaction. What can't be erased from the disk is tried again every night. Raises
    StoreError while a call of theirs goes on or is written down.
    """
    with database.reading() as session:
        traces = traces_of(session, recipients)
        spoken = _spoken(session, traces.attempts)
        # A large workbook takes seconds, for which nobody else should wait.
        sheets = {each: _sheet(session, each, traces) for each in _manifests(session, traces)}
    with database.transaction() as session:
        forgotten = forget(session, recipients, now, evidence=evidence)
        for manifest in sorted({*sheets, *forgotten.manifests}):
            _write_sheet(session, manifest, sheets.get(manifest), forgotten, now)
        write_down(session, forgotten)
    erase_speech(settings, spoken, now)
    return forgotten, erase_files(database, settings)


def _manifests(session: Session, traces: Traces) -> tuple[int, ...]:
    """Return the manifests that name somebody, and those of which a bad row may."""
    campaigns = set(ids_of(session, Contact.campaign_id, Contact.id, traces.contacts))
    with_bad_rows = (
        sa.select(Manifest.id)
        .where(
            Manifest.campaign_id.in_(campaigns),
            sa.exists().where(
                ManifestRow.manifest_id == Manifest.id, ManifestRow.delivery_id.is_(None)
            ),
        )
        .order_by(Manifest.id)
    )
    return tuple(sorted({*traces.manifests, *session.scalars(with_bad_rows)}))


def _sheet(session: Session, manifest_id: int, traces: Traces) -> _Sheet:
    row = session.get_one(Manifest, manifest_id)
    theirs = traces.manifests.get(manifest_id, frozenset())
    kept = set(ids_of(session, Delivery.waybill, Delivery.id, traces.deliveries))
    blanked: set[int] = set()

    def is_blanked(number: int, cells: Sequence[str]) -> bool:
        if number in theirs or any(_is_number_of(cell, traces.phones) for cell in cells):
            blanked.add(number)
            return True
        return False

    try:
        content = blank_rows(row.file_name, row.content, is_blanked, kept)
    except TableError:
        # What was imported could be read; of what can't be read any more nothing is kept.
        content = b""
        blanked.update(theirs)
    return _Sheet(_digest(row.content), content, frozenset(blanked))


def _write_sheet(
    session: Session, manifest_id: int, sheet: _Sheet | None, traces: Traces, now: datetime
) -> None:
    row = session.get_one(Manifest, manifest_id, with_for_update=True)
    if sheet is None or sheet.was != _digest(row.content):
        sheet = _sheet(session, manifest_id, traces)
    if not sheet.blanked:
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


def _is_number_of(cell: str, phones: Collection[str]) -> bool:
    """Say whether a cell says one of these E.164 numbers, however it is written."""
    said = _DIGITS.sub("", cell)
    return any(_DIGITS.sub("", phone)[_DIGIT_BEFORE:] in said for phone in phones)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
