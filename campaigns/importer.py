"""Importer: one manifest becomes contacts to call, in one transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from campaigns.import_work import LeftAlone, take_in
from campaigns.manifest import ManifestDefaults, ManifestError, read_manifest
from campaigns.manifest_problems import Problem
from campaigns.tables import Table, TableError, read_table
from ivr.flow_needs import ONLY_A_WINDOW, FlowNeeds
from store.database import Database
from store.models import Campaign, Manifest
from store.types import CampaignStatus


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
) -> ImportReport:
    """Import a CSV or XLSX file into a campaign; all of it, or nothing on an error.

    `needs` is what the campaign's flow must know. The same file again changes nothing. A corrected
    file adds what is new, updates what was not called yet and leaves the rest alone. Raises
    ManifestError when the file as a whole can't be used, StoreError when the store can't take it.
    """
    digest = hashlib.sha256(content).hexdigest()
    table = _table(file_name, content)
    with database.transaction() as session:
        campaign = session.scalar(
            # The lock lets one import at a time into a campaign.
            sa.select(Campaign).where(Campaign.id == campaign_id).with_for_update()
        )
        if campaign is None or campaign.status is CampaignStatus.CANCELLED:
            raise ManifestError("这个活动不存在或已取消，不能再导入清单。请先新建一个活动。")
        known = session.scalar(
            sa.select(Manifest).where(
                Manifest.campaign_id == campaign_id, Manifest.content_hash == digest
            )
        )
        if known is not None:
            return _nothing_new(known, len(table.rows))
        contents = read_manifest(
            table, now, ManifestDefaults(campaign.language, campaign.time_zone), needs
        )
        manifest = Manifest(
            campaign_id=campaign_id,
            file_name=PurePath(file_name).name,
            content_hash=digest,
            format=table.format,
            imported_at=now,
            import_day=now.astimezone(ZoneInfo(campaign.time_zone)).date(),
            content=content,
        )
        session.add(manifest)
        session.flush()
        tally = take_in(session, campaign_id, manifest.id, table, contents, now)
        return ImportReport(
            file_name=manifest.file_name,
            manifest_id=manifest.id,
            rows=len(table.rows),
            new=tally.new,
            updated=tally.updated,
            unchanged=tally.unchanged,
            suppressed=tally.suppressed,
            left_alone=tuple(tally.left_alone),
            problems=contents.problems,
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
