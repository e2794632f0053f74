"""Why somebody has or hasn't been called: all that is known, by the laws that decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
import yaml

from campaigns.contact_reasons import Why, reasons_of
from campaigns.explaining import explanation, turn_in
from campaigns.labels import LabelLanguage
from campaigns.report import explain
from campaigns.rules import rules_of
from campaigns.settings import Settings
from campaigns.settings_sections import CampaignSettings
from campaigns.turn import Turn
from store.campaign_queries import ContactHistory
from store.candidates import CallNow, Never, Wait
from store.claims import Binding, claim_next, mark_dialing, settle
from store.database import Database
from store.message_models import Message
from store.message_types import DeliveryState, MessageKind, MessageStatus
from store.models import Contact, Recipient
from store.reconciliation_models import Evidence
from store.reconciliations import Resolution, resolve
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import Settlement

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""A Monday, twelve in Shanghai and four in the morning in London."""
RULES = rules_of(CampaignSettings(), {})
ANNA = ContactHistory(
    contact_id=1, campaign_id=1, recipient="安娜", status=ContactStatus.WAITING,
    time_zone="Asia/Shanghai", next_call_at=None, useful_until=None, needs_person="", attempts=(),
    latest=None, phone="+8613800138001",
)  # fmt: skip
AddContact = Callable[[str], int]


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def add_contact(database: Database, campaign: int) -> AddContact:
    """Adds a contact of the running campaign, in the zone of Shanghai."""

    def added(phone: str) -> int:
        with database.transaction() as session:
            contact = Contact(
                campaign_id=campaign, recipient=Recipient(name="安娜", phone=phone), phone=phone,
                language="zh-CN", time_zone="Asia/Shanghai", region="华东", script="b",
            )  # fmt: skip
            session.add(contact)
            session.flush()
            return contact.id

    return added


@pytest.fixture
def told(database: Database, settings: Settings) -> Callable[..., str]:
    def explained(contact: int, language: LabelLanguage = "en", now: datetime = NOON) -> str:
        with database.reading() as session:
            return "\n".join(explanation(session, settings, contact, now, language))

    return explained


def test_whoever_has_a_number_abroad_waits_for_the_law_there(add_contact, told) -> None:
    # Sundays in Britain: nobody is called there, wherever the recipient is.
    sunday = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    said = told(add_contact("+447400123456"), now=sunday)
    assert "It waits for the calling window, which opens at 2026-11-23 09:00." in said
    assert "By all laws it is called at 2026-11-23 09:00 or later." in said
    assert "uk 08:00-21:00" in said


def test_hours_alone_are_asked_of_the_number_too() -> None:
    sunday = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    abroad = replace(ANNA, phone="+447400123456")
    here = explain(ANNA, RULES, CampaignStatus.RUNNING, sunday)
    there = explain(abroad, RULES, CampaignStatus.RUNNING, sunday)
    assert here[-1] == "It waits for a free line."
    assert there[-1] == "It waits for the calling window, which opens at 2026-11-23 09:00."


def test_everything_that_was_done_is_told_in_either_language(
    database: Database, campaign: int, add_contact, told
) -> None:
    contact = add_contact("+8613800138001")
    with database.transaction() as session:
        call = claim_next(session, campaign, NOON, claimed_by="e")
        mark_dialing(
            session, call.attempt_id, NOON, binding=Binding("c" * 32, "spare", "4008001234")
        )
        settle(
            session,
            call.attempt_id,
            Settlement(
                at=NOON,
                disposition=Disposition.INTERRUPTED,
                outcome=Outcome.UNKNOWN,
                error="worker died",
            ),
            then=ContactStatus.NEEDS_RECONCILIATION,
        )
        session.add(
            Message(
                kind=MessageKind.SMS,
                event="not_reached",
                target="sms",
                idempotency_key="k",
                contact_id=contact,
                created_at=NOON,
                next_try_at=NOON,
                sent_at=NOON,
                status=MessageStatus.SENT,
                delivery=DeliveryState.DELIVERED,
            )
        )
    english, chinese = told(contact), told(contact, "zh")
    assert "It has region 华东, script b." in english
    assert "over trunk spare, showing 4008001234" in english
    assert f"`menling reconcile attempt {call.attempt_id}` answers it" in english
    assert "SMS not_reached to sms: delivered, 2026-11-23 12:00." in english
    assert "第 1 次，2026-11-23 12:00：系统中断，待核实" in chinese
    assert "线路 spare，显示号码 4008001234" in chinese
    assert "等待核实" in chinese
    assert "短信（not_reached，发往 sms）：已送达" in chinese
    with database.transaction() as session:
        resolve(session, call.attempt_id, Resolution(Evidence.CDR, NOON))
    assert "was told at 2026-11-23 12:00, by the provider's list of calls" in told(contact)


def test_whoever_does_not_wait_has_no_turn(
    database: Database, settings: Settings, campaign: int, add_contact
) -> None:
    contact = add_contact("+8613800138001")
    with database.transaction() as session:
        assert turn_in(session, settings, contact, NOON) == Turn(NOON, CallNow(), ())
        claim_next(session, campaign, NOON, claimed_by="e")
        assert turn_in(session, settings, contact, NOON) is None


LATER = NOON + timedelta(hours=2)


@pytest.mark.parametrize(
    ("contact", "turn", "why"),
    [
        (ANNA, Turn(NOON, CallNow(), ()), [Why.WAITS_FOR_LINE]),
        (ANNA, Turn(LATER, CallNow(), ()), [Why.CALLED_AGAIN]),
        (ANNA, Turn(LATER, CallNow(), ("cap", "window")), [Why.HELD_CAP, Why.WINDOW_CLOSED]),
        (
            replace(ANNA, held="gap", next_call_at=LATER),
            Turn(LATER, CallNow(), ()),
            [Why.HELD_GAP],
        ),
        (ANNA, Turn(LATER, Wait(LATER, "cap"), ("cap",)), [Why.NO_MOMENT]),
        (
            replace(ANNA, useful_until=LATER),
            Turn(NOON, Never(Disposition.EXPIRED, Outcome.EXPIRED), ()),
            [Why.EXPIRES],
        ),
        (
            ANNA,
            Turn(NOON, Never(Disposition.OPEN_TICKET, Outcome.NOT_CALLED), ()),
            [Why.WILL_BE_CLOSED],
        ),
    ],
)
def test_the_laws_say_why_somebody_waits(
    contact: ContactHistory, turn: Turn, why: list[Why]
) -> None:
    found = reasons_of(contact, RULES, CampaignStatus.RUNNING, NOON, turn)
    assert [each.why for each in found] == why


def test_every_reason_has_words_in_both_languages() -> None:
    shelves = yaml.safe_load(resources.files("campaigns").joinpath("explained.yaml").read_text())
    assert set(shelves["why"]) == {each.value for each in Why}
    assert set(shelves["campaign"]) == {each.value for each in CampaignStatus}
    assert set(shelves["evidence"]) == {each.value for each in Evidence}
    assert set(shelves["kind"]) == {each.value for each in MessageKind}
    for texts in (text for shelf in shelves.values() for text in shelf.values()):
        assert texts.keys() == {"zh", "en"}
