"""The books of a campaign: long work leaves room for others who write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from campaigns.books import CLOSED_AT_ONCE, Books
from campaigns.line import OutgoingLine
from campaigns.plan import CampaignPlan
from campaigns.rehearsed import invent_campaign
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from store.claims import claim_next
from store.database import Database
from store.queries import progress, set_campaign_status
from store.types import CampaignStatus, Disposition

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LINE = OutgoingLine("127.0.0.1", 5060, "udp", timedelta(seconds=30), Path("calls"), 4, 1.0)


def test_others_write_while_many_contacts_are_closed_that_are_too_late(
    database: Database, campaign: int
) -> None:
    people = 2 * CLOSED_AT_ONCE + 1
    with database.transaction() as session:
        late = invent_campaign(session, NOON, people)
        set_campaign_status(session, late, CampaignStatus.RUNNING, NOON)
    engine = Database(database.url)
    expired: list[int] = []

    def rest(seconds: float) -> None:
        assert seconds > 0
        with engine.transaction() as session:
            assert claim_next(session, campaign, NOON, claimed_by="another") is None
            expired.append(progress(session, late).dispositions[Disposition.EXPIRED])

    plan = CampaignPlan(late, "engine", LINE, rules_of(CampaignSettings(), {}))
    closed = Books(database, plan, rest).close_unwanted(NOON + timedelta(days=9))
    engine.close()
    assert closed == people
    assert expired == [CLOSED_AT_ONCE, 2 * CLOSED_AT_ONCE]
