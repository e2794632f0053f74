"""Scripts of a comparison: drawn at the claim, kept, and spoken from the version they name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from campaigns.published_flows import PublishedFlows, spoken_by
from campaigns.script_drawing import with_scripts
from campaigns.script_versions import ScriptVersion
from store.claims import claim_next
from store.database import Database
from store.flow_publications import FlowFiles, publish
from store.models import Contact
from store.queries import create_campaign, set_campaign_status
from store.types import CampaignStatus

SCRIPTS = (ScriptVersion("a", "1"), ScriptVersion("b", "2"))


def test_each_script_speaks_from_the_version_it_names(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    for version in ("1", "2", "3"):
        files = {"care.yaml": f"version: {version}"}
        words = FlowFiles("care", "zh-CN", version, version * 64, "care.yaml", files)
        with database.transaction() as session:
            publish(session, words, now, "li", "")
    files_now = PublishedFlows(database, tmp_path).files("care", SCRIPTS)
    said = {name: file.read_text("utf-8") for name, file in files_now.items()}
    assert said == {
        "zh-CN": "version: 3",
        spoken_by("a", "zh-CN"): "version: 1",
        spoken_by("b", "zh-CN"): "version: 2",
    }


def test_what_somebody_hears_is_drawn_at_the_first_claim_and_kept(
    database: Database, now: datetime, add_contact: Callable[..., None]
) -> None:
    with database.transaction() as session:
        made = create_campaign(session, name="早班", flow="care", company="顺达", now=now)
        set_campaign_status(session, made.id, CampaignStatus.RUNNING, now)
        add_contact(session, made.id, 1)
        call = claim_next(session, made.id, now, claimed_by="one")
        assert call is not None
        assert with_scripts(session, (call,), ()) == (call,)
        (drawn,) = with_scripts(session, (call,), SCRIPTS)
        (kept,) = with_scripts(session, (drawn,), tuple(reversed(SCRIPTS)))
    assert drawn.script in ("a", "b")
    assert kept.script == drawn.script
    with database.reading() as session:
        assert session.scalar(sa.select(Contact.script)) == drawn.script
