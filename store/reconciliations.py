"""Attempts whose fate is unknown: what is asked, and what was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.models import Attempt, Campaign, Contact
from store.reconciliation_models import Evidence, Reconciliation


@dataclass(frozen=True, slots=True)
class UnknownFate:
    """An attempt that may have rung, and nobody knows what came of it."""

    attempt_id: int
    number: int
    """Which attempt of the contact it is, from 1."""
    contact_id: int
    campaign_id: int
    campaign: str
    phone: str
    """E.164; empty when the person was forgotten."""
    time_zone: str
    call_id: str
    trunk: str
    dialed_at: datetime | None
    asked_at: datetime
    why: str
    recording: str
    """Path, as far as it was told; empty: a file may lie there nevertheless."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What told the fate of an attempt."""

    how: Evidence
    at: datetime
    by: str = ""
    """Who entered it; empty: nobody had to."""
    evidence: str = ""


def ask_what_became(session: Session, attempt_id: int, at: datetime, why: str) -> None:
    """Note that the fate of an attempt is unknown."""
    session.add(Reconciliation(attempt_id=attempt_id, asked_at=at, why=why))
    session.flush()


def unknown_fates(session: Session) -> tuple[UnknownFate, ...]:
    """Return the attempts whose fate nobody told yet, oldest first."""
    rows = session.execute(
        _FATES.where(Reconciliation.resolved_at.is_(None)).order_by(Reconciliation.id)
    )
    return tuple(UnknownFate(*row) for row in rows)


def unknown_fate(session: Session, attempt_id: int) -> UnknownFate | None:
    """Return an attempt, locked, if its fate is unknown."""
    row = session.execute(
        _FATES.where(
            Reconciliation.attempt_id == attempt_id, Reconciliation.resolved_at.is_(None)
        ).with_for_update(of=Reconciliation)
    ).one_or_none()
    return None if row is None else UnknownFate(*row)


def resolve(session: Session, attempt_id: int, resolution: Resolution) -> bool:
    """Note what told the fate of an attempt; False: it was told before, and this is kept beside.

    The first word counts: an attempt without a question about it is left alone.
    """
    row = session.scalar(
        sa.select(Reconciliation).where(Reconciliation.attempt_id == attempt_id).with_for_update()
    )
    if row is None:
        return False
    if row.resolved_at is not None:
        told = f"{resolution.at.isoformat(timespec='seconds')} {resolution.how.value}"
        row.evidence = "\n".join(filter(None, (row.evidence, f"{told}: {resolution.evidence}")))
        session.flush()
        return False
    row.resolved_at, row.how = resolution.at, resolution.how
    row.resolved_by, row.evidence = resolution.by, resolution.evidence
    session.flush()
    return True


_FATES: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(
        Attempt.id,
        Attempt.number,
        Attempt.contact_id,
        Campaign.id,
        Campaign.name,
        Attempt.phone,
        Contact.time_zone,
        Attempt.call_id,
        Attempt.trunk,
        Attempt.dialed_at,
        Reconciliation.asked_at,
        Reconciliation.why,
        Attempt.recording,
    )
    .join(Attempt, Attempt.id == Reconciliation.attempt_id)
    .join(Contact, Contact.id == Attempt.contact_id)
    .join(Campaign, Campaign.id == Contact.campaign_id)
)
