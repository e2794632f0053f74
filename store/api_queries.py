"""What other systems ask by the API and no page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.event_models import IdempotencyKey
from store.models import (
    Attempt,
    Campaign,
    Contact,
    Delivery,
    Manifest,
    ManifestRow,
    OutcomeRecord,
    Suppression,
)
from store.reading import campaign_facts, delivery_facts, latest_outcome
from store.types import CampaignStatus, ContactStatus
from store.values import CampaignFacts, DeliveryFacts, LatestOutcome


@dataclass(frozen=True, slots=True)
class CampaignTimes:
    """A campaign with its dates."""

    facts: CampaignFacts
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """All that is kept of one contact, but its calls."""

    id: int
    campaign_id: int
    recipient: str
    phone: str
    extension: str
    language: str
    time_zone: str
    status: ContactStatus
    priority: int
    next_call_at: datetime | None
    useful_until: datetime | None
    deliveries: tuple[DeliveryFacts, ...]
    calls: tuple[int, ...]
    """Attempts that were dialled, oldest first."""
    latest: LatestOutcome | None


@dataclass(frozen=True, slots=True)
class ManifestRecord:
    """One manifest and how its rows fared."""

    id: int
    campaign_id: int
    file_name: str
    imported_at: datetime
    rows: int
    problem_rows: int


@dataclass(frozen=True, slots=True)
class ManifestRowRecord:
    """One row of a manifest: a contact to call, or the problems that kept it out."""

    number: int
    """As a spreadsheet shows it."""
    contact_id: int | None
    waybill: str
    problems: tuple[str, ...]


def campaigns_after(
    session: Session, after: int, limit: int, status: CampaignStatus | None = None
) -> tuple[CampaignTimes, ...]:
    """Return campaigns in the order they were made, from the one behind `after`."""
    query = sa.select(Campaign).where(Campaign.id > after).order_by(Campaign.id).limit(limit)
    if status is not None:
        query = query.where(Campaign.status == status)
    return tuple(_campaign(row) for row in session.scalars(query))


def campaign_times(session: Session, campaign_id: int) -> CampaignTimes | None:
    """Return one campaign; None: there is none."""
    row = session.get(Campaign, campaign_id)
    return None if row is None else _campaign(row)


def change_campaign(session: Session, campaign_id: int, changes: dict[str, Any]) -> None:
    """Set company, callback_number and policy of a campaign, as far as they are given."""
    session.execute(sa.update(Campaign).where(Campaign.id == campaign_id).values(**changes))


def contact_record(session: Session, contact_id: int) -> ContactRecord | None:
    """Return one contact; None: there is none."""
    row = session.get(Contact, contact_id)
    if row is None:
        return None
    newest = session.scalar(
        sa.select(OutcomeRecord)
        .where(OutcomeRecord.contact_id == contact_id)
        .order_by(OutcomeRecord.id.desc())
        .limit(1)
    )
    return ContactRecord(
        id=row.id,
        campaign_id=row.campaign_id,
        recipient=row.recipient.name,
        phone=row.phone,
        extension=row.extension,
        language=row.language,
        time_zone=row.time_zone,
        status=row.status,
        priority=row.priority,
        next_call_at=row.next_call_at,
        useful_until=row.useful_until,
        deliveries=tuple(map(delivery_facts, row.deliveries)),
        calls=tuple(each.id for each in row.attempts if each.dialed_at is not None),
        latest=None if newest is None else latest_outcome(newest),
    )


def contacts_named(
    session: Session, waybill: str, phone: str, after: int, limit: int
) -> tuple[ContactRecord, ...]:
    """Return the contacts of a parcel or of an E.164 number in any campaign, by id."""
    query = sa.select(Contact.id).where(Contact.id > after).order_by(Contact.id).limit(limit)
    if waybill:
        query = query.where(
            Contact.id.in_(sa.select(Delivery.contact_id).where(Delivery.waybill == waybill))
        )
    if phone:
        query = query.where(Contact.phone == phone)
    found = (contact_record(session, each) for each in session.scalars(query).all())
    return tuple(each for each in found if each is not None)


def manifest_record(session: Session, manifest_id: int) -> ManifestRecord | None:
    """Return one manifest; None: there is none. It counts all its rows."""
    bad = sa.case((ManifestRow.delivery_id.is_(None), 1), else_=0)
    found = session.execute(
        sa.select(
            Manifest.id,
            Manifest.campaign_id,
            Manifest.file_name,
            Manifest.imported_at,
            sa.func.count(ManifestRow.id),
            sa.func.coalesce(sa.func.sum(bad), 0),
        )
        .join(ManifestRow, ManifestRow.manifest_id == Manifest.id, isouter=True)
        .where(Manifest.id == manifest_id)
        .group_by(Manifest.id, Manifest.campaign_id, Manifest.file_name, Manifest.imported_at)
    ).first()
    return None if found is None else ManifestRecord(*found)


def manifest_rows(
    session: Session, manifest_id: int, after: int, limit: int, *, only_problems: bool = False
) -> tuple[ManifestRowRecord, ...]:
    """Return rows of a manifest from the one behind number `after`."""
    query = (
        sa.select(ManifestRow.number, ManifestRow.problems, Delivery.contact_id, Delivery.waybill)
        .join(Delivery, Delivery.id == ManifestRow.delivery_id, isouter=True)
        .where(ManifestRow.manifest_id == manifest_id, ManifestRow.number > after)
        .order_by(ManifestRow.number)
        .limit(limit)
    )
    if only_problems:
        query = query.where(ManifestRow.delivery_id.is_(None))
    return tuple(
        ManifestRowRecord(number, contact_id, waybill or "", tuple(problems))
        for number, problems, contact_id, waybill in session.execute(query)
    )


def is_listed(session: Session, suppression_id: int) -> bool:
    """Say whether there is such an entry on the do-not-call list."""
    return session.get(Suppression, suppression_id) is not None


def forget_recording(session: Session, attempt_id: int) -> str:
    """Note that a call has no recording any more; return where it was, or empty."""
    row = session.get(Attempt, attempt_id, with_for_update=True)
    if row is None:
        return ""
    was, row.recording = row.recording, ""
    session.flush()
    return was


def created_before(session: Session, user_id: int, key: str) -> tuple[str, int] | None:
    """Return the digest of the request that a user sent with this key, and what it created."""
    row = session.scalar(
        sa.select(IdempotencyKey).where(
            IdempotencyKey.user_id == user_id, IdempotencyKey.key == key
        )
    )
    return None if row is None else (row.digest, row.created_id)


def note_created(
    session: Session,
    user_id: int,
    key: str,
    digest: str,
    created_id: int,
    now: datetime,
    forget_before: datetime,
) -> None:
    """Keep what a request created, so that it creates it once; old ones are forgotten.

    Raises IntegrityError when the same key is used by another request at this moment.
    """
    session.execute(sa.delete(IdempotencyKey).where(IdempotencyKey.at < forget_before))
    session.add(
        IdempotencyKey(user_id=user_id, key=key, digest=digest, created_id=created_id, at=now)
    )
    session.flush()


def _campaign(row: Campaign) -> CampaignTimes:
    return CampaignTimes(campaign_facts(row), row.created_at, row.started_at, row.ended_at)
