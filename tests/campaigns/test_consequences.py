"""What follows from the end of a call beside another call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.attempt import SettledCall, order_for, settle_report
from campaigns.consequences import SOMEBODY_ELSES, VACANT
from campaigns.line import OutgoingLine
from campaigns.next_script import AGENT, SHORT
from campaigns.order import CallReport
from campaigns.parcel_events import ParcelMoved, take_event
from campaigns.rehearsed import invent_campaign
from campaigns.retry import RetryReason
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from dialer.leg import HangupCause
from ivr.exchange import DialogOutcome, DialogResult
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.models import Contact
from store.queries import set_campaign_status
from store.ticket_queries import tickets
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome
from store.values import ClaimedCall

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LINE = OutgoingLine("192.0.2.7", 5060, "udp", timedelta(seconds=12), Path("calls"), 30, 5.0)
RULES = rules_of(CampaignSettings(), {})
RANG = CallReport(
    attempt=1,
    cause=HangupCause.NO_ANSWER,
    sip_status=487,
    answered=False,
    ring_seconds=20.0,
    talk_seconds=0.0,
)
CUT = replace(RANG, cause=HangupCause.THEY_HUNG_UP, sip_status=200, answered=True)
VACANT_NUMBER = replace(RANG, cause=HangupCause.INVALID_NUMBER, sip_status=404)


@pytest.fixture
def campaign(database: Database) -> int:
    """A running campaign with one person."""
    with database.transaction() as session:
        campaign_id = invent_campaign(session, NOON, people=1)
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, NOON)
    return campaign_id


def dial(database: Database, campaign: int, now: datetime) -> ClaimedCall:
    with database.transaction() as session:
        call = claim_next(session, campaign, now, claimed_by="engine")
        assert call is not None
        mark_dialing(session, call.attempt_id, now)
        return call


def end(database: Database, call: ClaimedCall, report: CallReport, now: datetime) -> SettledCall:
    with database.transaction() as session:
        return settle_report(session, call, replace(report, attempt=call.attempt_id), now, RULES)


def contact_of(database: Database, call: ClaimedCall) -> tuple[ContactStatus, str]:
    with database.reading() as session:
        row = session.get_one(Contact, call.contact_id)
        return row.status, row.next_script


def due(settled: SettledCall) -> datetime:
    assert settled.decision.retry_at is not None
    return settled.decision.retry_at


def test_a_call_that_was_cut_is_taken_up_by_the_next_one_that_reaches_somebody(
    database: Database, campaign: int
) -> None:
    call = dial(database, campaign, NOON)
    assert order_for(call, LINE, NOON).facts.cut_minutes_ago is None
    now = due(end(database, call, CUT, NOON))
    assert contact_of(database, call) == (ContactStatus.WAITING, SHORT)
    call = dial(database, campaign, now)
    assert order_for(call, LINE, now).facts.cut_minutes_ago == 15.0
    later = due(end(database, call, RANG, now))
    assert contact_of(database, call) == (ContactStatus.WAITING, SHORT)
    call = dial(database, campaign, later)
    minutes = (later - NOON).total_seconds() / 60
    assert order_for(call, LINE, later).facts.cut_minutes_ago == minutes
    assert end(database, call, CUT, later).decision.reason is RetryReason.ENOUGH_ATTEMPTS
    assert contact_of(database, call) == (ContactStatus.DONE, "")


def test_a_merchant_is_asked_for_the_number_once_when_it_is_vacant(
    database: Database, campaign: int
) -> None:
    call = dial(database, campaign, NOON)
    settled = end(database, call, VACANT_NUMBER, NOON)
    assert (settled.disposition, settled.decision.retry_at) == (Disposition.INVALID_NUMBER, None)
    with database.reading() as session:
        (ticket,) = tickets(session)
    assert (ticket.kind, ticket.cause, ticket.words) == ("information", "wrong_number", VACANT)
    assert ticket.waybill == call.deliveries[0].waybill


def test_a_merchant_is_asked_for_the_number_when_somebody_else_answered(
    database: Database, campaign: int
) -> None:
    call = dial(database, campaign, NOON)
    wrong = DialogResult(DialogOutcome.WRONG_NUMBER, finished=True)
    assert end(database, call, replace(CUT, result=wrong), NOON).outcome is Outcome.WRONG_NUMBER
    with database.reading() as session:
        (ticket,) = tickets(session)
    assert ticket.words == SOMEBODY_ELSES


def test_whoever_is_withdrawn_during_the_call_is_closed_with_its_end(
    database: Database, campaign: int
) -> None:
    call = dial(database, campaign, NOON)
    with database.transaction() as session:
        moved = ParcelMoved("e1", call.deliveries[0].waybill, "rerouted", NOON)
        assert take_event(session, moved, NOON).withdrawn == 1
    end(database, call, CUT, NOON + timedelta(minutes=1))
    status, _ = contact_of(database, call)
    assert status is ContactStatus.CLOSED


def test_the_words_of_the_next_script_fit_the_column() -> None:
    assert max(map(len, (SHORT, AGENT))) <= 32


def test_call_me_at_eight_is_kept_when_we_have_called_often(
    database: Database, campaign: int
) -> None:
    now = NOON
    for _ in range(2):
        now = due(end(database, dial(database, campaign, now), RANG, now))
    eight = now + timedelta(minutes=47)
    wish = DialogResult(DialogOutcome.UNFINISHED, finished=True, call_again_at=eight)
    settled = end(database, dial(database, campaign, now), replace(CUT, result=wish), now)
    assert (settled.decision.reason, due(settled)) == (RetryReason.ASKED_FOR, eight)
