"""The audit trail: added to, and read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.people_models import AuditEntry, User
from store.people_values import AuditFilter, AuditRecord


def add_audit_entry(
    session: Session,
    *,
    at: datetime,
    user_id: int | None,
    token_id: int | None,
    action: str,
    kind: str,
    subject: str,
    details: Mapping[str, str],
) -> None:
    """Add an entry; it is kept if and only if the transaction is."""
    session.add(
        AuditEntry(
            at=at,
            user_id=user_id,
            token_id=token_id,
            action=action,
            kind=kind,
            subject=subject,
            details=dict(details),
        )
    )


def audit_entries(session: Session, wanted: AuditFilter, limit: int = 100) -> list[AuditRecord]:
    """Return what is wanted of the trail, the newest first."""
    asked = sa.select(AuditEntry, User.name).outerjoin(User, User.id == AuditEntry.user_id)
    for column, value in (
        (AuditEntry.action, wanted.action),
        (AuditEntry.kind, wanted.kind),
        (AuditEntry.subject, wanted.subject),
    ):
        if value:
            asked = asked.where(column == value)
    if wanted.user_id is not None:
        asked = asked.where(AuditEntry.user_id == wanted.user_id)
    if wanted.since is not None:
        asked = asked.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        asked = asked.where(AuditEntry.at < wanted.until)
    if wanted.before_id is not None:
        asked = asked.where(AuditEntry.id < wanted.before_id)
    found = session.execute(asked.order_by(AuditEntry.id.desc()).limit(limit))
    return [
        AuditRecord(
            id=row.id,
            at=row.at,
            user_id=row.user_id,
            user_name=name or "",
            token_id=row.token_id,
            action=row.action,
            kind=row.kind,
            subject=row.subject,
            details=dict(row.details),
        )
        for row, name in found
    ]
