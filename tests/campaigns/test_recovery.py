"""Engines that end, are stopped, or lose the store, and come back: nobody is dialled twice, and no
report is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from campaigns.books import Books
from campaigns.checkpoints import Checkpoint, Point, pass_by
from campaigns.line import OutgoingLine
from campaigns.order import CallReport
from campaigns.plan import CampaignPlan
from campaigns.recovery import COUNTS_AT_MOST, LeaseWatch, Recovery
from campaigns.rehearsed import invent_campaign
from campaigns.rules import rules_of
from campaigns.settings_sections import CampaignSettings
from dialer.leg import HangupCause
from ivr.exchange import DialogOutcome, DialogResult
from store.claims import LEASE, Binding
from store.database import Database
from store.errors import StaleClaimError
from store.models import Attempt, Contact, OutcomeRecord, WriteBack
from store.queries import set_campaign_status
from store.reconciliation_models import Evidence, Reconciliation
from store.reconciliations import Resolution, resolve, unknown_fates
from store.suppression import is_suppressed
from store.types import (
    AttemptStatus,
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
)
from store.values import ClaimedCall, OpenAttempt

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LINE = OutgoingLine("127.0.0.1", 5060, "udp", timedelta(seconds=12), Path("calls"), 30, 25.0)
LASTS = LEASE.total_seconds()


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    opened = Database(either_url)
    yield opened
    opened.close()


@pytest.fixture
def campaign(database: Database) -> int:
    with database.transaction() as session:
        made = invent_campaign(session, NOON, 3)
        set_campaign_status(session, made, CampaignStatus.RUNNING, NOON)
    return made


class Steady:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def books(
    database: Database, campaign: int, engine: str, checkpoint: Checkpoint = pass_by
) -> Books:
    rules = rules_of(CampaignSettings(), {})
    return Books(database, CampaignPlan(campaign, engine, LINE, rules, checkpoint=checkpoint))


def nobody_is_gone(name: str, claimed_at: datetime, now: datetime) -> bool:
    return False


def everybody_is_gone(name: str, claimed_at: datetime, now: datetime) -> bool:
    return True


def attempt(database: Database, attempt_id: int) -> Attempt | None:
    with database.reading() as session:
        row = session.get(Attempt, attempt_id)
        if row is not None:
            session.expunge(row)
    return row


def status_of(database: Database, call: ClaimedCall) -> ContactStatus:
    with database.reading() as session:
        return session.get_one(Contact, call.contact_id).status


def question(database: Database, call: ClaimedCall) -> Reconciliation:
    with database.reading() as session:
        row = session.scalars(
            sa.select(Reconciliation).where(Reconciliation.attempt_id == call.attempt_id)
        ).one()
        session.expunge(row)
    return row


def outcome_of(database: Database, call: ClaimedCall) -> tuple[Outcome, int]:
    """Return the outcome of a call, and how often dispatch is told of it."""
    with database.reading() as session:
        record = session.scalars(
            sa.select(OutcomeRecord).where(OutcomeRecord.attempt_id == call.attempt_id)
        ).one()
        told = sa.select(WriteBack).where(WriteBack.outcome_id == record.id)
        return record.outcome, len(session.scalars(told).all())


def report(call: ClaimedCall, **more: object) -> CallReport:
    said = CallReport(
        attempt=call.attempt_id,
        cause=HangupCause.WE_HUNG_UP,
        sip_status=200,
        answered=True,
        ring_seconds=3.0,
        talk_seconds=15.0,
        result=DialogResult(DialogOutcome.CONFIRMED, finished=True),
    )
    return replace(said, **more)  # type: ignore[arg-type]


def an_open_attempt(lease: datetime | None, attempt_id: int = 1, fence: int = 1) -> OpenAttempt:
    return OpenAttempt(
        attempt_id, 1, 1, 1, AttemptStatus.CLAIMED, "other", NOON, None, fence, lease
    )


def looks(watch: LeaseWatch, steady: Steady, attempts: list[OpenAttempt], seconds: float) -> bool:
    """Look every ten seconds for so long; say whether any lease was over at the end."""
    over = bool(watch.lapsed(attempts))
    for _ in range(int(seconds // 10)):
        steady.seconds += 10
        over = bool(watch.lapsed(attempts))
    return over


@pytest.mark.parametrize("hours", [-9, 0, 9])
def test_a_lease_is_over_once_it_stands_still_whatever_the_clock_of_its_engine_says(
    hours: int,
) -> None:
    steady = Steady()
    watch = LeaseWatch(LASTS, steady)
    still = [an_open_attempt(NOON + timedelta(hours=hours))]
    assert not looks(watch, steady, still, LASTS)
    assert looks(watch, steady, still, 10)


def test_a_lease_that_is_renewed_is_never_over() -> None:
    steady = Steady()
    watch = LeaseWatch(LASTS, steady)
    for minute in range(10):
        renewed = [an_open_attempt(NOON + timedelta(minutes=minute))]
        assert not looks(watch, steady, renewed, LASTS - 10)


def test_whoever_was_stopped_himself_has_seen_nothing_meanwhile() -> None:
    steady = Steady()
    watch = LeaseWatch(LASTS, steady)
    still = [an_open_attempt(NOON)]
    watch.lapsed(still)
    steady.seconds += 3600
    assert not watch.lapsed(still)
    assert not looks(watch, steady, still, LASTS - COUNTS_AT_MOST - 10)


def test_attempts_of_a_version_that_knew_no_leases_are_not_judged_by_them() -> None:
    steady = Steady()
    assert not looks(LeaseWatch(LASTS, steady), steady, [an_open_attempt(None)], 2 * LASTS)


def test_an_engine_that_was_stopped_finds_its_claims_gone_and_its_calls_asked_about(
    database: Database, campaign: int
) -> None:
    stopped = books(database, campaign, "stopped")
    claimed, dialled = stopped.claim(NOON, 2)
    stopped.mark_dialing(dialled, NOON, Binding("abc@menling", "north"))
    steady = Steady()
    others = Recovery(database, "alive", LeaseWatch(LASTS, steady))
    for _ in range(int(LASTS // 10) + 1):
        assert others.recover(NOON, nobody_is_gone, ()) == ()
        steady.seconds += 10
    assert others.recover(NOON, nobody_is_gone, ()) == (dialled.attempt_id,)
    assert attempt(database, claimed.attempt_id) is None
    assert status_of(database, claimed) is ContactStatus.WAITING
    assert status_of(database, dialled) is ContactStatus.NEEDS_RECONCILIATION
    with database.reading() as session:
        (asked,) = unknown_fates(session)
    assert (asked.call_id, asked.trunk, asked.dialed_at) == ("abc@menling", "north", NOON)
    assert "no sign of life" in asked.why
    (again,) = books(database, campaign, "alive").claim(NOON, 1)
    with pytest.raises(StaleClaimError):
        stopped.mark_dialing(claimed, NOON)
    stopped.give_back(claimed, NOON)
    kept = attempt(database, again.attempt_id)
    assert kept is not None
    assert kept.claimed_by == "alive"


def test_the_calls_of_an_engine_that_shows_that_it_lives_stay_its_own(
    database: Database, campaign: int
) -> None:
    ours = books(database, campaign, "ours")
    (call,) = ours.claim(NOON, 1)
    ours.mark_dialing(call, NOON)
    steady = Steady()
    others = Recovery(database, "others", LeaseWatch(LASTS, steady))
    for beat in range(20):
        now = NOON + timedelta(seconds=10 * beat)
        ours.recover(now, nobody_is_gone, [call.attempt_id])
        assert others.recover(NOON, nobody_is_gone, ()) == ()
        steady.seconds += 10
    ours.settle(call, report(call), NOON)
    assert outcome_of(database, call)[0] is Outcome.CONFIRMED


@pytest.fixture
def taken_over(database: Database, campaign: int) -> tuple[Books, ClaimedCall]:
    """Books of an engine that was stopped, and a call of it that was taken over."""
    stopped = books(database, campaign, "stopped")
    (call,) = stopped.claim(NOON, 1)
    stopped.mark_dialing(call, NOON)
    Recovery(database, "alive").recover(NOON, everybody_is_gone, ())
    assert outcome_of(database, call) == (Outcome.UNKNOWN, 1)
    return stopped, call


Stopped = tuple[Books, ClaimedCall]


def test_a_report_that_comes_late_tells_what_nobody_knew(
    database: Database, taken_over: Stopped
) -> None:
    stopped, call = taken_over
    later = NOON + timedelta(minutes=9)
    assert stopped.settle(call, report(call), later).outcome is Outcome.CONFIRMED
    assert outcome_of(database, call) == (Outcome.CONFIRMED, 2)
    assert status_of(database, call) is ContactStatus.DONE
    told = question(database, call)
    assert (told.how, told.resolved_at) == (Evidence.LATE_REPORT, later)
    row = attempt(database, call.attempt_id)
    assert row is not None
    assert (row.answered, row.talk_seconds, row.fence) == (True, 15.0, 2)
    with pytest.raises(StaleClaimError):
        stopped.settle(call, report(call), later)
    assert outcome_of(database, call) == (Outcome.CONFIRMED, 2)


def test_who_was_busy_by_a_late_report_waits_again_by_the_usual_rules(
    database: Database, taken_over: Stopped
) -> None:
    stopped, call = taken_over
    busy = report(call, cause=HangupCause.BUSY, sip_status=486, answered=False, result=None)
    settled = stopped.settle(call, busy, NOON)
    assert settled.decision.retry_at is not None
    assert status_of(database, call) is ContactStatus.WAITING


def test_a_late_report_that_knows_no_more_leaves_the_question_open(
    database: Database, taken_over: Stopped
) -> None:
    stopped, call = taken_over
    broken = report(call, cause=HangupCause.CANCELLED, answered=False, result=None)
    assert stopped.settle(call, broken, NOON).disposition is Disposition.INTERRUPTED
    assert question(database, call).resolved_at is None
    assert status_of(database, call) is ContactStatus.NEEDS_RECONCILIATION


def test_a_report_that_comes_when_the_fate_is_known_is_kept_beside_it(
    database: Database, taken_over: Stopped
) -> None:
    stopped, call = taken_over
    with database.transaction() as session:
        resolve(session, call.attempt_id, Resolution(Evidence.OPERATOR, NOON, "王", "rang back"))
    wish = report(call, result=DialogResult(DialogOutcome.OPTED_OUT, finished=True))
    with pytest.raises(StaleClaimError):
        stopped.settle(call, wish, NOON)
    assert outcome_of(database, call) == (Outcome.UNKNOWN, 1)
    told = question(database, call)
    assert (told.how, told.resolved_by) == (Evidence.OPERATOR, "王")
    assert "opted_out" in told.evidence
    with database.reading() as session:
        assert is_suppressed(session, call.phone)


def test_an_engine_that_knows_of_no_report_does_not_settle_what_was_taken_over(
    database: Database, taken_over: Stopped
) -> None:
    stopped, call = taken_over
    with pytest.raises(StaleClaimError):
        stopped.settle(call, "worker 0 ended during the call", NOON)
    assert outcome_of(database, call) == (Outcome.UNKNOWN, 1)


def test_a_call_of_our_own_that_nobody_holds_is_asked_about(
    database: Database, campaign: int
) -> None:
    ours = books(database, campaign, "ours")
    held, lost = ours.claim(NOON, 2)
    for call in (held, lost):
        ours.mark_dialing(call, NOON)
    assert ours.recover(NOON, nobody_is_gone, [held.attempt_id]) == (lost.attempt_id,)
    assert status_of(database, held) is ContactStatus.IN_CALL


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize(
    ("at", "claims", "marked", "fate"),
    [
        (Point.CLAIMING, 0, 0, None),
        (Point.CLAIMED, 1, 0, None),
        (Point.MARKING, 1, 0, None),
        (Point.MARKED, 1, 1, Outcome.UNKNOWN),
        (Point.SETTLING, 1, 1, Outcome.UNKNOWN),
        (Point.SETTLED, 1, 1, Outcome.CONFIRMED),
    ],
)
def test_whenever_an_engine_ends_nobody_is_dialled_twice(
    database: Database,
    campaign: int,
    at: Point,
    claims: int,
    marked: int,
    fate: Outcome | None,
) -> None:
    def killed(point: Point, attempt_id: int) -> None:
        if point is at:
            raise KilledError

    dying = books(database, campaign, "dying", killed)
    calls: list[ClaimedCall] = []

    def one_call() -> None:
        calls.extend(dying.claim(NOON, 1))
        dying.mark_dialing(calls[0], NOON)
        dying.settle(calls[0], report(calls[0]), NOON)

    with pytest.raises(KilledError):
        one_call()
    next_one = books(database, campaign, "next")
    unknown = next_one.recover(NOON, everybody_is_gone, ())
    assert len(unknown) == (1 if fate is Outcome.UNKNOWN else 0)
    phones = [call.phone for call in next_one.claim(NOON, 9)]
    assert len(phones) == 3 - marked
    if calls and fate is not None:
        assert calls[0].phone not in phones
        assert outcome_of(database, calls[0])[0] is fate
