"""How far a campaign is, what holds it, and what comes next, in lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from campaigns.labels import Shelf, label
from campaigns.rules import rules_of
from campaigns.settings import Settings
from console.reports import CAMPAIGN_STATUSES
from store.campaign_pace import dialled_since, imports_under_way
from store.database import Database
from store.explained import counts_held
from store.queries import progress
from store.types import ContactStatus, Disposition
from store.values import CampaignFacts

LOOKED_BACK = timedelta(minutes=10)


def status_lines(
    database: Database, settings: Settings, facts: CampaignFacts, now: datetime
) -> Iterator[str]:
    """Yield what an operator asks first."""
    with database.reading() as session:
        far = progress(session, facts.id)
        held = counts_held(session, facts.id)
        dialled = dialled_since(session, facts.id, now - LOOKED_BACK)
        coming = imports_under_way(session, facts.id)
    rules = rules_of(settings.campaign, facts.policy, facts.flow, settings.calling)
    yield f"{facts.name}（{CAMPAIGN_STATUSES[facts.status]}）, {facts.flow}, {facts.language}"
    total = sum(far.contacts.values())
    counts = "，".join(
        f"{label(Shelf.CONTACT, word, 'zh')} {count}"
        for word, count in far.contacts.items()
        if count
    )
    yield f"{total} contacts: {counts or 'none'}; {far.attempts} calls."
    minutes = LOOKED_BACK.total_seconds() / 60
    waiting = far.contacts[ContactStatus.WAITING]
    if dialled and waiting:
        left = timedelta(minutes=waiting / (dialled / minutes))
        hours = left.total_seconds() / 3600
        yield f"{dialled / minutes:.1f} calls a minute; at that pace it takes {hours:.1f} h."
    elif dialled:
        yield f"{dialled / minutes:.1f} calls a minute."
    zone = ZoneInfo(facts.time_zone)
    for word, count in sorted(held.items()):
        yield f"{count} are held: {word}."
    if far.next_call_at is not None and far.next_call_at > now:
        yield f"The next may be called at {far.next_call_at.astimezone(zone):%Y-%m-%d %H:%M}."
    opening = rules.window_in(facts.time_zone).next_opening(now)
    if opening is not None and opening > now:
        yield f"The calling window opens at {opening.astimezone(zone):%Y-%m-%d %H:%M}."
    if not rules.scope.is_everybody:
        out = far.dispositions.get(Disposition.OUT_OF_SCOPE, 0)
        yield f"It is a pilot: {out} are left out to compare with."
    lost = far.dispositions.get(Disposition.TRUNK_FAILURE, 0)
    if lost:
        yield f"Trouble: the trunk lost the last call of {lost} contacts; see `menling doctor`."
    unknown = far.contacts[ContactStatus.NEEDS_RECONCILIATION]
    if unknown:
        yield f"Trouble: nobody knows what came of {unknown} calls; see `menling reconcile`."
    for name, rows in coming:
        yield f"An import of {name} goes on or broke off after {rows} rows; the same file goes on."
