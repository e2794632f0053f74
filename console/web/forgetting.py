"""Forgetting a person, written down by ids alone; for pages, the API and the command line."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.erasing import Erased
from campaigns.forgetting import forget_people
from campaigns.settings import Settings
from console.web.audit import Action, record
from console.web.roles import Viewer
from store.database import Database
from store.traces import Traces


def forget_and_write_down(
    database: Database,
    settings: Settings,
    viewer: Viewer | None,
    recipients: Collection[int],
    now: datetime,
    *,
    evidence: bool = False,
) -> tuple[Traces, Erased]:
    """Forget people; return whose rows those were, and what went from the disk.

    `viewer`: None on the command line. `evidence`: also their consent to leave a parcel. Raises
    StoreError while a call of theirs goes on or is written down.
    """

    def write_down(session: Session, traces: Traces) -> None:
        details = {
            "contacts": len(traces.contacts),
            "calls": len(traces.attempts),
            "evidence": evidence,
        }
        for recipient in traces.recipients:
            record(session, viewer, Action.PERSON_FORGOTTEN, "recipient", recipient, details, now)

    return forget_people(
        database, settings, recipients, now, evidence=evidence, write_down=write_down
    )
