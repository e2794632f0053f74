"""The life of a campaign: which step leads where, and what every step does to its contacts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from campaigns.campaign_faults import check_rules
from campaigns.pace import Pace
from campaigns.rules import rules_of
from campaigns.scope import Scope
from campaigns.settings import Settings
from store.closing import close
from store.database import Database
from store.errors import StoreError
from store.flow_publications import publications
from store.models import Attempt, Campaign, Contact, OutcomeRecord
from store.queries import campaign, create_campaign, set_campaign_status
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import CampaignFacts
from store.wake_ups import Topic, wake

AT_ONCE = 500
"""Contacts of one transaction: a fraction of a second."""


class Step(StrEnum):
    """What somebody does with a campaign."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


_DRAFT, _RUNNING, _PAUSED = CampaignStatus.DRAFT, CampaignStatus.RUNNING, CampaignStatus.PAUSED
_FINISHED, _CANCELLED = CampaignStatus.FINISHED, CampaignStatus.CANCELLED

LEADS_TO: Mapping[tuple[CampaignStatus, Step], CampaignStatus] = MappingProxyType(
    {
        (_DRAFT, Step.START): _RUNNING,
        (_DRAFT, Step.CANCEL): _CANCELLED,
        (_RUNNING, Step.PAUSE): _PAUSED,
        (_RUNNING, Step.CANCEL): _CANCELLED,
        (_PAUSED, Step.RESUME): _RUNNING,
        (_PAUSED, Step.START): _RUNNING,
        (_PAUSED, Step.CANCEL): _CANCELLED,
        # A finished campaign runs again when a further manifest is imported into it.
        (_FINISHED, Step.START): _RUNNING,
        (_FINISHED, Step.RESUME): _RUNNING,
    }
)
"""What is not here makes no sense."""

_INSTEAD: Mapping[CampaignStatus, str] = MappingProxyType(
    {
        _DRAFT: "it was never started; `menling campaign start {name}` starts it",
        _RUNNING: "it runs; `menling campaign pause {name}` holds it, `cancel` ends it for good",
        _PAUSED: "it is paused; `menling campaign resume {name}` goes on",
        _FINISHED: "everybody was called; import a further manifest and start it again",
        _CANCELLED: "it is cancelled for good; `menling campaign create` makes another one",
    }
)
_OUT = (Disposition.OUT_OF_SCOPE, Outcome.NOT_CALLED)
_TAKEN_BACK = (Disposition.WITHDRAWN, Outcome.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """What another scope did."""

    closed: int
    """Who waited and is left to compare with now."""
    reopened: int
    """Who was left out and is called now."""


def make(
    session: Session, settings: Settings, name: str, now: datetime, **wanted: Any
) -> CampaignFacts:
    """Create a campaign once its rules, its trunks and its script versions are known to be good.

    `wanted` is what `store.queries.create_campaign` takes. Raises SettingsError for a policy that
    can't be used, StoreError for a name that is taken and for a script that was never published.
    """
    policy = wanted.get("policy") or {}
    zone = wanted.get("time_zone") or settings.campaign.time_zone
    check(session, settings, wanted["flow"], policy, zone, now)
    return create_campaign(session, name=name, now=now, **wanted)


def check(
    session: Session,
    settings: Settings,
    flow: str,
    policy: Mapping[str, object],
    zone: str,
    now: datetime,
) -> None:
    """Raise SettingsError or StoreError when a policy can't be used, or would call nobody.

    `zone` is the campaign's own.
    """
    rules = rules_of(settings.campaign, policy, flow, settings.calling)
    check_rules(settings, rules, zone, now)
    names = [each.name for each in rules.scripts]
    if len(set(names)) < len(names):
        raise StoreError("Two script versions have the same name; name each differently")
    published = {each.version for each in publications(session, flow)}
    for each in rules.scripts:
        if each.version and each.version not in published:
            raise StoreError(
                f"Version {each.version} of {flow} was never published; "
                f"`menling flows versions {flow}` lists those that were"
            )


def take_step(session: Session, campaign_id: int, step: Step, now: datetime) -> CampaignStatus:
    """Start, pause, go on with or cancel; raises StoreError that says what to do instead."""
    was = campaign(session, campaign_id)
    becomes = LEADS_TO.get((was.status, step))
    if becomes is None:
        instead = _INSTEAD[was.status].format(name=was.name)
        raise StoreError(f"Campaign {was.name} can't be {_DONE[step]}: {instead}.")
    set_campaign_status(session, campaign_id, becomes, now)
    return becomes


_DONE = {
    Step.START: "started",
    Step.PAUSE: "paused",
    Step.RESUME: "resumed",
    Step.CANCEL: "cancelled",
}


def close_waiting(
    database: Database, campaign_id: int, now: datetime, pace: Pace | None = None
) -> int:
    """Close everybody who waits in a campaign that is cancelled; return how many."""
    closed = 0
    pace = pace or Pace()
    while True:
        with database.transaction() as session:
            some = session.scalars(
                _waiting(campaign_id).limit(AT_ONCE).with_for_update(skip_locked=True)
            ).all()
            for contact_id in some:
                close(session, contact_id, *_TAKEN_BACK, now)
        closed += len(some)
        if len(some) < AT_ONCE:
            return closed
        pace.let_others_in()


def set_scope(
    database: Database,
    settings: Settings,
    campaign_id: int,
    scope: Scope,
    now: datetime,
    pace: Pace | None = None,
) -> ScopeChange:
    """Call other people: close who is out of scope now, open again who is within.

    Who was called stays as they are. Raises StoreError, SettingsError.
    """
    pace = pace or Pace()
    with database.transaction() as session:
        row = session.get(Campaign, campaign_id, with_for_update=True)
        if row is None or row.status is CampaignStatus.CANCELLED:
            raise StoreError("This campaign is cancelled; `menling campaign create` makes another")
        policy = {**row.policy, "scope": {name: _plain(v) for name, v in asdict(scope).items()}}
        check(session, settings, row.flow, policy, row.time_zone, now)
        row.policy = policy
        wake(session, Topic.CAMPAIGNS)
    closed = reopened = 0
    after = 0
    while True:
        with database.transaction() as session:
            some = _some_after(session, campaign_id, after)
            within = [
                each
                for each in some
                if scope.takes_in(campaign_id, each.phone, each.region, each.product_line)
            ]
            taken_in = {each.id for each in within}
            for each in some:
                if each.status is ContactStatus.WAITING and each.id not in taken_in:
                    close(session, each.id, *_OUT, now)
                    closed += 1
            reopened += _reopen(
                session, [each.id for each in within if each.status is ContactStatus.CLOSED], now
            )
            wake(session, Topic.CONTACTS)
        if not some:
            return ScopeChange(closed, reopened)
        after = some[-1].id
        pace.let_others_in()


def _waiting(campaign_id: int) -> sa.Select[int]:
    return (
        sa.select(Contact.id)
        .where(Contact.campaign_id == campaign_id, Contact.status == ContactStatus.WAITING)
        .order_by(Contact.id)
    )


def _some_after(session: Session, campaign_id: int, after: int) -> Sequence[Any]:
    """Return some contacts, by id, who wait or were closed without a call."""
    called = sa.select(Attempt.id).where(Attempt.contact_id == Contact.id).exists()
    either = sa.or_(
        sa.and_(Contact.status == ContactStatus.WAITING, ~called),
        Contact.status == ContactStatus.CLOSED,
    )
    return session.execute(
        sa.select(Contact.id, Contact.phone, Contact.region, Contact.product_line, Contact.status)
        .where(Contact.campaign_id == campaign_id, Contact.id > after, either)
        .order_by(Contact.id)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()


def _reopen(session: Session, contacts: Collection[int], now: datetime) -> int:
    """Let those wait again whose newest outcome is that they were out of scope."""
    if not contacts:
        return 0
    newest = (
        sa.select(sa.func.max(OutcomeRecord.id))
        .where(OutcomeRecord.contact_id.in_(contacts))
        .group_by(OutcomeRecord.contact_id)
    )
    out = session.scalars(
        sa.select(OutcomeRecord.contact_id)
        .join(Contact, Contact.id == OutcomeRecord.contact_id)
        .where(
            OutcomeRecord.id.in_(newest),
            OutcomeRecord.disposition == Disposition.OUT_OF_SCOPE,
            sa.or_(Contact.useful_until.is_(None), Contact.useful_until > now),
        )
    ).all()
    if out:
        session.execute(
            sa.update(Contact)
            .where(Contact.id.in_(out))
            .values(status=ContactStatus.WAITING, next_call_at=None, held="")
        )
    return len(out)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
