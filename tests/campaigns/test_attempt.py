"""The order of an attempt, and what is kept of its report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from campaigns.attempt import (
    ASK_AFTER_TRUNK_FAILURES,
    order_for,
    settle_interrupted,
    settle_report,
    settlement_of,
)
from campaigns.line import OutgoingLine
from campaigns.order import CallOrder, CallReport
from campaigns.rehearsed import confirms, ends_with, invent_campaign
from campaigns.retry import RetryDecision, RetryReason
from campaigns.rules import CampaignRules, rules_of
from campaigns.settings_sections import CampaignSettings
from dialer.leg import HangupCause, MediaStatistics
from ivr.exchange import Consent, DialogOutcome, DialogResult
from ivr.meaning import Address, HandOver, Window
from store.callback_models import Callback
from store.callbacks import callbacks_due
from store.campaign_queries import contact_history, withdraw
from store.claims import claim_next, mark_dialing
from store.database import Database
from store.errors import StaleClaimError
from store.models import Contact
from store.queries import set_campaign_status
from store.suppression import is_suppressed
from store.types import CampaignStatus, ContactStatus, Outcome, TurnSpeaker
from store.values import ClaimedCall

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LINE = OutgoingLine("192.0.2.7", 5060, "udp", timedelta(seconds=12), Path("calls"), 30, 5.0)


@pytest.fixture
def call(database: Database) -> ClaimedCall:
    """A contact that is being dialled."""
    with database.transaction() as session:
        campaign_id = invent_campaign(session, NOON, people=1)
        set_campaign_status(session, campaign_id, CampaignStatus.RUNNING, NOON)
        claimed = claim_next(session, campaign_id, NOON, claimed_by="engine")
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, NOON)
        return claimed


@pytest.fixture
def order(call: ClaimedCall) -> CallOrder:
    return order_for(call, LINE, NOON)


def rules(**settings: object) -> CampaignRules:
    return rules_of(CampaignSettings(), settings)


@pytest.mark.parametrize(
    ("line", "uri"),
    [
        (LINE, "sip:+8613800138001@192.0.2.7:5060;transport=udp"),
        (
            replace(LINE, transport="tcp", port=5070),
            "sip:+8613800138001@192.0.2.7:5070;transport=tcp",
        ),
        (replace(LINE, host="2001:db8::7"), "sip:+8613800138001@[2001:db8::7]:5060;transport=udp"),
    ],
)
def test_the_number_is_rung_on_the_trunk(line: OutgoingLine, uri: str) -> None:
    assert line.uri("+8613800138001") == uri


def test_the_recording_is_named_by_the_attempt_alone(call: ClaimedCall, order: CallOrder) -> None:
    assert order.recording == Path("calls") / f"{call.attempt_id}.wav"
    assert order_for(call, LINE, NOON, record=False).recording is None


def test_everything_the_dialog_settled_is_kept(order: CallOrder) -> None:
    three = datetime(2026, 11, 23, 15, 0, tzinfo=SHANGHAI)
    result = DialogResult(
        DialogOutcome.HAND_OVER_CHANGED,
        finished=True,
        new_window=Window(three),
        new_address=Address("幸福路18号501室", complete=True),
        hand_over=HandOver.LOCKER,
        consent=Consent(HandOver.LOCKER, "同意", 12.5),
        needs_person="地址要核对",
        notes={"item": "易碎"},
    )
    statistics = MediaStatistics(packets_sent=10, packets_received=9, packets_lost=1)
    report = replace(confirms(order), result=result, statistics=statistics)
    kept = settlement_of(report, NOON)
    assert kept.settled.new_window_start == three
    assert kept.settled.new_window_end is None
    assert kept.settled.new_address == "幸福路18号501室"
    assert kept.settled.hand_over == kept.settled.consent_choice == "locker"
    assert (kept.settled.consent_words, kept.settled.consent_at_seconds) == ("同意", 12.5)
    assert kept.settled.needs_person == "地址要核对"
    assert kept.settled.notes == {"item": "易碎"}
    assert kept.media["packets_lost"] == 1
    assert [turn.speaker for turn in kept.turns] == [TurnSpeaker.MENLING, TurnSpeaker.CALLEE]
    assert kept.recording == str(order.recording)


@pytest.mark.parametrize(
    ("said", "outcome", "never_again"),
    [
        (DialogOutcome.OPTED_OUT, Outcome.OPTED_OUT, True),
        (DialogOutcome.RESCHEDULED, Outcome.RESCHEDULED, False),
        (DialogOutcome.UNFINISHED, Outcome.UNKNOWN, False),
    ],
)
def test_what_was_settled_before_a_fault_of_ours_counts(
    database: Database,
    call: ClaimedCall,
    order: CallOrder,
    said: DialogOutcome,
    outcome: Outcome,
    never_again: bool,
) -> None:
    broken = replace(
        confirms(order),
        cause=HangupCause.CANCELLED,
        result=DialogResult(said, finished=False),
        error="RuntimeError: the voice broke",
    )
    with database.transaction() as session:
        settled = settle_report(session, call, broken, NOON, rules())
        assert is_suppressed(session, call.phone) is never_again
    assert (settled.outcome, settled.decision.retry_at) == (outcome, None)


def test_call_me_later_is_scheduled(
    database: Database, call: ClaimedCall, order: CallOrder
) -> None:
    at_six = datetime(2026, 11, 22, 18, 0, tzinfo=SHANGHAI)
    later = DialogResult(DialogOutcome.UNFINISHED, finished=True, call_again_at=at_six)
    report = replace(confirms(order), result=later)
    with database.transaction() as session:
        settled = settle_report(session, call, report, NOON, rules())
        history = contact_history(session, call.contact_id)
    assert settled.decision == RetryDecision(at_six, RetryReason.ASKED_FOR)
    assert history.status is ContactStatus.WAITING
    assert history.next_call_at == at_six


def test_nobody_is_told_of_a_recording_that_is_not_made(call: ClaimedCall) -> None:
    said = {
        (record, notice): order_for(call, LINE, NOON, record=record, notice=notice).facts.recorded
        for record in (True, False)
        for notice in (True, False)
    }
    assert [asked for asked, told in said.items() if told] == [(True, True)]


def test_a_callback_promised_by_a_person_is_not_ours_to_make(
    database: Database, call: ClaimedCall, order: CallOrder
) -> None:
    promised = DialogResult(
        DialogOutcome.CALLBACK_PROMISED,
        finished=True,
        needs_person="要求人工",
        call_again_at=NOON + timedelta(hours=1),
        callback_by=NOON + timedelta(hours=2),
    )
    with database.transaction() as session:
        settled = settle_report(
            session, call, replace(confirms(order), result=promised), NOON, rules()
        )
        (owed,) = callbacks_due(session)
    assert settled.decision == RetryDecision(None, RetryReason.SETTLED)
    assert settled.outcome is Outcome.CALLBACK_PROMISED
    assert (owed.attempt_id, owed.due_at) == (call.attempt_id, NOON + timedelta(hours=2))


def test_a_later_call_takes_the_place_of_what_an_earlier_one_promised(
    database: Database, call: ClaimedCall, order: CallOrder
) -> None:
    promised = DialogResult(
        DialogOutcome.CALLBACK_PROMISED, finished=True, needs_person="要求人工", callback_by=NOON
    )
    with database.transaction() as session:
        settle_report(session, call, replace(confirms(order), result=promised), NOON, rules())
        session.execute(sa.update(Contact).values(status=ContactStatus.WAITING))
    with database.transaction() as session:
        again = claim_next(session, call.campaign.id, NOON, claimed_by="engine")
        assert again is not None
        mark_dialing(session, again.attempt_id, NOON)
        settle_report(
            session, again, replace(confirms(order), attempt=again.attempt_id), NOON, rules()
        )
        assert session.get_one(Callback, call.attempt_id).done_at == NOON


def test_a_number_that_the_trunk_keeps_failing_on_is_left_to_a_person(
    database: Database, call: ClaimedCall, order: CallOrder
) -> None:
    report = ends_with(HangupCause.FORBIDDEN, 403)(order)
    assert isinstance(report, CallReport)
    with database.transaction() as session:
        settle_report(session, call, report, NOON, rules(max_trunk_failures=1))
        history = contact_history(session, call.contact_id)
    assert history.status is ContactStatus.DONE
    assert history.needs_person == ASK_AFTER_TRUNK_FAILURES


def test_settling_twice_is_refused_and_the_first_end_stays(
    database: Database, call: ClaimedCall, order: CallOrder
) -> None:
    with database.transaction() as session:
        settle_report(session, call, confirms(order), NOON, rules())
    with pytest.raises(StaleClaimError), database.transaction() as session:
        settle_interrupted(session, call.attempt_id, NOON, "worker ended")
    with database.reading() as session:
        history = contact_history(session, call.contact_id)
    assert history.latest is not None
    assert history.latest.outcome is Outcome.CONFIRMED


def test_an_attempt_that_never_left_the_house_is_taken_back_without_a_trace(
    database: Database, call: ClaimedCall
) -> None:
    with database.transaction() as session:
        withdraw(session, call.attempt_id)
        history = contact_history(session, call.contact_id)
    assert history.status is ContactStatus.WAITING
    assert history.attempts == ()


def test_a_settled_attempt_is_not_taken_back(
    database: Database, call: ClaimedCall, order: CallOrder
) -> None:
    with database.transaction() as session:
        settle_report(session, call, confirms(order), NOON, rules())
    with pytest.raises(StaleClaimError), database.transaction() as session:
        withdraw(session, call.attempt_id)
