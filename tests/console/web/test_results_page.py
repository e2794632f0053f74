"""What came of a campaign is told apart in the browser, with its intervals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from campaigns.results import By
from console.web.words import Language, words_in
from store.database import Database
from store.models import Contact
from store.people_types import Role
from store.types import Disposition, Outcome
from store.values import Settlement


def test_scripts_are_compared_with_their_intervals(
    calls: Any, database: Database, now: datetime, browser_of: Callable[..., Any]
) -> None:
    contacts = [calls.contact(), calls.contact()]
    with database.transaction() as session:
        for contact, script in zip(contacts, ("a", "=b"), strict=True):
            session.get_one(Contact, contact).script = script
    for outcome in (Outcome.CONFIRMED, Outcome.UNFINISHED):
        ended = Settlement(Disposition.COMPLETED, outcome, at=now, answered=True, talk_seconds=30)
        calls.dial(settlement=ended)
    viewer = browser_of(Role.VIEWER)
    page = viewer.get("/campaigns/1/results").text
    assert "1 · 100.0%" in page
    assert "20.7%–100.0%" in page
    assert "0.0%–79.3%" in page
    assert "told apart yet" in page
    assert "pilot" in viewer.get("/campaigns/1/results?by=pilot").text
    assert viewer.get("/campaigns/1/results.csv").status_code == 403
    file = browser_of(Role.SUPERVISOR).get("/campaigns/1/results.csv?by=script")
    lines = file.content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["group", "'=b", "a"]
    assert viewer.get("/campaigns/99/results").status_code == 404


def test_every_way_to_tell_results_apart_has_its_words() -> None:
    words = words_in(Language.CHINESE)
    assert [each for each in By if f"results.by.{each.value}" not in words] == []
