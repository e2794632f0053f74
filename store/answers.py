"""What people answered: the slots that flows declare, in the newest outcome of each contact."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.models import OutcomeRecord
from store.queries import latest_ids


def answers_of(session: Session, campaign_id: int) -> tuple[Mapping[str, str], ...]:
    """Return the answers of every contact of a campaign that gave any."""
    newest = OutcomeRecord.id.in_(latest_ids(campaign_id))
    given = session.scalars(sa.select(OutcomeRecord.answers).where(newest))
    return tuple(MappingProxyType(dict(each)) for each in given if each)
