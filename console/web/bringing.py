"""A manifest that somebody brings, by a page or by the API: imported and written down."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

from fastapi import UploadFile

from campaigns.importer import ImportReport, import_manifest
from campaigns.published_flows import PublishedFlows
from campaigns.settings import Settings
from console.web.audit import Action, record
from console.web.roles import Viewer
from ivr.flow_needs import needs_of
from store.database import Database
from store.values import CampaignFacts


def bring(
    database: Database,
    settings: Settings,
    viewer: Viewer,
    campaign: CampaignFacts,
    file: UploadFile,
    now: datetime,
) -> ImportReport:
    """Import a file into a campaign; the audit trail says who did.

    Raises ManifestError when it can't be used at all, FlowError when the campaign's flow is gone.
    """
    published = PublishedFlows(database, settings.flows_dir)
    needs = needs_of(*published.in_every_language(campaign.flow))
    name = plain_name(file.filename or "")
    report = import_manifest(database, campaign.id, name, file.file.read(), now, needs)
    with database.transaction() as session:
        details = {"campaign": campaign.id, "rows": report.rows}
        record(
            session, viewer, Action.MANIFEST_IMPORTED, "manifest", report.manifest_id, details, now
        )
    return report


def plain_name(name: str) -> str:
    """Return the last part of a file name, without what can't be printed."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(each for each in last if each.isprintable())[-100:]
