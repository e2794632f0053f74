"""Claims ask the law of time: caps count across campaigns, on either store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.laws import judge_of, laws_of
from campaigns.rules import CampaignRules, rules_of
from campaigns.settings_sections import CampaignSettings
from campaigns.tickets_rules import shipped_ticket_rules
from store.claims import UNBOUND, CallUnwantedError, claim_some, mark_dialing, release, settle
from store.database import Database
from store.models import Contact, Delivery, Recipient
from store.queries import create_campaign, set_campaign_status
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import ClaimedCall, Settlement

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
PHONE = "+8613800138000"


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    opened = Database(either_url)
    yield opened
    opened.close()


class Caller:
    """Two campaigns that want the same number."""

    def __init__(self, database: Database, until: datetime | None = None) -> None:
        self.database = database
        self.contacts: dict[int, int] = {}
        with database.transaction() as session:
            person = Recipient(phone=PHONE, name="张三")
            session.add(person)
            session.flush()
            for name in ("早班", "回访"):
                facts = create_campaign(
                    session, name=name, flow="pre-delivery", company="顺达", now=NOON
                )
                set_campaign_status(session, facts.id, CampaignStatus.RUNNING, NOON)
                contact = Contact(
                    campaign_id=facts.id,
                    recipient_id=person.id,
                    phone=PHONE,
                    language="zh-CN",
                    time_zone="Asia/Shanghai",
                    useful_until=until,
                )
                contact.deliveries = [
                    Delivery(campaign_id=facts.id, waybill=f"SD{facts.id}", address="长安街 1 号")
                ]
                session.add(contact)
                session.flush()
                self.contacts[facts.id] = contact.id
        self.first, self.second = self.contacts

    def claim(
        self, campaign: int, now: datetime, policy: dict[str, object] | None = None
    ) -> tuple[ClaimedCall, ...]:
        judge = judge_of(laws_of(self.rules(policy), shipped_ticket_rules()), now)
        with self.database.transaction() as session:
            return claim_some(
                session, campaign, now, judge,
                engine="e", lease_until=now + timedelta(minutes=1), at_most=5,
            )  # fmt: skip

    def ring(self, call: ClaimedCall, now: datetime) -> None:
        judge = judge_of(laws_of(self.rules(), shipped_ticket_rules()), now)
        with self.database.transaction() as session:
            mark_dialing(
                session, call.attempt_id, now, judge=judge, held=(call.claimed_by, call.fence),
                binding=UNBOUND, lease_until=now + timedelta(minutes=1),
            )  # fmt: skip

    def dial(self, campaign: int, now: datetime, ended: Disposition = Disposition.BUSY) -> None:
        (call,) = self.claim(campaign, now)
        self.ring(call, now)
        with self.database.transaction() as session:
            settle(
                session, call.attempt_id, Settlement(ended, Outcome.NOT_REACHED, now),
                then=ContactStatus.WAITING, next_call_at=now,
            )  # fmt: skip

    def waits(self, campaign: int) -> tuple[ContactStatus, datetime | None, str]:
        with self.database.reading() as session:
            contact = session.get_one(Contact, self.contacts[campaign])
            return contact.status, contact.next_call_at, contact.held

    @staticmethod
    def rules(policy: dict[str, object] | None = None) -> CampaignRules:
        return rules_of(CampaignSettings(), policy or {})


def test_the_calls_of_one_campaign_count_for_the_other(database: Database) -> None:
    caller = Caller(database)
    for minutes in (0, 6, 12):
        caller.dial(caller.first, NOON + timedelta(minutes=minutes))
    assert caller.claim(caller.second, NOON + timedelta(minutes=20)) == ()
    until = NOON + timedelta(hours=1)
    assert caller.waits(caller.second) == (ContactStatus.WAITING, until, "cap")
    (call,) = caller.claim(caller.second, until)
    assert call.phone == PHONE


def test_two_campaigns_leave_a_gap_between_their_calls(database: Database) -> None:
    caller = Caller(database)
    caller.dial(caller.first, NOON)
    assert caller.claim(caller.second, NOON + timedelta(minutes=1)) == ()
    until = NOON + timedelta(minutes=5)
    assert caller.waits(caller.second) == (ContactStatus.WAITING, until, "gap")
    assert len(caller.claim(caller.second, until)) == 1


def test_a_call_that_our_trunk_lost_counts_for_nobody(database: Database) -> None:
    caller = Caller(database)
    for _ in range(4):
        caller.dial(caller.first, NOON, Disposition.TRUNK_FAILURE)
    assert len(caller.claim(caller.second, NOON)) == 1


def test_who_can_not_be_called_before_it_is_too_late_is_closed_at_once(
    database: Database,
) -> None:
    caller = Caller(database, until=datetime(2026, 11, 24, 9, tzinfo=SHANGHAI))
    evening = datetime(2026, 11, 23, 21, tzinfo=SHANGHAI)
    assert caller.claim(caller.first, evening) == ()
    assert caller.waits(caller.first)[0] is ContactStatus.CLOSED


def test_a_window_that_closes_between_claim_and_ringing_lets_nobody_ring(
    database: Database,
) -> None:
    caller = Caller(database)
    closing = datetime(2026, 11, 23, 20, 30, tzinfo=SHANGHAI)
    just_before = closing - timedelta(milliseconds=200)
    (call,) = caller.claim(caller.first, just_before)
    with pytest.raises(CallUnwantedError) as caught:
        caller.ring(call, closing)
    with database.transaction() as session:
        release(
            session, call.attempt_id, closing, caught.value.verdict,
            held=(call.claimed_by, call.fence),
        )  # fmt: skip
    tomorrow = datetime(2026, 11, 24, 9, tzinfo=SHANGHAI)
    assert caller.waits(caller.first) == (ContactStatus.WAITING, tomorrow, "window")


def test_midday_rest_is_kept_and_said(database: Database) -> None:
    caller = Caller(database)
    assert caller.claim(caller.first, NOON, {"when": {"rest": "12:00-14:00"}}) == ()
    assert caller.waits(caller.first) == (
        ContactStatus.WAITING, NOON + timedelta(hours=2), "rest",
    )  # fmt: skip
