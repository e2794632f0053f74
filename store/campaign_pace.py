"""How fast a campaign goes, and what comes into it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.models import Attempt, Contact, Manifest, ManifestRow


def dialled_since(session: Session, campaign_id: int, since: datetime) -> int:
    """Return how many calls of a campaign were dialled since then."""
    asked = (
        sa.select(sa.func.count(Attempt.id))
        .join(Contact, Contact.id == Attempt.contact_id)
        .where(Contact.campaign_id == campaign_id, Attempt.dialed_at >= since)
    )
    return session.scalar(asked) or 0


def imports_under_way(session: Session, campaign_id: int) -> tuple[tuple[str, int], ...]:
    """Return the files of which not all rows are in, and how many are."""
    rows = session.execute(
        sa.select(Manifest.file_name, sa.func.count(ManifestRow.id))
        .outerjoin(ManifestRow, ManifestRow.manifest_id == Manifest.id)
        .where(Manifest.campaign_id == campaign_id, Manifest.finished_at.is_(None))
        .group_by(Manifest.id, Manifest.file_name)
        .order_by(Manifest.id)
    )
    return tuple((name, count) for name, count in rows)
