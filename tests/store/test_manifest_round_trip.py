"""The whole way of a manifest through the store, on every database: in, called, back out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from campaigns.importer import import_manifest
from campaigns.tables import read_table
from campaigns.write_back import write_back
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.queries import create_campaign, progress, set_campaign_status
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import Settlement

MANIFEST = Path(__file__).parents[2] / "examples" / "manifest.csv"


def test_every_recipient_of_the_example_is_called_once_and_reported(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.transaction() as session:
        campaign = create_campaign(
            session, name="早班", flow="pre-delivery", company="顺达快递", now=now
        ).id
        set_campaign_status(session, campaign, CampaignStatus.RUNNING, now)
    content = MANIFEST.read_bytes()
    assert import_manifest(database, campaign, "manifest.csv", content, now).new == 24
    assert import_manifest(database, campaign, "manifest.csv", content, now).new == 0
    numbers: list[str] = []
    for _ in range(24):
        with database.transaction() as session:
            order = claim_next(session, campaign, now, claimed_by="engine")
            assert order is not None
            mark_dialing(session, order.attempt_id, now)
        with database.transaction() as session:
            settlement = Settlement(Disposition.COMPLETED, Outcome.CONFIRMED, at=now)
            settle(session, order.attempt_id, settlement, then=ContactStatus.DONE)
        numbers.append(order.phone)
    assert numbers == [f"+8613800138{number:03}" for number in range(1, 25)]
    report = write_back(database, tmp_path, lambda: now)
    assert (report.outcomes, len(report.transcripts)) == (24, 24)
    with database.reading() as session:
        assert progress(session, campaign).is_complete
    (copy,) = report.manifests
    table = read_table(copy.name, copy.read_bytes())
    result = table.header.cells.index("结果")
    assert [row.cell(result) for row in table.rows] == ["已确认"] * 24
