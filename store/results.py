"""What came of each contact of a campaign, for figures: nothing that says who it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.models import Attempt, Contact, OutcomeRecord
from store.queries import latest_ids
from store.types import ContactStatus, Disposition, Outcome

MACHINES = (Disposition.VOICEMAIL, Disposition.ASSISTANT, Disposition.ABANDONED)
"""Answered, and no conversation with a person came of it."""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One contact."""

    status: ContactStatus
    script: str
    region: str
    product_line: str
    merchant: str
    attempts: int
    """How often it was dialled."""
    reached: bool
    """A person answered once, at least."""
    talk_seconds: float
    hour: int | None
    """Of the first call, on the recipient's clock; None: never called."""
    disposition: Disposition | None
    outcome: Outcome | None


def result_rows(session: Session, campaign_id: int) -> Iterator[ResultRow]:
    """Yield what came of every contact of a campaign."""
    human = sa.and_(Attempt.answered, OutcomeRecord.disposition.not_in(MACHINES))
    of_attempts = (
        sa.select(
            Attempt.contact_id.label("contact_id"),
            sa.func.count(Attempt.id).label("attempts"),
            sa.func.sum(sa.case((human, 1), else_=0)).label("reached"),
            sa.func.sum(sa.case((human, Attempt.talk_seconds), else_=0.0)).label("talked"),
            sa.func.min(Attempt.dialed_at).label("first"),
        )
        .join(Contact, Contact.id == Attempt.contact_id)
        .outerjoin(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
        .where(Contact.campaign_id == campaign_id, Attempt.dialed_at.is_not(None))
        .group_by(Attempt.contact_id)
        .subquery()
    )
    newest = (
        sa.select(OutcomeRecord.contact_id, OutcomeRecord.disposition, OutcomeRecord.outcome)
        .where(OutcomeRecord.id.in_(latest_ids(campaign_id)))
        .subquery()
    )
    asked = (
        sa.select(
            Contact.status, Contact.script, Contact.region, Contact.product_line,
            Contact.merchant, Contact.time_zone, of_attempts.c.attempts, of_attempts.c.reached,
            of_attempts.c.talked, of_attempts.c.first, newest.c.disposition, newest.c.outcome,
        )
        .outerjoin(of_attempts, of_attempts.c.contact_id == Contact.id)
        .outerjoin(newest, newest.c.contact_id == Contact.id)
        .where(Contact.campaign_id == campaign_id)
        .order_by(Contact.id)
    )  # fmt: skip
    for row in session.execute(asked.execution_options(yield_per=5000)):
        first = row.first
        yield ResultRow(
            status=row.status,
            script=row.script,
            region=row.region,
            product_line=row.product_line,
            merchant=row.merchant,
            attempts=row.attempts or 0,
            reached=bool(row.reached),
            talk_seconds=float(row.talked or 0),
            hour=None if first is None else first.astimezone(ZoneInfo(row.time_zone)).hour,
            disposition=row.disposition,
            outcome=row.outcome,
        )
