"""Questions worth a name; each is asked in the caller's transaction and answered by values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from store.errors import StoreError
from store.models import Attempt, Campaign, Contact, OutcomeRecord
from store.reading import campaign_facts, latest_outcome, open_attempt, turn_record
from store.types import (
    AttemptStatus,
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
)
from store.values import (
    Call,
    CampaignFacts,
    ContactLine,
    LatestOutcome,
    OpenAttempt,
    Progress,
)
from store.wake_ups import Topic, wake

_MAY_BECOME: Mapping[CampaignStatus, frozenset[CampaignStatus]] = MappingProxyType(
    {
        CampaignStatus.DRAFT: frozenset({CampaignStatus.RUNNING, CampaignStatus.CANCELLED}),
        CampaignStatus.RUNNING: frozenset(
            {CampaignStatus.PAUSED, CampaignStatus.FINISHED, CampaignStatus.CANCELLED}
        ),
        CampaignStatus.PAUSED: frozenset({CampaignStatus.RUNNING, CampaignStatus.CANCELLED}),
        # A finished campaign runs again when a further manifest is imported into it.
        CampaignStatus.FINISHED: frozenset({CampaignStatus.RUNNING}),
        CampaignStatus.CANCELLED: frozenset(),
    }
)


def create_campaign(
    session: Session,
    *,
    name: str,
    flow: str,
    company: str,
    now: datetime,
    language: str = "zh-CN",
    time_zone: str = "Asia/Shanghai",
    callback_number: str = "",
    policy: Mapping[str, object] | None = None,
) -> CampaignFacts:
    """Create a draft campaign. Raises StoreError when the name is taken."""
    if campaign_named(session, name) is not None:
        raise StoreError(f"There is a campaign {name} already; choose another name")
    row = Campaign(
        name=name,
        flow=flow,
        company=company,
        language=language,
        time_zone=time_zone,
        callback_number=callback_number,
        policy=dict(policy or {}),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return campaign_facts(row)


def campaign(session: Session, campaign_id: int) -> CampaignFacts:
    """Return one campaign. Raises StoreError when it does not exist."""
    return campaign_facts(_campaign(session, campaign_id))


def campaign_named(session: Session, name: str) -> CampaignFacts | None:
    """Return the campaign of this name, if there is one."""
    row = session.scalar(sa.select(Campaign).where(Campaign.name == name))
    return None if row is None else campaign_facts(row)


def campaigns(
    session: Session, statuses: Collection[CampaignStatus] | None = None
) -> tuple[CampaignFacts, ...]:
    """Return the campaigns, oldest first; `statuses` narrows them."""
    query = sa.select(Campaign).order_by(Campaign.id)
    if statuses is not None:
        query = query.where(Campaign.status.in_(statuses))
    return tuple(campaign_facts(row) for row in session.scalars(query))


def set_campaign_status(
    session: Session, campaign_id: int, status: CampaignStatus, now: datetime
) -> None:
    """Start, pause, resume, finish or cancel. Raises StoreError for a step that makes no sense."""
    row = _campaign(session, campaign_id)
    if status not in _MAY_BECOME[row.status]:
        raise StoreError(f"Campaign {row.name} is {row.status.value}; it can't be {status.value}")
    row.status = status
    if status is CampaignStatus.RUNNING and row.started_at is None:
        row.started_at = now
    row.ended_at = now if status.is_over else None
    session.flush()
    wake(session, Topic.CAMPAIGNS)


def languages_to_call(session: Session, campaign_id: int) -> frozenset[str]:
    """Return the languages of those who wait to be called or are in a call."""
    unfinished = (ContactStatus.WAITING, ContactStatus.IN_CALL)
    return frozenset(
        session.scalars(
            sa.select(Contact.language)
            .where(Contact.campaign_id == campaign_id, Contact.status.in_(unfinished))
            .distinct()
        )
    )


def unsettled_attempts(session: Session, campaign_id: int | None = None) -> tuple[OpenAttempt, ...]:
    """Return the attempts that nobody has settled, oldest first.

    After a crash: `claimed` ones were not dialled (release them); `dialing` ones may have rung.
    """
    query = (
        sa.select(Attempt, Contact.campaign_id)
        .join(Contact, Contact.id == Attempt.contact_id)
        .where(Attempt.status != AttemptStatus.SETTLED)
        .order_by(Attempt.id)
    )
    if campaign_id is not None:
        query = query.where(Contact.campaign_id == campaign_id)
    return tuple(open_attempt(row, owner) for row, owner in session.execute(query))


def progress(session: Session, campaign_id: int) -> Progress:
    """Return how far a campaign has come."""
    row = _campaign(session, campaign_id)
    mine = Contact.campaign_id == campaign_id
    statuses: dict[ContactStatus, int] = dict.fromkeys(ContactStatus, 0)
    by_status = sa.select(Contact.status, sa.func.count()).where(mine).group_by(Contact.status)
    statuses.update((status, count) for status, count in session.execute(by_status))
    dispositions: dict[Disposition, int] = {}
    outcomes: dict[Outcome, int] = {}
    by_words = (
        sa.select(OutcomeRecord.disposition, OutcomeRecord.outcome, sa.func.count())
        .where(OutcomeRecord.id.in_(latest_ids(campaign_id)))
        .group_by(OutcomeRecord.disposition, OutcomeRecord.outcome)
    )
    for disposition, outcome, count in session.execute(by_words):
        dispositions[disposition] = dispositions.get(disposition, 0) + count
        outcomes[outcome] = outcomes.get(outcome, 0) + count
    attempts = session.scalar(
        sa.select(sa.func.count(Attempt.id))
        .join(Contact, Contact.id == Attempt.contact_id)
        .where(mine)
    )
    waiting = sa.and_(mine, Contact.status == ContactStatus.WAITING)
    at_once = session.scalar(
        sa.select(Contact.id).where(waiting, Contact.next_call_at.is_(None)).limit(1)
    )
    earliest = session.scalar(sa.select(sa.func.min(Contact.next_call_at)).where(waiting))
    return Progress(
        campaign=campaign_facts(row),
        contacts=MappingProxyType(statuses),
        dispositions=MappingProxyType(dispositions),
        outcomes=MappingProxyType(outcomes),
        attempts=attempts or 0,
        next_call_at=earliest if at_once is None else None,
    )


def contact_lines(session: Session, campaign_id: int) -> tuple[ContactLine, ...]:
    """Return every contact of a campaign with its newest outcome, in the order of import."""
    newest = _newest(session, campaign_id)
    rows = session.scalars(
        sa.select(Contact)
        .where(Contact.campaign_id == campaign_id)
        .order_by(Contact.id)
        .options(
            selectinload(Contact.deliveries),
            selectinload(Contact.attempts),
            selectinload(Contact.recipient),
        )
    )
    return tuple(_line(row, newest.get(row.id)) for row in rows)


def call(session: Session, attempt_id: int) -> Call:
    """Return a settled attempt with what was said. Raises StoreError when there is none."""
    row = session.get(Attempt, attempt_id)
    if row is None or row.outcome is None:
        raise StoreError(f"There is no settled attempt {attempt_id}")
    return Call(
        attempt_id=row.id,
        number=row.number,
        waybills=tuple(delivery.waybill for delivery in row.contact.deliveries),
        language=row.contact.language,
        time_zone=row.contact.time_zone,
        dialed_at=row.dialed_at,
        talk_seconds=row.talk_seconds,
        recording=row.recording,
        disposition=row.outcome.disposition,
        outcome=row.outcome.outcome,
        turns=tuple(turn_record(turn) for turn in row.turns),
        flow_version=row.flow_version,
    )


def outcome_of_call(session: Session, attempt_id: int) -> LatestOutcome | None:
    """Return what an attempt came to; None: it goes on."""
    row = session.scalar(sa.select(OutcomeRecord).where(OutcomeRecord.attempt_id == attempt_id))
    return None if row is None else latest_outcome(row)


def _campaign(session: Session, campaign_id: int) -> Campaign:
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise StoreError(f"There is no campaign {campaign_id}")
    return row


def latest_ids(campaign_id: int) -> sa.Select[int]:
    """Ask for the newest outcome of every contact of a campaign."""
    return (
        sa.select(sa.func.max(OutcomeRecord.id))
        .join(Contact, Contact.id == OutcomeRecord.contact_id)
        .where(Contact.campaign_id == campaign_id)
        .group_by(OutcomeRecord.contact_id)
    )


def _newest(session: Session, campaign_id: int) -> dict[int, LatestOutcome]:
    rows = session.scalars(
        sa.select(OutcomeRecord).where(OutcomeRecord.id.in_(latest_ids(campaign_id)))
    )
    return {row.contact_id: latest_outcome(row) for row in rows}


def _line(row: Contact, latest: LatestOutcome | None) -> ContactLine:
    dialed = [attempt for attempt in row.attempts if attempt.dialed_at is not None]
    settled = [attempt for attempt in dialed if attempt.status is AttemptStatus.SETTLED]
    last = settled[-1] if settled else None
    return ContactLine(
        contact_id=row.id,
        recipient=row.recipient.name,
        phone=row.phone,
        time_zone=row.time_zone,
        waybills=tuple(delivery.waybill for delivery in row.deliveries),
        status=row.status,
        attempts=len(dialed),
        next_call_at=row.next_call_at,
        last_called_at=dialed[-1].dialed_at if dialed else None,
        last_attempt_id=None if last is None else last.id,
        recording="" if last is None else last.recording,
        latest=latest,
    )
