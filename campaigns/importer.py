"""Importer: one manifest becomes contacts to call, some thousand rows at a time.

Calls go on while it works: nobody else can write while a transaction of SQLite does.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import PurePath
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.import_work import LeftAlone, Piece, Tally, take_in
from campaigns.manifest import ManifestDefaults, ManifestError, ManifestReader, no_rows
from campaigns.manifest_problems import Problem
from campaigns.script_versions import ScriptVersion, script_for
from campaigns.settings_pilot import ScriptSettings
from campaigns.tables import OpenTable, Row, TableError, open_table
from ivr.flow_needs import ONLY_A_WINDOW, FlowNeeds
from store.bulk import count_anew, few_collections, make_room
from store.database import LETS_OTHERS_IN, Database
from store.models import Campaign, Manifest
from store.types import CampaignStatus
from store.wake_ups import Topic, wake

ROWS_AT_ONCE: Final = 8000
"""Rows of one transaction at most. Larger ones write fewer pages of indexes anew."""
_FEWEST: Final = 500
_HELD: Final = 0.3
"""So many seconds a transaction is to keep others from writing; on a busy machine, fewer rows."""
_SHORTEST_REST: Final = 0.01
_MANY: Final = 10_000
"""After so many new rows the store counts its tables anew."""
_BEGUN: Final = "begun "
"""Stands before the hash of a file that an earlier version of the program began to import."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did."""

    file_name: str
    manifest_id: int
    rows: int
    """Rows with something in them, without the header."""
    new: int
    updated: int
    unchanged: int
    suppressed: int
    """New or updated ones that are not called because their number is suppressed."""
    left_alone: tuple[LeftAlone, ...]
    problems: tuple[Problem, ...]
    imported_before_at: datetime | None = None
    """The very same file was imported then; nothing was changed now."""
    merged: int = 0
    """New ones that are told of in the call of another parcel."""


@few_collections()
def import_manifest(
    database: Database,
    campaign_id: int,
    file_name: str,
    content: bytes,
    now: datetime,
    needs: FlowNeeds = ONLY_A_WINDOW,
    rest: Callable[[float], object] = time.sleep,
    progress: Callable[[int, int], object] = lambda done, count: None,
    at_once: int = ROWS_AT_ONCE,
) -> ImportReport:
    """Import a CSV or XLSX file into a campaign.

    `needs` is what the campaign's flow must know; `rest` lets others write between two pieces of a
    long file, of `at_once` rows at most; `progress` is told how many are in, of how many. The same
    file again changes nothing, or goes on where an import broke off. A corrected file adds what is
    new, updates what was not called yet and leaves the rest alone.
    Raises ManifestError when the file as a whole can't be used, StoreError when the store can't
    take it.
    """
    digest = hashlib.sha256(content).hexdigest()
    table = _table(file_name, content)
    with database.reading() as session:
        campaign = _campaign(session, campaign_id)
        defaults = ManifestDefaults(campaign.language, campaign.time_zone)
        scripts = _scripts(campaign)
        known = _known(session, campaign_id, digest)
        if known is not None and known.is_whole:
            return _nothing_new(known, table.count)
        # 明天 is what it was when the import was begun.
        counted_from = now if known is None else known.imported_at
    reader = ManifestReader(table.header, counted_from, defaults, needs)
    rows = table.rows
    size = min(_FEWEST, at_once)
    piece = _next_piece(reader, rows, size)
    if not piece.rows:
        raise no_rows()
    manifest_id = known.id if known else None
    name = known.file_name if known else PurePath(file_name).name
    tally, done = Tally(), 0
    while piece.rows:
        began = time.monotonic()
        with database.transaction() as session:
            make_room(session)
            # The lock lets one import at a time into a campaign.
            campaign = _campaign(session, campaign_id, lock=True)
            if manifest_id is None:
                again = _known(session, campaign_id, digest)
                manifest_id = again.id if again else _begin(
                    session, campaign, Manifest(
                        campaign_id=campaign_id,
                        file_name=name,
                        content_hash=digest,
                        format=table.format,
                        imported_at=counted_from,
                        content=content,
                    ),
                )  # fmt: skip
            script_of = partial(script_for, scripts, campaign_id)
            tally.add(take_in(session, campaign_id, manifest_id, piece, now, script_of))
            wake(session, Topic.CONTACTS)
        done += len(piece.rows)
        progress(done, max(done, table.count))
        size = _fitting(size, time.monotonic() - began, at_once)
        began = time.monotonic()
        piece = _next_piece(reader, rows, size)
        if piece.rows:
            # What was read meanwhile kept nobody from writing either.
            rested = time.monotonic() - began
            rest(max(_SHORTEST_REST, LETS_OTHERS_IN.total_seconds() - rested))
    assert manifest_id is not None
    _finish(database, manifest_id, digest, done, now)
    if done >= _MANY:
        count_anew(database)
    return ImportReport(
        file_name=name,
        manifest_id=manifest_id,
        rows=done,
        new=tally.new,
        updated=tally.updated,
        unchanged=tally.unchanged,
        suppressed=tally.suppressed,
        left_alone=tuple(tally.left_alone),
        problems=tuple(tally.problems),
        merged=tally.merged,
    )


@dataclass(frozen=True, slots=True)
class _KnownFile:
    """The same file as it was imported before, or begun."""

    id: int
    file_name: str
    imported_at: datetime
    is_whole: bool


def _campaign(session: Session, campaign_id: int, *, lock: bool = False) -> Campaign:
    query = sa.select(Campaign).where(Campaign.id == campaign_id)
    campaign = session.scalar(query.with_for_update() if lock else query)
    if campaign is None or campaign.status is CampaignStatus.CANCELLED:
        raise ManifestError("这个活动不存在或已取消，不能再导入清单。请先新建一个活动。")
    return campaign


def _scripts(campaign: Campaign) -> tuple[ScriptVersion, ...]:
    written = campaign.policy.get("scripts", ())
    return tuple(
        ScriptVersion(**ScriptSettings.model_validate(each).model_dump()) for each in written
    )


def _known(session: Session, campaign_id: int, digest: str) -> _KnownFile | None:
    found = session.execute(
        sa.select(Manifest.id, Manifest.file_name, Manifest.imported_at, Manifest.finished_at)
        .where(
            Manifest.campaign_id == campaign_id,
            Manifest.content_hash.in_((digest, f"{_BEGUN}{digest}"[: len(digest)])),
        )
        .limit(1)
    ).first()
    if found is None:
        return None
    return _KnownFile(found.id, found.file_name, found.imported_at, found.finished_at is not None)


def _begin(session: Session, campaign: Campaign, manifest: Manifest) -> int:
    manifest.import_day = manifest.imported_at.astimezone(ZoneInfo(campaign.time_zone)).date()
    session.add(manifest)
    session.flush()
    number = manifest.id
    session.expunge(manifest)
    return number


def _finish(database: Database, manifest_id: int, digest: str, rows: int, now: datetime) -> None:
    """Note that all of a file is in; once, for on SQLite the whole file is written again."""
    with database.transaction() as session:
        session.execute(
            sa.update(Manifest)
            .where(Manifest.id == manifest_id)
            .values(content_hash=digest, rows_done=rows, finished_at=now)
        )


def _next_piece(reader: ManifestReader, rows: Iterator[Row], at_once: int) -> Piece:
    """Read on; a file that is broken further on is told as one that can't be used."""
    try:
        some = list(islice(rows, at_once))
    except TableError as error:
        raise ManifestError(str(error)) from error
    return Piece(tuple((row.number, reader.read(row)) for row in some), reader.twice)


def _fitting(size: int, seconds: float, at_once: int) -> int:
    """Return how many rows the next transaction takes, after one that took so long."""
    wanted = int(size * min(2.0, _HELD / max(seconds, 0.001)))
    return min(at_once, max(_FEWEST, wanted))


def _table(file_name: str, content: bytes) -> OpenTable:
    try:
        return open_table(file_name, content)
    except TableError as error:
        raise ManifestError(str(error)) from error


def _nothing_new(manifest: _KnownFile, rows: int) -> ImportReport:
    return ImportReport(
        file_name=manifest.file_name,
        manifest_id=manifest.id,
        rows=rows,
        new=0,
        updated=0,
        unchanged=rows,
        suppressed=0,
        left_alone=(),
        problems=(),
        imported_before_at=manifest.imported_at,
    )
