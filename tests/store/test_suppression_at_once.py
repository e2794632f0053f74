"""A number that comes onto a list is not called any more, whichever engine is about to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from campaigns.books import Books
from campaigns.line import OutgoingLine
from campaigns.plan import CampaignPlan
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from store.claims import CallUnwantedError
from store.database import Database
from store.queries import contact_lines, create_campaign, set_campaign_status
from store.suppression import suppress
from store.types import CampaignStatus, ContactStatus, SuppressionReason

PHONES = tuple(f"+861380013800{number}" for number in range(1, 4))


@pytest.fixture
def campaign(database: Database, now: datetime, add_contact: Callable[..., None]) -> int:
    """A running campaign with three people to call."""
    with database.transaction() as session:
        made = create_campaign(session, name="早班", flow="pre-delivery", company="顺达", now=now)
        set_campaign_status(session, made.id, CampaignStatus.RUNNING, now)
        for number in range(1, 4):
            add_contact(session, made.id, number)
    return made.id


@pytest.fixture
def other(url: str) -> Iterator[Database]:
    """The same store, as another engine has it open."""
    other = Database(url)
    yield other
    other.close()


def test_a_list_entry_of_one_engine_is_heeded_by_the_claim_and_the_last_look_of_another(
    database: Database, other: Database, campaign: int, now: datetime, tmp_path: Path
) -> None:
    line = OutgoingLine("127.0.0.1", 5060, "udp", timedelta(seconds=30), tmp_path, 4, 1.0)
    rules = rules_of(CampaignSettings(calling_window="00:00-24:00"), {})
    one, two = (
        Books(each, CampaignPlan(campaign, name, line, rules))
        for each, name in ((database, "one"), (other, "two"))
    )
    (claimed,) = one.claim(now)
    waiting = next(number for number in PHONES if number != claimed.phone)
    with other.transaction() as session:
        for phone in (claimed.phone, waiting):
            suppress(session, phone, SuppressionReason.OPERATOR, now)
    with pytest.raises(CallUnwantedError) as refused:
        one.mark_dialing(claimed, now)
    one.give_back(claimed, now, refused.value)
    (left,) = two.claim(now, at_most=3)
    assert left.phone not in (claimed.phone, waiting)
    with database.reading() as session:
        closed = [line.phone for line in contact_lines(session, campaign)
                  if line.status is ContactStatus.CLOSED]  # fmt: skip
    assert sorted(closed) == sorted((claimed.phone, waiting))
