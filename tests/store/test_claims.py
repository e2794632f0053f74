"""From a waiting contact to a settled attempt: nothing happens twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import exc
from sqlalchemy.orm import Session

from store.candidate_queries import waiting_time_zones
from store.candidates import CallNow
from store.claims import (
    LEASE,
    LINE_BUSY,
    claim_next,
    claim_some,
    mark_dialing,
    release,
    settle,
)
from store.database import Database
from store.errors import StaleClaimError, StoreError
from store.models import Attempt, Contact, Delivery, Recipient
from store.outbox import mark_write_failed, mark_written, pending_write_backs
from store.queries import (
    call,
    contact_lines,
    create_campaign,
    progress,
    set_campaign_status,
    unsettled_attempts,
)
from store.suppression import close_unwanted, is_suppressed, suppress
from store.types import (
    AttemptStatus,
    CampaignStatus,
    ContactStatus,
    Disposition,
    Outcome,
    SuppressionReason,
    TurnSpeaker,
)
from store.values import ClaimedCall, Settled, Settlement, TurnRecord

ANNA, BERT = "+8613800138001", "+8613800138002"


def a_contact(
    session: Session, campaign: int, phone: str, now: datetime, waybill: str, zone: str
) -> None:
    contact = Contact(
        campaign_id=campaign,
        recipient=Recipient(name=waybill, phone=phone),
        phone=phone,
        language="zh-CN",
        time_zone=zone,
        useful_until=now + timedelta(hours=28),
    )
    session.add(
        Delivery(
            campaign_id=campaign,
            contact=contact,
            waybill=waybill,
            address="幸福路18号3单元501",
            window_start=now + timedelta(hours=26),
            window_end=now + timedelta(hours=28),
            cod_fen=12800,
        )
    )
    session.flush()


@pytest.fixture
def campaign(database: Database, now: datetime) -> int:
    """A running campaign with Anna and, in another zone, Bert."""
    with database.transaction() as session:
        facts = create_campaign(
            session, name="早班", flow="pre-delivery", company="顺达快递", now=now
        )
        a_contact(session, facts.id, ANNA, now, "SD0001", "Asia/Shanghai")
        a_contact(session, facts.id, BERT, now, "SD0002", "Asia/Urumqi")
        set_campaign_status(session, facts.id, CampaignStatus.RUNNING, now)
    return facts.id


def claim(database: Database, campaign: int, now: datetime) -> ClaimedCall | None:
    with database.transaction() as session:
        return claim_next(session, campaign, now, claimed_by="engine")


def claimed(database: Database, campaign: int, now: datetime) -> ClaimedCall:
    found = claim(database, campaign, now)
    assert found is not None
    return found


def busy(now: datetime) -> Settlement:
    return Settlement(Disposition.BUSY, Outcome.NOT_REACHED, at=now, cause="busy", sip_status=486)


def test_a_claim_brings_all_that_a_call_needs(
    database: Database, campaign: int, now: datetime
) -> None:
    order = claimed(database, campaign, now)
    assert (order.number, order.phone, order.recipient) == (1, ANNA, "SD0001")
    assert order.campaign.company == "顺达快递"
    assert [parcel.waybill for parcel in order.deliveries] == ["SD0001"]
    assert order.deliveries[0].window_start == now + timedelta(hours=26)
    assert order.history == ()


def test_a_contact_is_claimed_once(database: Database, campaign: int, now: datetime) -> None:
    first, second = claimed(database, campaign, now), claimed(database, campaign, now)
    assert {first.phone, second.phone} == {ANNA, BERT}
    assert claim(database, campaign, now) is None


def test_many_engines_at_once_never_claim_the_same_contact(
    url: str, database: Database, campaign: int, now: datetime
) -> None:
    engines = 4
    with database.transaction() as session:
        for index in range(10):
            phone = f"+86138002000{index:02}"
            a_contact(session, campaign, phone, now, f"SD9{index:03}", "Asia/Shanghai")
    barrier = Barrier(engines)

    def work(_engine: int) -> list[int]:
        own = Database(url)
        barrier.wait(timeout=30)
        contacts: list[int] = []
        while (order := claim(own, campaign, now)) is not None:
            contacts.append(order.contact_id)
        own.close()
        return contacts

    with ThreadPoolExecutor(engines) as pool:
        taken = [contact for contacts in pool.map(work, range(engines)) for contact in contacts]
    assert len(taken) == len(set(taken)) == 12


def test_one_number_is_never_rung_by_two_campaigns_at_once(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.transaction() as session:
        other = create_campaign(session, name="晚班", flow="pre-delivery", company="顺达", now=now)
        a_contact(session, other.id, ANNA, now, "SD0003", "Asia/Shanghai")
        set_campaign_status(session, other.id, CampaignStatus.RUNNING, now)
    order = claimed(database, campaign, now)
    assert order.phone == ANNA
    assert claim(database, other.id, now) is None
    with database.transaction() as session:
        settle(session, order.attempt_id, busy(now), then=ContactStatus.DONE)
    assert claim(database, other.id, now + LINE_BUSY - timedelta(seconds=1)) is None
    assert claimed(database, other.id, now + LINE_BUSY).phone == ANNA


def test_the_schema_refuses_a_second_open_attempt(
    database: Database, campaign: int, now: datetime
) -> None:
    order = claimed(database, campaign, now)

    def open_another() -> None:
        with database.transaction() as session:
            session.add(
                Attempt(contact_id=order.contact_id, number=2, phone="+8613", claimed_at=now)
            )

    with pytest.raises(exc.IntegrityError):
        open_another()


@pytest.mark.parametrize("status", [CampaignStatus.PAUSED, CampaignStatus.CANCELLED])
def test_a_campaign_that_does_not_run_gives_no_calls(
    database: Database, campaign: int, now: datetime, status: CampaignStatus
) -> None:
    with database.transaction() as session:
        set_campaign_status(session, campaign, status, now)
    assert claim(database, campaign, now) is None


def test_only_zones_where_we_may_ring_are_claimed(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.transaction() as session:
        assert waiting_time_zones(session, campaign) == {"Asia/Shanghai", "Asia/Urumqi"}
        orders = claim_some(
            session,
            campaign,
            now,
            lambda _candidate: CallNow(),
            engine="engine",
            lease_until=now + LEASE,
            at_most=5,
            time_zones={"Asia/Urumqi"},
        )
    assert [order.phone for order in orders] == [BERT]


def test_a_retry_waits_for_its_time_and_knows_its_history(
    database: Database, campaign: int, now: datetime
) -> None:
    order = claimed(database, campaign, now)
    later = now + timedelta(minutes=30)
    with database.transaction() as session:
        mark_dialing(session, order.attempt_id, now)
        settle(session, order.attempt_id, busy(now), then=ContactStatus.WAITING, next_call_at=later)
    assert claimed(database, campaign, now).phone == BERT
    assert claim(database, campaign, later - timedelta(seconds=1)) is None
    again = claimed(database, campaign, later)
    assert (again.phone, again.number) == (ANNA, 2)
    assert [past.disposition for past in again.history] == [Disposition.BUSY]


def test_a_claim_that_was_not_dialled_can_be_given_up(
    database: Database, campaign: int, now: datetime
) -> None:
    order = claimed(database, campaign, now)
    with database.transaction() as session:
        release(session, order.attempt_id)
        assert unsettled_attempts(session) == ()
    again = claimed(database, campaign, now)
    assert (again.contact_id, again.number) == (order.contact_id, 1)


def test_what_may_have_rung_is_not_given_up(
    database: Database, campaign: int, now: datetime
) -> None:
    order = claimed(database, campaign, now)
    with database.transaction() as session:
        mark_dialing(session, order.attempt_id, now)
    with (
        pytest.raises(StaleClaimError, match="settle it instead"),
        database.transaction() as session,
    ):
        release(session, order.attempt_id)
    with database.reading() as session:
        (left,) = unsettled_attempts(session, campaign)
    assert (left.status, left.dialed_at) == (AttemptStatus.DIALING, now)


def test_an_attempt_is_dialled_once_and_settled_once(
    database: Database, campaign: int, now: datetime
) -> None:
    order = claimed(database, campaign, now)
    with database.transaction() as session:
        mark_dialing(session, order.attempt_id, now)
    with pytest.raises(StaleClaimError), database.transaction() as session:
        mark_dialing(session, order.attempt_id, now)
    with database.transaction() as session:
        settle(session, order.attempt_id, busy(now), then=ContactStatus.DONE)
    with pytest.raises(StaleClaimError), database.transaction() as session:
        settle(session, order.attempt_id, busy(now), then=ContactStatus.DONE)


def test_a_number_suppressed_after_the_claim_is_not_dialled(
    database: Database, campaign: int, now: datetime
) -> None:
    order = claimed(database, campaign, now)
    with database.transaction() as session:
        suppress(session, ANNA, SuppressionReason.OPERATOR, now)
    with pytest.raises(StaleClaimError, match="suppressed"), database.transaction() as session:
        mark_dialing(session, order.attempt_id, now)


def test_a_suppressed_number_closes_its_contacts_everywhere(
    database: Database, campaign: int, now: datetime
) -> None:
    with database.transaction() as session:
        assert suppress(session, ANNA, SuppressionReason.OPTED_OUT, now, "早班")
        assert not suppress(session, ANNA, SuppressionReason.OPERATOR, now)
        assert is_suppressed(session, ANNA)
    assert claimed(database, campaign, now).phone == BERT
    with database.reading() as session:
        lines = contact_lines(session, campaign)
        (entry,) = pending_write_backs(session)
    assert lines[0].status is ContactStatus.CLOSED
    assert lines[0].latest is not None
    assert lines[0].latest.disposition is Disposition.SUPPRESSED
    assert (entry.waybill, entry.attempt_id) == ("SD0001", None)


def test_a_call_that_comes_too_late_is_not_made(
    database: Database, campaign: int, now: datetime
) -> None:
    late = now + timedelta(hours=28)
    with database.transaction() as session:
        assert close_unwanted(session, campaign, late, at_most=1) == 1
    assert claim(database, campaign, late) is None
    with database.transaction() as session:
        assert close_unwanted(session, campaign, late) == 0
        assert progress(session, campaign).dispositions == {Disposition.EXPIRED: 2}


def test_a_settled_call_is_kept_with_every_word(
    database: Database, campaign: int, now: datetime
) -> None:
    order = claimed(database, campaign, now)
    turns = (
        TurnRecord(TurnSpeaker.MENLING, "您好，这里是顺达快递。", 0.4, 3.1, prompt="greeting"),
        TurnRecord(TurnSpeaker.CALLEE, "放快递柜吧", 3.9, 5.2, latency_seconds=0.7),
    )
    settled = Settled(
        hand_over="locker",
        consent_choice="locker",
        consent_words="同意",
        consent_at_seconds=9.5,
        new_window_start=now,
        notes={"asked": "who"},
    )
    with database.transaction() as session:
        mark_dialing(session, order.attempt_id, now)
        settle(
            session,
            order.attempt_id,
            Settlement(
                Disposition.COMPLETED,
                Outcome.HAND_OVER_CHANGED,
                at=now + timedelta(seconds=30),
                settled=settled,
                answered=True,
                talk_seconds=22.5,
                turns=turns,
                media={"packets_lost": 0},
            ),
            then=ContactStatus.DONE,
        )
    with database.reading() as session:
        kept = call(session, order.attempt_id)
        line = contact_lines(session, campaign)[0]
    assert kept.turns == turns
    assert line.latest is not None
    assert line.latest.settled == settled
    assert (line.attempts, line.last_called_at) == (1, now)


def test_progress_counts_the_newest_outcome_of_each_contact(
    database: Database, campaign: int, now: datetime
) -> None:
    order = claimed(database, campaign, now)
    with database.transaction() as session:
        settle(session, order.attempt_id, busy(now), then=ContactStatus.WAITING)
        seen = progress(session, campaign)
    assert seen.outcomes == {Outcome.NOT_REACHED: 1}
    assert seen.contacts[ContactStatus.WAITING] == 2
    assert not seen.is_complete
    for _ in range(2):
        order = claimed(database, campaign, now)
        with database.transaction() as session:
            settle(
                session,
                order.attempt_id,
                Settlement(Disposition.COMPLETED, Outcome.CONFIRMED, at=now),
                then=ContactStatus.DONE,
            )
    with database.reading() as session:
        seen = progress(session, campaign)
    assert seen.outcomes == {Outcome.CONFIRMED: 2}
    assert (seen.attempts, seen.is_complete) == (3, True)


def test_the_outbox_keeps_an_outcome_until_it_was_written(
    database: Database, campaign: int, now: datetime
) -> None:
    order = claimed(database, campaign, now)
    with database.transaction() as session:
        settle(session, order.attempt_id, busy(now), then=ContactStatus.DONE)
        (entry,) = pending_write_backs(session)
        mark_write_failed(session, [entry.id], "磁盘已满")
        (again,) = pending_write_backs(session, campaign_id=campaign)
        assert again.idempotency_key == entry.idempotency_key
        assert (again.tries, again.last_error) == (1, "磁盘已满")
        mark_written(session, [entry.id], now)
        assert pending_write_backs(session) == ()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (CampaignStatus.RUNNING, CampaignStatus.DRAFT),
        (CampaignStatus.CANCELLED, CampaignStatus.RUNNING),
        (CampaignStatus.PAUSED, CampaignStatus.FINISHED),
    ],
)
def test_a_campaign_takes_no_senseless_step(
    database: Database, campaign: int, now: datetime, first: CampaignStatus, then: CampaignStatus
) -> None:
    with database.transaction() as session:
        if first is not CampaignStatus.RUNNING:
            set_campaign_status(session, campaign, first, now)
    with pytest.raises(StoreError, match=then.value), database.transaction() as session:
        set_campaign_status(session, campaign, then, now)
    with database.reading() as session:
        assert progress(session, campaign).campaign.status is first
