"""The whole circle: a call hears of trouble, one offers solutions, one tells what was done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.attempt import order_for, settle_report
from campaigns.line import OutgoingLine
from campaigns.order import CallReport
from campaigns.rehearsed import invent_campaign
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from campaigns.tickets import explain, resolve
from campaigns.tickets_due import due
from campaigns.tickets_rules import shipped_ticket_rules
from dialer.leg import HangupCause
from ivr.flow import load_flow
from ivr.rehearsing import TextCall, Typed
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.models import Campaign, Delivery
from store.queries import campaign_named, set_campaign_status
from store.ticket_queries import ticket_events, tickets
from store.ticket_values import TicketFacts
from store.types import CampaignStatus, TicketStatus

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LINE = OutgoingLine("192.0.2.7", 5060, "udp", timedelta(seconds=12), Path("calls"), 30, 5.0)
RULES = shipped_ticket_rules()


def talk(database: Database, campaign: str, now: datetime, *lines: str) -> str:
    """Make the next call of a campaign, typing what the customer says; return what we said."""
    with database.transaction() as session:
        facts = campaign_named(session, campaign)
        assert facts is not None
        if facts.status is CampaignStatus.DRAFT:
            set_campaign_status(session, facts.id, CampaignStatus.RUNNING, now)
        call = claim_next(session, facts.id, now, claimed_by="engine")
        assert call is not None
        mark_dialing(session, call.attempt_id, now)
    order = order_for(call, LINE, now)
    conversation = TextCall(load_flow(order.flow, order.language), order.facts)
    said = [each.text for each in conversation.now.says]
    for line in lines:
        conversation.take(Typed.of(line))
        said += [each.text for each in conversation.now.says]
    assert conversation.is_over
    report = CallReport(
        attempt=call.attempt_id,
        cause=HangupCause.WE_HUNG_UP,
        sip_status=200,
        answered=True,
        ring_seconds=3.0,
        talk_seconds=25.0,
        result=conversation.result,
    )
    with database.transaction() as session:
        settle_report(session, call, report, now, rules_of(CampaignSettings(), {}), RULES)
    return "".join(said)


@pytest.fixture
def trouble(database: Database) -> TicketFacts:
    """A screen that arrived broken, and a customer who chose another one."""
    with database.transaction() as session:
        campaign = session.get_one(Campaign, invent_campaign(session, NOON, 1, name="签收确认"))
        campaign.flow = "sign-off"
        session.get_one(Delivery, 1).facts = {"value": "299"}
    talk(database, "签收确认", NOON, "收到了", "东西坏了", "对", "屏幕碎了")
    with database.transaction() as session:
        (opened,) = tickets(session)
        assert (opened.kind, opened.cause, opened.words) == ("damage", "damaged", "屏幕碎了")
        explain(session, RULES, opened.number, "王芳", NOON + HOUR)
    said = talk(database, "异常沟通", NOON + HOUR, "方便", "换一件新的", "对")
    assert "给您换一件新的" in said
    with database.reading() as session:
        (agreed,) = tickets(session)
    assert (agreed.number, agreed.status) == (opened.number, TicketStatus.AGREED)
    assert (agreed.proposal, agreed.words) == ("replace", "屏幕碎了")
    assert agreed.times.callback_by is None
    return agreed


def test_a_content_customer_closes_the_circle(database: Database, trouble: TicketFacts) -> None:
    with database.transaction() as session:
        resolve(session, RULES, trouble.number, "李强", NOON + 2 * HOUR, why="packaging")
    said = talk(database, "工单回访", NOON + 3 * HOUR, "解决了", "满意")
    assert "有结果了,给您换了一件新的" in said
    with database.reading() as session:
        (closed,) = tickets(session)
        assert due(session, NOON + 3 * HOUR) == ()
    assert closed.status is TicketStatus.CLOSED
    assert closed.times.customer_told_at == NOON + 3 * HOUR


def test_an_unhappy_customer_goes_round_once_more_and_is_rung_back(
    database: Database, trouble: TicketFacts
) -> None:
    with database.transaction() as session:
        resolve(session, RULES, trouble.number, "李强", NOON + 2 * HOUR)
    said = talk(database, "工单回访", NOON + 3 * HOUR, "没解决", "换来的也是坏的")
    assert "给您回电话" in said
    with database.reading() as session:
        (again,) = tickets(session)
        notes = [line.note for line in ticket_events(session, trouble.number)]
    assert (again.status, again.level, again.urgent) == (TicketStatus.ACKNOWLEDGED, 1, True)
    assert again.words == "屏幕碎了\n换来的也是坏的"
    assert again.times.callback_by is not None
    assert notes[-1] == "换来的也是坏的"
