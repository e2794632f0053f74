"""Manifests as they were imported, row by row, with the newest word on each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.errors import StoreError
from store.models import Delivery, Manifest, ManifestRow
from store.queries import contact_lines
from store.types import ContactStatus
from store.values import ContactLine, LatestOutcome


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A manifest as dispatch handed it over."""

    id: int
    campaign_id: int
    file_name: str
    earlier: int
    """So many older manifests have the same file name."""
    content: bytes


@dataclass(frozen=True, slots=True)
class CompletedRow:
    """One row of a manifest and what came of it."""

    number: int
    """As a spreadsheet shows it."""
    problems: tuple[str, ...]
    """Why it was not imported; empty when it was."""
    status: ContactStatus | None = None
    time_zone: str = ""
    attempts: int = 0
    last_called_at: datetime | None = None
    last_attempt_id: int | None = None
    recording: str = ""
    latest: LatestOutcome | None = None


def manifests_of(session: Session, delivery_ids: Collection[int]) -> tuple[int, ...]:
    """Return the manifests that name any of these deliveries, oldest first."""
    found: set[int] = set()
    wanted = list(delivery_ids)
    for start in range(0, len(wanted), 500):
        found.update(
            session.scalars(
                sa.select(ManifestRow.manifest_id)
                .where(ManifestRow.delivery_id.in_(wanted[start : start + 500]))
                .distinct()
            )
        )
    return tuple(sorted(found))


def campaign_manifests(session: Session, campaign_id: int) -> tuple[int, ...]:
    """Return the manifests of a campaign, oldest first."""
    query = sa.select(Manifest.id).where(Manifest.campaign_id == campaign_id).order_by(Manifest.id)
    return tuple(session.scalars(query))


def manifest_file(session: Session, manifest_id: int) -> ManifestFile:
    """Return a manifest with its bytes. Raises StoreError when there is none."""
    row = session.get(Manifest, manifest_id)
    if row is None:
        raise StoreError(f"There is no manifest {manifest_id}")
    earlier = session.scalar(
        sa.select(sa.func.count(Manifest.id)).where(
            Manifest.file_name == row.file_name, Manifest.id < row.id
        )
    )
    return ManifestFile(row.id, row.campaign_id, row.file_name, earlier or 0, row.content)


def completed_rows(session: Session, manifest: ManifestFile) -> tuple[CompletedRow, ...]:
    """Return every row of a manifest with the newest word on it."""
    lines = {line.contact_id: line for line in contact_lines(session, manifest.campaign_id)}
    rows = session.execute(
        sa.select(ManifestRow, Delivery.contact_id)
        .join(Delivery, Delivery.id == ManifestRow.delivery_id, isouter=True)
        .where(ManifestRow.manifest_id == manifest.id)
        .order_by(ManifestRow.number)
    )
    return tuple(
        _completed(row, lines.get(contact_id) if contact_id is not None else None)
        for row, contact_id in rows
    )


def _completed(row: ManifestRow, line: ContactLine | None) -> CompletedRow:
    if line is None:
        return CompletedRow(number=row.number, problems=tuple(row.problems))
    # A contact that was closed without a call and opened again by a corrected file has an outcome
    # that doesn't hold any more.
    outdated = line.status is ContactStatus.WAITING and line.last_attempt_id is None
    return CompletedRow(
        number=row.number,
        problems=(),
        status=line.status,
        time_zone=line.time_zone,
        attempts=line.attempts,
        last_called_at=line.last_called_at,
        last_attempt_id=line.last_attempt_id,
        recording=line.recording,
        latest=None if outdated else line.latest,
    )
