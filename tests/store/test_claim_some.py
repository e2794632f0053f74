"""Many are claimed at once, in their order, by what a judge says; nobody else can act on a claim
that was taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.candidates import CallNow, Candidate, Judge, Never, Verdict, Wait
from store.claims import (
    LEASE,
    LINE_BUSY,
    LOOKED_AT,
    Binding,
    CallUnwantedError,
    claim_some,
    mark_dialing,
    release,
    settle,
)
from store.database import Database
from store.errors import StaleClaimError
from store.event_models import ParcelEvent
from store.leases import open_attempts, renew_leases, take_over
from store.models import Attempt, Contact, Suppression
from store.queries import create_campaign, set_campaign_status
from store.suppression import suppress
from store.types import (
    AttemptStatus,
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
    SuppressionReason,
)
from store.values import ClaimedCall, OpenAttempt, Settled, Settlement

AddContact = Callable[..., None]


def anybody(candidate: Candidate) -> Verdict:
    return CallNow()


@pytest.fixture
def campaign(database: Database, now: datetime) -> int:
    with database.transaction() as session:
        facts = create_campaign(
            session, name="早班", flow="pre-delivery", company="顺达快递", now=now
        )
        set_campaign_status(session, facts.id, CampaignStatus.RUNNING, now)
    return facts.id


@pytest.fixture
def nine(database: Database, campaign: int, add_contact: AddContact) -> int:
    """A campaign of nine people."""
    with database.transaction() as session:
        for number in range(1, 10):
            add_contact(session, campaign, number)
    return campaign


def claim(
    database: Database,
    campaign: int,
    now: datetime,
    judge: Judge = anybody,
    *,
    at_most: int = 20,
    engine: str = "engine",
) -> tuple[ClaimedCall, ...]:
    with database.transaction() as session:
        return claim_some(
            session,
            campaign,
            now,
            judge,
            engine=engine,
            lease_until=now + LEASE,
            at_most=at_most,
        )


def contact(database: Database, contact_id: int) -> Contact:
    with database.reading() as session:
        row = session.get_one(Contact, contact_id)
        session.expunge(row)
    return row


@contextmanager
def changed(database: Database, contact_id: int) -> Iterator[Contact]:
    with database.transaction() as session:
        yield session.get_one(Contact, contact_id)


def numbers(calls: tuple[ClaimedCall, ...]) -> list[int]:
    return [int(call.phone[-1]) for call in calls]


def busy(now: datetime, **more: object) -> Settlement:
    return replace(
        Settlement(Disposition.BUSY, Outcome.NOT_REACHED, at=now),
        **more,  # type: ignore[arg-type]
    )


def test_the_highest_priority_comes_first_then_whose_time_has_come_then_the_first(
    database: Database, nine: int, now: datetime
) -> None:
    for number, priority, due in (
        (3, 5, None),
        (4, 5, now - timedelta(minutes=1)),
        (5, 5, now + timedelta(minutes=1)),
        (6, 0, now - timedelta(minutes=2)),
        (7, 0, now - timedelta(minutes=3)),
        (8, -1, None),
    ):
        with changed(database, number) as row:
            row.priority, row.next_call_at = priority, due
    assert numbers(claim(database, nine, now, at_most=2)) == [4, 3]
    assert numbers(claim(database, nine, now)) == [7, 6, 1, 2, 9, 8]


def test_who_is_to_wait_is_looked_at_again_when_their_moment_comes(
    database: Database, nine: int, now: datetime
) -> None:
    later = now + timedelta(hours=2)
    asked: list[int] = []

    def judge(candidate: Candidate) -> Verdict:
        asked.append(candidate.contact_id)
        return Wait(later, "gap") if candidate.contact_id < 9 else CallNow()

    assert numbers(claim(database, nine, now, judge, at_most=3)) == [9]
    assert claim(database, nine, later - timedelta(seconds=1), judge) == ()
    assert asked == list(range(1, 10))
    held = contact(database, 1)
    assert (held.next_call_at, held.held, held.status) == (later, "gap", ContactStatus.WAITING)
    assert numbers(claim(database, nine, later)) == list(range(1, 9))
    assert contact(database, 1).held == ""


def test_who_is_never_to_be_called_is_closed_with_the_reason(
    database: Database, nine: int, now: datetime
) -> None:
    def judge(candidate: Candidate) -> Verdict:
        if candidate.contact_id < 3:
            return Never(Disposition.WITHDRAWN, Outcome.WITHDRAWN)
        return CallNow()

    assert numbers(claim(database, nine, now, judge, at_most=1)) == [3]
    assert contact(database, 1).status is ContactStatus.CLOSED
    assert contact(database, 4).status is ContactStatus.WAITING


def test_one_claim_looks_at_a_bounded_number_of_people(
    database: Database, campaign: int, now: datetime, add_contact: AddContact
) -> None:
    looked_at = 0

    def judge(candidate: Candidate) -> Verdict:
        nonlocal looked_at
        looked_at += 1
        return Wait(now + timedelta(days=1), "gap")

    with database.transaction() as session:
        for number in range(LOOKED_AT + 20):
            add_contact(session, campaign, 1000 + number)
    assert claim(database, campaign, now, judge, at_most=5) == ()
    assert looked_at == LOOKED_AT + 5


def test_a_wait_that_lies_in_the_past_is_a_wait_nevertheless(
    database: Database, nine: int, now: datetime
) -> None:
    assert claim(database, nine, now, lambda _: Wait(now, "gap")) == ()
    held = contact(database, 1).next_call_at
    assert held is not None
    assert held > now


def test_a_candidate_brings_all_that_decides(database: Database, nine: int, now: datetime) -> None:
    week = timedelta(days=7)
    with database.transaction() as session:
        for number, (at, disposition) in enumerate(
            (
                (now - week - timedelta(seconds=1), Disposition.BUSY),
                (now - timedelta(days=2), Disposition.TRUNK_FAILURE),
                (now - timedelta(days=1), Disposition.BUSY),
            ),
            start=1,
        ):
            attempt = Attempt(
                contact_id=2, number=number, phone="+8613800138001", claimed_at=at, dialed_at=at
            )
            session.add(attempt)
            session.flush()
            end = Settlement(disposition, Outcome.NOT_REACHED, at=at)
            settle(session, attempt.id, end, then=ContactStatus.WAITING)
        session.add(
            ParcelEvent(event_id="e1", waybill="SD1", status="delivered", at=now, received_at=now)
        )
        for merchant in ("", "衣帽间"):
            session.add(
                Suppression(
                    phone="+8613800138001",
                    merchant=merchant,
                    reason=SuppressionReason.LISTED,
                    at=now,
                )
            )
    seen: dict[int, Candidate] = {}

    def judge(candidate: Candidate) -> Verdict:
        seen[candidate.contact_id] = candidate
        return CallNow()

    claim(database, nine, now, judge)
    assert seen[1].dialled_at == (now - timedelta(days=1),)
    assert seen[1].suppressed_for == {"", "衣帽间"}
    assert [parcel.statuses for parcel in seen[1].parcels] == [{"delivered"}]
    assert (seen[1].attempts, seen[2].attempts) == (0, 3)
    assert seen[3].dialled_at == ()
    assert not seen[3].suppressed_for
    assert not seen[3].in_a_call


def test_a_moment_that_the_recipient_named_is_remembered_however_the_call_is_put_off(
    database: Database, nine: int, now: datetime
) -> None:
    eight, nine_o_clock = now + timedelta(hours=8), now + timedelta(hours=9)
    told: list[tuple[int, bool]] = []

    def put_off(candidate: Candidate) -> Verdict:
        told.append((candidate.contact_id, candidate.asked_for))
        assert candidate.next_call_at is not None
        return Wait(candidate.next_call_at + timedelta(hours=1), "gap")

    for call in claim(database, nine, now, at_most=2):
        wish = Settled(call_again_at=eight if call.contact_id == 1 else None)
        with database.transaction() as session:
            mark_dialing(session, call.attempt_id, now)
            settle(
                session,
                call.attempt_id,
                busy(now, settled=wish),
                then=ContactStatus.WAITING,
                next_call_at=eight,
            )
    claim(database, nine, now)
    for moment in (eight, nine_o_clock):
        claim(database, nine, moment, put_off)
    assert told == [(1, True), (2, False)] * 2
    (again, _other) = claim(database, nine, nine_o_clock + timedelta(hours=1))
    assert (again.number, [past.call_again_at for past in again.history]) == (2, [eight])


def test_two_contacts_of_one_number_are_not_claimed_together(
    database: Database, nine: int, now: datetime
) -> None:
    with changed(database, 2) as row:
        row.phone = "+8613800138001"
    assert numbers(claim(database, nine, now, at_most=2)) == [1, 3]
    assert contact(database, 2).next_call_at == now + LINE_BUSY


def test_the_call_is_bound_before_it_rings(database: Database, nine: int, now: datetime) -> None:
    (call,) = claim(database, nine, now, at_most=1)
    with database.transaction() as session:
        mark_dialing(
            session,
            call.attempt_id,
            now,
            held=("engine", 1),
            binding=Binding("abc@menling", "north", "+862112345678"),
        )
    with database.reading() as session:
        row = session.get_one(Attempt, call.attempt_id)
        assert (row.call_id, row.trunk, row.caller_id) == ("abc@menling", "north", "+862112345678")
        assert (row.dialed_at, row.lease_until) == (now, now + LEASE)


def test_no_two_attempts_share_a_call_id(database: Database, nine: int, now: datetime) -> None:
    first, second = claim(database, nine, now, at_most=2)
    with database.transaction() as session:
        mark_dialing(session, first.attempt_id, now, binding=Binding("abc@menling"))
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as session:
        mark_dialing(session, second.attempt_id, now, binding=Binding("abc@menling"))


def test_the_judge_is_asked_again_right_before_it_rings(
    database: Database, nine: int, now: datetime
) -> None:
    (call,) = claim(database, nine, now, at_most=1)
    later = now + timedelta(hours=1)
    for verdict in (
        Wait(later, "window"),
        Never(Disposition.WITHDRAWN, Outcome.WITHDRAWN),
    ):
        with pytest.raises(CallUnwantedError) as caught, database.transaction() as session:
            mark_dialing(session, call.attempt_id, now, judge=lambda _, said=verdict: said)  # type: ignore[misc]
        assert caught.value.verdict == verdict
    with database.transaction() as session:
        release(session, call.attempt_id, now, Wait(later, "window"), held=("engine", 1))
    held = contact(database, call.contact_id)
    assert (held.status, held.next_call_at, held.held) == (ContactStatus.WAITING, later, "window")


def test_its_own_claim_does_not_speak_against_a_call(
    database: Database, nine: int, now: datetime
) -> None:
    (call,) = claim(database, nine, now, at_most=1)
    seen: list[Candidate] = []

    def judge(candidate: Candidate) -> Verdict:
        seen.append(candidate)
        return CallNow()

    with database.transaction() as session:
        mark_dialing(session, call.attempt_id, now, judge=judge)
    assert (seen[0].in_a_call, seen[0].attempts, seen[0].dialled_at) == (False, 0, ())


def test_a_claim_is_given_back_closed_when_it_became_unwanted(
    database: Database, nine: int, now: datetime
) -> None:
    (call,) = claim(database, nine, now, at_most=1)
    with database.transaction() as session:
        suppress(session, call.phone, SuppressionReason.OPERATOR, now)
    with pytest.raises(CallUnwantedError) as caught, database.transaction() as session:
        mark_dialing(session, call.attempt_id, now)
    with database.transaction() as session:
        release(session, call.attempt_id, now, caught.value.verdict)
    assert contact(database, call.contact_id).status is ContactStatus.CLOSED


def seen(session: Session, attempt_id: int) -> OpenAttempt:
    return next(each for each in open_attempts(session) if each.attempt_id == attempt_id)


def test_whoever_lost_an_attempt_can_neither_dial_nor_settle_nor_give_it_back(
    database: Database, nine: int, now: datetime
) -> None:
    (call,) = claim(database, nine, now, at_most=1)
    held = (call.claimed_by, call.fence)
    with database.transaction() as session:
        assert take_over(session, seen(session, call.attempt_id)) is AttemptStatus.CLAIMED
    steps: tuple[Callable[[Session], object], ...] = (
        lambda session: mark_dialing(session, call.attempt_id, now, held=held),
        lambda session: release(session, call.attempt_id, held=held),
        lambda session: settle(
            session, call.attempt_id, busy(now), then=ContactStatus.DONE, held=held
        ),
    )
    for step in steps:
        with pytest.raises(StaleClaimError, match="taken over"), database.transaction() as session:
            step(session)


def test_an_attempt_whose_engine_gave_a_sign_of_life_is_not_taken_over(
    database: Database, nine: int, now: datetime
) -> None:
    (call,) = claim(database, nine, now, at_most=1)
    claim(database, nine, now, at_most=1, engine="other")
    with database.transaction() as session:
        before = seen(session, call.attempt_id)
        assert renew_leases(session, "engine", now + 2 * LEASE) == 1
    with pytest.raises(StaleClaimError, match="moved on"), database.transaction() as session:
        take_over(session, before)


def test_of_two_who_take_an_attempt_over_one_does(
    database: Database, nine: int, now: datetime
) -> None:
    (call,) = claim(database, nine, now, at_most=1)
    with database.transaction() as session:
        before = seen(session, call.attempt_id)
        take_over(session, before)
    with pytest.raises(StaleClaimError), database.transaction() as session:
        take_over(session, before)


def test_many_engines_claim_by_the_dozen_and_nobody_twice(
    url: str, database: Database, campaign: int, now: datetime, add_contact: AddContact
) -> None:
    engines, people = 4, 60
    with database.transaction() as session:
        other = create_campaign(session, name="晚班", flow="pre-delivery", company="顺达", now=now)
        set_campaign_status(session, other.id, CampaignStatus.RUNNING, now)
        for number in range(people):
            add_contact(session, campaign, 1000 + number)
            # The same numbers, the other way round: each is rung by one of the campaigns.
            add_contact(session, other.id, 1000 + people - 1 - number, name="x")
    barrier = Barrier(engines)

    def work(engine: int) -> list[str]:
        own = Database(url)
        barrier.wait(timeout=30)
        phones: list[str] = []
        for round_ in range(30):
            mine = (campaign, other.id)[(engine + round_) % 2]
            phones.extend(
                call.phone for call in claim(own, mine, now, at_most=7, engine=f"engine-{engine}")
            )
        own.close()
        return phones

    with ThreadPoolExecutor(engines) as pool:
        taken = [phone for phones in pool.map(work, range(engines)) for phone in phones]
    assert len(taken) == len(set(taken)) == people
