"""Importer: one manifest becomes contacts to call, some hundred rows at a time.

Calls go on while it works: nobody else can write while a transaction of SQLite does.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.import_work import LeftAlone, Tally, take_in
from campaigns.manifest import (
    ManifestContents,
    ManifestDefaults,
    ManifestError,
    read_manifest,
)
from campaigns.manifest_problems import Problem
from campaigns.tables import Table, TableError, read_table
from ivr.flow_needs import ONLY_A_WINDOW, FlowNeeds
from store.database import LETS_OTHERS_IN, Database
from store.models import Campaign, Manifest
from store.types import CampaignStatus

ROWS_AT_ONCE: Final = 500
"""Rows of one transaction: a fraction of a second."""
_BEGUN: Final = "begun "
"""Stands before the hash of a file of which not all rows are in yet."""


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


def import_manifest(
    database: Database,
    campaign_id: int,
    file_name: str,
    content: bytes,
    now: datetime,
    needs: FlowNeeds = ONLY_A_WINDOW,
    rest: Callable[[float], object] = time.sleep,
) -> ImportReport:
    """Import a CSV or XLSX file into a campaign.

    `needs` is what the campaign's flow must know; `rest` lets others write between two pieces of a
    long file. The same file again changes nothing, or goes on where an import broke off. A
    corrected file adds what is new, updates what was not called yet and leaves the rest alone.
    Raises ManifestError when the file as a whole can't be used, StoreError when the store can't
    take it.
    """
    digest = hashlib.sha256(content).hexdigest()
    table = _table(file_name, content)
    with database.reading() as session:
        campaign = _campaign(session, campaign_id)
        defaults = ManifestDefaults(campaign.language, campaign.time_zone)
        known = _known(session, campaign_id, digest)
        if known is not None and known.content_hash == digest:
            return _nothing_new(known, len(table.rows))
        # 明天 is what it was when the import was begun.
        counted_from = now if known is None else known.imported_at
    contents = read_manifest(table, counted_from, defaults, needs)
    tally = Tally()
    pieces = tuple(_pieces(table, contents))
    for number, (rows, piece) in enumerate(pieces, start=1):
        with database.transaction() as session:
            # The lock lets one import at a time into a campaign.
            campaign = _campaign(session, campaign_id, lock=True)
            manifest = _known(session, campaign_id, digest)
            if manifest is None:
                manifest = Manifest(
                    campaign_id=campaign_id,
                    file_name=PurePath(file_name).name,
                    content_hash=_begun(digest),
                    format=table.format,
                    imported_at=counted_from,
                    import_day=counted_from.astimezone(ZoneInfo(campaign.time_zone)).date(),
                    content=content,
                )
                session.add(manifest)
                session.flush()
            tally.add(take_in(session, campaign_id, manifest.id, rows, piece, now))
            if number == len(pieces):
                manifest.content_hash = digest
            name, manifest_id = manifest.file_name, manifest.id
        if number < len(pieces):
            rest(LETS_OTHERS_IN.total_seconds())
    return ImportReport(
        file_name=name,
        manifest_id=manifest_id,
        rows=len(table.rows),
        new=tally.new,
        updated=tally.updated,
        unchanged=tally.unchanged,
        suppressed=tally.suppressed,
        left_alone=tuple(tally.left_alone),
        problems=contents.problems,
    )


def _campaign(session: Session, campaign_id: int, *, lock: bool = False) -> Campaign:
    query = sa.select(Campaign).where(Campaign.id == campaign_id)
    campaign = session.scalar(query.with_for_update() if lock else query)
    if campaign is None or campaign.status is CampaignStatus.CANCELLED:
        raise ManifestError("这个活动不存在或已取消，不能再导入清单。请先新建一个活动。")
    return campaign


def _known(session: Session, campaign_id: int, digest: str) -> Manifest | None:
    """Return the same file as it was imported before, or begun."""
    return session.scalar(
        sa.select(Manifest).where(
            Manifest.campaign_id == campaign_id,
            Manifest.content_hash.in_((digest, _begun(digest))),
        )
    )


def _begun(digest: str) -> str:
    return f"{_BEGUN}{digest}"[: len(digest)]


def _pieces(table: Table, contents: ManifestContents) -> Iterator[tuple[Table, ManifestContents]]:
    """Cut a file into pieces of some rows and what is to be made of them."""
    good = {each.row: each for each in contents.deliveries}
    bad: dict[int, list[Problem]] = {}
    for problem in contents.problems:
        bad.setdefault(problem.row, []).append(problem)
    for start in range(0, len(table.rows), ROWS_AT_ONCE):
        rows = table.rows[start : start + ROWS_AT_ONCE]
        yield (
            replace(table, rows=rows),
            ManifestContents(
                tuple(good[row.number] for row in rows if row.number in good),
                tuple(problem for row in rows for problem in bad.get(row.number, ())),
            ),
        )


def _table(file_name: str, content: bytes) -> Table:
    try:
        return read_table(file_name, content)
    except TableError as error:
        raise ManifestError(str(error)) from error


def _nothing_new(manifest: Manifest, rows: int) -> ImportReport:
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
