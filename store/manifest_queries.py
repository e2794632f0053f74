"""Manifests as people look at them: what each brought, and what is wrong with its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.models import Manifest, ManifestRow


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One manifest of a campaign."""

    id: int
    file_name: str
    imported_at: datetime
    rows: int
    problem_rows: int
    """Rows that stayed out."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row of a manifest stayed out."""

    row: int
    """As a spreadsheet shows it."""
    problems: tuple[str, ...]


def manifest_lines(session: Session, campaign_id: int) -> tuple[ManifestLine, ...]:
    """Return the manifests of a campaign, the newest first; it reads all their rows."""
    bad = sa.case((ManifestRow.delivery_id.is_(None), 1), else_=0)
    rows = session.execute(
        sa.select(
            Manifest.id,
            Manifest.file_name,
            Manifest.imported_at,
            sa.func.count(ManifestRow.id),
            sa.func.coalesce(sa.func.sum(bad), 0),
        )
        .join(ManifestRow, ManifestRow.manifest_id == Manifest.id, isouter=True)
        .where(Manifest.campaign_id == campaign_id)
        .group_by(Manifest.id, Manifest.file_name, Manifest.imported_at)
        .order_by(Manifest.id.desc())
    )
    return tuple(ManifestLine(*row) for row in rows)


def row_problems(
    session: Session, manifest_id: int, limit: int | None = None
) -> tuple[RowProblem, ...]:
    """Return the rows of a manifest that stayed out, in its order."""
    rows = session.execute(
        sa.select(ManifestRow.number, ManifestRow.problems)
        .where(ManifestRow.manifest_id == manifest_id, ManifestRow.delivery_id.is_(None))
        .order_by(ManifestRow.number)
        .limit(limit)
    )
    return tuple(RowProblem(number, tuple(problems)) for number, problems in rows if problems)
