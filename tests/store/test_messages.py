"""The outbox of messages: each is sent by one sender at a time, and none is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.errors import StoreError
from store.message_erasing import forget_messages
from store.message_queries import (
    MessageFilter,
    mark_told,
    message_counts,
    message_line,
    message_lines,
    open_conflicts,
    settle_conflict,
    targets_pending,
    untold_outcomes,
)
from store.message_types import DeliveryState, MessageKind, MessageStatus, MessageWhy
from store.message_values import ClaimedMessage, OutgoingMessage
from store.messages import (
    bury,
    call_off,
    cancel,
    claim_due,
    enqueue,
    enqueue_all,
    handing_over,
    mark_sent,
    put_off,
    renew_claim,
    replay,
    take_receipt,
)
from store.queries import create_campaign, set_campaign_status
from store.suppression import suppress
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome, SuppressionReason
from store.values import Settlement

PHONE = "+8613800138001"
MINUTE = timedelta(minutes=1)
AddContact = Callable[..., None]


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A transaction for the whole test."""
    with database.transaction() as session:
        yield session


def sms(key: str = "1", **more: Any) -> OutgoingMessage:
    return OutgoingMessage(
        MessageKind.SMS, "not_reached", "sms", key, "您好", PHONE, phone=PHONE, **more
    )


def hook(key: str = "1", **more: Any) -> OutgoingMessage:
    return OutgoingMessage(MessageKind.WEBHOOK, "outcome.recorded", "tms", key, "{}", **more)


def claimed(session: Session, now: datetime, target: str = "sms", at_most: int = 9) -> Any:
    return claim_due(session, target, now, sender="a", lease_until=now + MINUTE, at_most=at_most)


def one(session: Session, now: datetime, target: str = "sms") -> ClaimedMessage:
    (found,) = claimed(session, now, target)
    assert isinstance(found, ClaimedMessage)
    return found


def test_the_same_key_is_kept_once(session: Session, now: datetime) -> None:
    assert enqueue(session, sms(), now)
    assert not enqueue(session, sms(), now)
    assert enqueue_all(session, [sms("1"), sms("2"), sms("3")], now) == 2


def test_a_message_is_claimed_by_one_sender_until_its_lease_ends(
    session: Session, now: datetime
) -> None:
    enqueue(session, sms(), now)
    first = one(session, now)
    assert claimed(session, now) == ()
    second = one(session, now + 2 * MINUTE)
    assert (first.tries, second.tries) == (1, 2)
    assert not mark_sent(session, first, now), "who lost the claim writes nothing"
    assert mark_sent(session, second, now, provider_id="p1")


def test_each_target_has_its_own_row_to_wait_in(session: Session, now: datetime) -> None:
    enqueue_all(session, [sms(), hook("h")], now)
    assert [each.message.target for each in claimed(session, now, "tms")] == ["tms"]
    assert targets_pending(session) == {"sms": 1, "tms": 1}


def test_what_is_put_off_comes_back_then_and_not_before(session: Session, now: datetime) -> None:
    enqueue_all(session, [sms("1", not_before=now + MINUTE), sms("2")], now)
    claim = one(session, now)
    assert put_off(session, claim, now + 3 * MINUTE, "503")
    assert [each.message.idempotency_key for each in claimed(session, now + MINUTE)] == ["1"]
    (later,) = [each for each in claimed(session, now + 3 * MINUTE) if each.id == claim.id]
    assert later.tries == 2


def test_waiting_for_the_morning_costs_no_try(session: Session, now: datetime) -> None:
    enqueue(session, sms(), now)
    put_off(session, one(session, now), now + MINUTE, counts=False)
    assert one(session, now + MINUTE).tries == 1


def test_what_was_handed_over_by_a_sender_that_died_is_never_sent_again(
    session: Session, now: datetime
) -> None:
    enqueue(session, sms(), now)
    claim = one(session, now)
    assert handing_over(session, claim)
    assert claimed(session, now + 2 * MINUTE) == ()
    line = message_line(session, claim.id)
    assert (line.status, line.why) == (MessageStatus.DEAD, MessageWhy.UNKNOWN)
    assert "Ask the provider" in line.last_error


def test_who_opted_out_meanwhile_gets_nothing(session: Session, now: datetime) -> None:
    enqueue_all(session, [sms(), hook("h", phone=PHONE)], now)
    suppress(session, PHONE, SuppressionReason.OPTED_OUT, now)
    assert claimed(session, now) == ()
    (line,) = message_lines(session, MessageFilter(kinds=[MessageKind.SMS]))
    assert (line.status, line.why) == (MessageStatus.CANCELLED, MessageWhy.UNWANTED)
    assert len(claimed(session, now, "tms")) == 1, "other systems still learn it"


def test_what_comes_too_late_is_not_sent(session: Session, now: datetime) -> None:
    enqueue(session, sms(useful_until=now), now)
    assert claimed(session, now) == ()
    (line,) = message_lines(session, MessageFilter(statuses=[MessageStatus.CANCELLED]))
    assert line.why is MessageWhy.TOO_LATE


def test_a_dead_message_is_replayed_once_under_its_key(session: Session, now: datetime) -> None:
    enqueue(session, hook(), now)
    claim = one(session, now, "tms")
    assert bury(session, claim, MessageWhy.REFUSED, "410 Gone")
    assert claimed(session, now + MINUTE, "tms") == ()
    assert replay(session, [claim.id], now) == 1
    assert replay(session, [claim.id], now) == 0
    again = one(session, now, "tms")
    assert (again.tries, again.message.idempotency_key) == (1, "1")


def test_an_operator_calls_a_message_off(session: Session, now: datetime) -> None:
    enqueue(session, sms(), now)
    claim = one(session, now)
    assert cancel(session, claim.id)
    assert not cancel(session, claim.id)
    assert not handing_over(session, claim), "its sender may not send it any more"
    with pytest.raises(StoreError, match="no message 99"):
        cancel(session, 99)


def test_a_sender_calls_off_or_keeps_what_it_holds(session: Session, now: datetime) -> None:
    enqueue_all(session, [sms("1"), sms("2")], now)
    first, second = claimed(session, now)
    assert renew_claim(session, second, now + 5 * MINUTE)
    assert call_off(session, first, MessageWhy.UNWANTED)
    assert claimed(session, now + 2 * MINUTE) == ()


def test_a_receipt_finds_the_message_that_was_sent(session: Session, now: datetime) -> None:
    enqueue(session, sms(), now)
    claim = one(session, now)
    assert take_receipt(session, "p1", DeliveryState.DELIVERED, now) is None
    mark_sent(session, claim, now, provider_id="p1")
    assert take_receipt(session, "p1", DeliveryState.DELIVERED, now) == PHONE
    assert message_line(session, claim.id).delivery is DeliveryState.DELIVERED


def test_a_conflict_stays_open_until_somebody_acted_on_it(session: Session, now: datetime) -> None:
    enqueue(session, hook(), now)
    mark_sent(session, one(session, now, "tms"), now, conflict='{"conflict": "truck_left"}')
    (conflict,) = open_conflicts(session)
    assert "truck_left" in conflict.answer
    settle_conflict(session, conflict.message_id)
    assert open_conflicts(session) == ()


def test_messages_to_the_forgotten_are_emptied_and_not_sent(
    session: Session, now: datetime
) -> None:
    enqueue_all(session, [sms(), hook("h", phone=PHONE)], now)
    forget_messages(session, (), (), [PHONE])
    assert claimed(session, now) == ()
    lines = message_lines(session, MessageFilter())
    assert {(each.message.kind, each.status) for each in lines} == {
        (MessageKind.SMS, MessageStatus.CANCELLED),
        (MessageKind.WEBHOOK, MessageStatus.PENDING),
    }
    assert all(not (each.message.body or each.message.phone) for each in lines)


def test_messages_are_counted_by_what_became_of_them(session: Session, now: datetime) -> None:
    enqueue_all(session, [sms(), hook("h")], now)
    mark_sent(session, one(session, now), now)
    counts = {(each.kind, each.status): each.messages for each in message_counts(session)}
    assert counts == {
        (MessageKind.SMS, MessageStatus.SENT): 1,
        (MessageKind.WEBHOOK, MessageStatus.PENDING): 1,
    }


def test_an_outcome_is_untold_until_its_messages_are_written(
    database: Database, now: datetime, add_contact: AddContact
) -> None:
    with database.transaction() as session:
        campaign = create_campaign(
            session, name="早班", flow="pre-delivery", company="顺达快递", now=now
        ).id
        set_campaign_status(session, campaign, CampaignStatus.RUNNING, now)
        add_contact(session, campaign, 1)
    with database.transaction() as session:
        call = claim_next(session, campaign, now, claimed_by="engine")
        assert call is not None
        mark_dialing(session, call.attempt_id, now)
        end = Settlement(Disposition.NO_ANSWER, Outcome.NOT_REACHED, now)
        settle(session, call.attempt_id, end, then=ContactStatus.DONE)
    with database.transaction() as session:
        (told,) = untold_outcomes(session, 10)
        assert (told.outcome, told.attempt_number) == (Outcome.NOT_REACHED, 1)
        assert [each.waybill for each in told.parcels] == ["SD1"]
        mark_told(session, [told.id])
        assert untold_outcomes(session, 10) == ()
