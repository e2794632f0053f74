"""Campaigns, manifests and events as they are published; nobody is in them."""

from __future__ import annotations

from console.api.campaign_schemas import Campaign, CampaignProgress
from console.api.manifest_schemas import Event, Manifest
from store.api_queries import CampaignTimes, ManifestRecord
from store.feed_queries import EventRecord
from store.values import Progress


def campaign(row: CampaignTimes) -> Campaign:
    """Show a campaign."""
    facts = row.facts
    return Campaign(
        id=facts.id,
        name=facts.name,
        flow=facts.flow,
        language=facts.language,
        time_zone=facts.time_zone,
        company=facts.company,
        callback_number=facts.callback_number,
        status=facts.status,
        policy=dict(facts.policy),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def progress(of: Progress) -> CampaignProgress:
    """Show how far a campaign has come."""
    return CampaignProgress(
        campaign_id=of.campaign.id,
        status=of.campaign.status,
        contacts=dict(of.contacts),
        dispositions=dict(of.dispositions),
        outcomes=dict(of.outcomes),
        attempts=of.attempts,
        next_call_at=of.next_call_at,
    )


def manifest(row: ManifestRecord) -> Manifest:
    """Show a manifest."""
    return Manifest(
        id=row.id,
        campaign_id=row.campaign_id,
        file_name=row.file_name,
        imported_at=row.imported_at,
        rows=row.rows,
        problem_rows=row.problem_rows,
    )


def event(row: EventRecord) -> Event:
    """Show what was told of a parcel."""
    return Event(
        event_id=row.event_id,
        waybill=row.waybill,
        status=row.status,
        at=row.at,
        received_at=row.received_at,
        withdrawn=row.withdrawn,
    )
