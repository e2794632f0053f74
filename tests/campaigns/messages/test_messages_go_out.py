"""From an outcome to whoever must learn it: written once, sent once, and never to who objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa

from campaigns.chores import Duty
from campaigns.messages.chores import Messages, empty_old_messages
from campaigns.messages.circuit import CircuitRules
from campaigns.messages.fates import Again, Fate, Patience, Sent
from campaigns.messages.incoming import take_incoming_sms, take_sms_receipt
from campaigns.messages.lane import Lane, LaneRules, Outside
from campaigns.messages.numbers import as_e164, takes_sms
from campaigns.messages.other_database import OtherDatabase
from campaigns.messages.quiet import QuietHours
from campaigns.messages.rules import message_rules_of
from campaigns.messages.sender import Sender
from campaigns.messages.telling import tell_outcomes
from campaigns.settings import Settings
from campaigns.settings_messages import WriteBackDatabaseSettings
from store.channel_results import channel_counts
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.forgetting import forget
from store.leadership import Leadership
from store.message_queries import MessageFilter, message_lines, open_conflicts
from store.message_types import Channel, DeliveryState, MessageKind, MessageStatus, MessageWhy
from store.message_values import ClaimedMessage, MessageLine, OutgoingMessage
from store.messages import enqueue
from store.models import Contact, Delivery, OutcomeRecord, Recipient
from store.suppression import is_suppressed, suppress
from store.traces import people_at
from store.types import ContactStatus, Disposition, Outcome, SuppressionReason
from store.values import Settled, Settlement

PHONE = "+8613800138001"
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "write-back.schema.json").read_text())
NIGHT = datetime(2026, 11, 21, 15, tzinfo=UTC)
MORNING = datetime(2026, 11, 22, 1, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def settings(receiver) -> Settings:
    """Settings with a webhook and an SMS gateway, both the receiver."""
    hook = {"name": "tms", "url": receiver.url, "secrets": ["x" * 24], "events": ["outcome.*"]}
    http = {"url": receiver.url + "/sms", "ok_field": "", "ok_values": ["{}"], "id_field": "id"}
    return Settings.model_validate({"webhooks": [hook], "sms": {"gateway": "http", "http": http}})


End = Callable[..., int]


@pytest.fixture
def ends(database: Database, campaign: int, now: datetime) -> End:
    """Calls Anna about a parcel; the call comes to what it is told. Returns the outcome."""

    def end(
        disposition: Disposition = Disposition.NO_ANSWER,
        outcome: Outcome = Outcome.NOT_REACHED,
        *,
        final: bool = True,
        email: str = "",
        **settled: Any,
    ) -> int:
        with database.transaction() as session:
            contact = Contact(
                campaign_id=campaign,
                recipient=Recipient(name="安娜", phone=PHONE, email=email),
                phone=PHONE,
                language="zh-CN",
                time_zone="Asia/Shanghai",
            )
            session.add(
                Delivery(
                    campaign_id=campaign, contact=contact, waybill="SD20261122",
                    address="幸福路1号", window_start=now + timedelta(hours=20),
                    window_end=now + timedelta(hours=22),
                )
            )  # fmt: skip
        with database.transaction() as session:
            call = claim_next(session, campaign, now, claimed_by="engine")
            assert call is not None
            mark_dialing(session, call.attempt_id, now)
            then = ContactStatus.DONE if final else ContactStatus.WAITING
            came_to = Settlement(disposition, outcome, now, Settled(**settled))
            settle(session, call.attempt_id, came_to, then=then)
            return session.scalars(sa.select(OutcomeRecord.id)).one()

    return end


@pytest.fixture
def clock(now: datetime) -> Clock:
    """The clock of the sender."""
    return Clock(now)


@pytest.fixture
def sender(database: Database, settings: Settings, clock: Clock) -> Iterator[Sender]:
    """A sender with these settings."""
    sender = Sender(database, settings, message_rules_of(settings), clock)
    yield sender
    sender.close()


@pytest.fixture
def tells(database: Database, settings: Settings) -> Callable[[datetime], int]:
    """Writes what follows outcomes into the outbox; returns how many messages."""

    quiet = QuietHours(settings)

    def tell(now: datetime) -> int:
        return tell_outcomes(database, quiet, message_rules_of(settings), now).messages

    return tell


def lines(database: Database) -> dict[MessageKind, MessageLine]:
    with database.reading() as session:
        return {each.message.kind: each for each in message_lines(session, MessageFilter())}


def test_an_outcome_is_told_by_webhook_and_sms_once(
    database: Database, ends: End, tells, sender: Sender, receiver, now: datetime
) -> None:
    ends()
    assert tells(now) == 2
    assert tells(now) == 0
    assert sender.send_all() == 2
    assert sender.send_all() == 0
    bodies = [json.loads(each.body) for each in receiver.requests]
    (told,) = [each for each in bodies if "type" in each]
    jsonschema.validate(told, SCHEMA)
    assert told["data"]["parcels"] == [{"waybill": "SD20261122", "merchant": ""}]
    assert (told["type"], told["data"]["outcome"]) == ("outcome.recorded", "not_reached")
    assert "安娜" not in str(told)
    assert PHONE not in str(told)
    (sms,) = [each for each in bodies if "content" in each]
    assert "尾号1122" in sms["content"]


def test_a_corrected_outcome_is_told_again_and_the_same_one_is_not(
    database: Database, ends: End, tells, now: datetime
) -> None:
    outcome = ends(Disposition.COMPLETED, Outcome.CONFIRMED)
    assert tells(now) == 1

    def say(new: Outcome) -> int:
        with database.transaction() as session:
            record = session.get_one(OutcomeRecord, outcome)
            record.outcome, record.told = new, False
        return int(tells(now))

    assert say(Outcome.CONFIRMED) == 0
    assert say(Outcome.REFUSED) == 1
    assert say(Outcome.CONFIRMED) == 1, "and taken back again"
    with database.reading() as session:
        told = [json.loads(each.message.body) for each in message_lines(session, MessageFilter())]
    assert [(each["type"], each["data"]["revision"]) for each in told] == [
        ("outcome.corrected", 3), ("outcome.corrected", 2), ("outcome.recorded", 1),
    ]  # fmt: skip


def test_an_sms_waits_for_the_morning_and_a_webhook_does_not(
    database: Database, ends: End, tells, sender: Sender, clock: Clock
) -> None:
    ends()
    clock.now = NIGHT
    assert tells(NIGHT) == 2
    assert sender.send_all() == 1
    assert lines(database)[MessageKind.SMS].next_try_at == MORNING
    clock.now = MORNING
    assert sender.send_all() == 1


def test_an_sms_that_was_late_is_kept_from_the_night_when_it_is_sent_as_well(
    database: Database, sender: Sender, clock: Clock, now: datetime
) -> None:
    with database.transaction() as session:
        enqueue(session, OutgoingMessage(MessageKind.SMS, "test", "sms", "1", "好", PHONE), now)
    clock.now = NIGHT
    assert sender.send_all() == 0
    line = lines(database)[MessageKind.SMS]
    assert (line.status, line.tries, line.next_try_at) == (MessageStatus.PENDING, 0, MORNING)


def test_who_opted_out_gets_nothing_and_other_systems_still_learn_it(
    database: Database, ends: End, tells, now: datetime
) -> None:
    ends()
    with database.transaction() as session:
        suppress(session, PHONE, SuppressionReason.OPTED_OUT, now)
    assert tells(now) == 1
    assert set(lines(database)) == {MessageKind.WEBHOOK}


def test_a_new_time_is_confirmed_in_writing(
    database: Database, ends: End, tells, now: datetime
) -> None:
    start = now + timedelta(days=1)
    ends(Disposition.COMPLETED, Outcome.RESCHEDULED, new_window_start=start,
         new_window_end=start + timedelta(hours=2))  # fmt: skip
    tells(now)
    assert "已改约至11月22日12:00-14:00送达" in lines(database)[MessageKind.SMS].message.body


def test_what_was_forgotten_before_it_was_sent_is_told_without_the_person(
    database: Database, ends: End, tells, sender: Sender, receiver, now: datetime
) -> None:
    ends(Disposition.COMPLETED, Outcome.ADDRESS_CHANGED, new_address="长安街9号")
    tells(now)
    with database.transaction() as session:
        forget(session, people_at(session, PHONE), now)
    assert sender.send_all() == 1
    (request,) = receiver.requests
    told = json.loads(request.body)
    assert (told["data"]["outcome"], told["data"]["new_address"]) == ("address_changed", "")
    assert "长安街" not in request.body.decode()


def test_an_objection_is_there_for_whoever_acts_on_it(
    database: Database, ends: End, tells, sender: Sender, receiver, now: datetime
) -> None:
    outcome = ends(Disposition.COMPLETED, Outcome.CONFIRMED)
    tells(now)
    receiver.answers = [(409, {}, b'{"conflict": "truck_left"}')]
    sender.send_all()
    with database.transaction() as session:
        (conflict,) = open_conflicts(session)
    assert (conflict.outcome_id, json.loads(conflict.answer)) == (
        outcome, {"conflict": "truck_left"},
    )  # fmt: skip


class Way:
    """A way that does what it is told."""

    def __init__(self, fate: Fate, *, once_only: bool = False) -> None:
        self.fate = fate
        self.once_only = once_only
        self.parallel = 1
        self.sent: list[str] = []

    def send(self, message: OutgoingMessage, now: datetime) -> Fate:
        self.sent.append(message.idempotency_key)
        if isinstance(self.fate, Sent) and message.body == "bad":
            raise RuntimeError(message.address)
        return self.fate


MakeLane = Callable[..., Lane]


@pytest.fixture
def lane(database: Database) -> MakeLane:
    """Makes a lane over a way, at a clock; `told` hears what operators are told."""

    def never_quiet(_session: object, _claim: ClaimedMessage, now: datetime) -> datetime:
        return now

    def make(way: Way, clock: Clock, told: list[str] | None = None) -> Lane:
        rules = LaneRules(
            CircuitRules(3, timedelta(seconds=30), 100.0),
            Patience(4, timedelta(seconds=1), timedelta(minutes=1)),
            never_quiet,
        )
        tell = [].append if told is None else told.append
        return Lane("sms", way, database, "sender", rules, Outside(clock, lambda: 0.0, tell))

    return make


def put(database: Database, now: datetime, *keys: str, body: str = "好") -> None:
    with database.transaction() as session:
        for key in keys:
            message = OutgoingMessage(MessageKind.SMS, "test", "sms", key, body, PHONE)
            enqueue(session, message, now)


def go_on() -> bool:
    return True


def test_a_message_is_tried_ever_later_and_is_dead_in_the_end(
    database: Database, lane: MakeLane, now: datetime
) -> None:
    put(database, now, "1")
    clock, way = Clock(now), Way(Again("503"))
    waits = []
    for _ in range(9):
        lane(way, clock).work(go_on)
        line = lines(database)[MessageKind.SMS]
        if line.status is MessageStatus.DEAD:
            break
        waits.append((line.next_try_at - clock.now).total_seconds())
        clock.now = line.next_try_at
    assert waits == [1.0, 2.0, 4.0]
    assert (line.why, line.last_error, len(way.sent)) == (MessageWhy.TRIES, "503", 4)


def test_a_dead_gateway_is_left_alone_and_told_of_once(
    database: Database, lane: MakeLane, now: datetime
) -> None:
    put(database, now, *map(str, range(10)))
    told: list[str] = []
    clock, way = Clock(now), Way(Again("503"))
    one = lane(way, clock, told)
    for _ in range(3):
        one.work(go_on)
        clock.now += timedelta(seconds=2)
    assert len(way.sent) == 10
    assert len(told) == 1
    assert "sms" in told[0]
    clock.now += timedelta(seconds=31)
    one.work(go_on)
    assert len(way.sent) == 11, "one message tries it out"


def test_a_fault_of_ours_buries_one_message_and_holds_up_no_other(
    database: Database, lane: MakeLane, now: datetime
) -> None:
    put(database, now, "1", body="bad")
    put(database, now, "2")
    assert lane(Way(Sent("p"), once_only=True), Clock(now)).work(go_on) == 1
    with database.reading() as session:
        found = message_lines(session, MessageFilter())
    by_key = {each.message.idempotency_key: each for each in found}
    assert (by_key["1"].status, by_key["2"].status) == (MessageStatus.DEAD, MessageStatus.SENT)
    assert PHONE not in by_key["1"].last_error


def test_nothing_is_begun_once_it_is_to_end(
    database: Database, lane: MakeLane, now: datetime
) -> None:
    put(database, now, "1")
    way = Way(Sent())
    assert lane(way, Clock(now)).work(lambda: False) == 0
    assert way.sent == []


def test_who_writes_t_back_is_never_called_nor_written_to_again(
    database: Database, now: datetime
) -> None:
    with database.transaction() as session:
        assert not take_incoming_sms(session, "8613800138001", "好的", now)
        assert take_incoming_sms(session, "8613800138001", "T", now)
        assert is_suppressed(session, PHONE)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13800138001", PHONE), ("8613800138001", PHONE), ("+8613800138001", PHONE),
        ("008613800138001", PHONE), ("12025550123", "+12025550123"), ("SHUNDA", None), ("", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_providers_write_them(written: str, number: str | None) -> None:
    assert as_e164(written) == number


def test_no_sms_goes_to_a_number_on_a_wall() -> None:
    assert takes_sms(PHONE)
    assert not takes_sms("+862112345678")
    assert not takes_sms("")


def test_a_receipt_teaches_whether_sms_work(
    database: Database, lane: MakeLane, now: datetime
) -> None:
    with database.transaction() as session:
        message = OutgoingMessage(MessageKind.SMS, "test", "sms", "1", "好", PHONE, phone=PHONE)
        enqueue(session, message, now)
    lane(Way(Sent("p1")), Clock(now)).work(go_on)
    with database.transaction() as session:
        assert not take_sms_receipt(session, "p2", DeliveryState.DELIVERED, now)
        assert take_sms_receipt(session, "p1", DeliveryState.FAILED, now)
        (counts,) = channel_counts(session, PHONE)
    assert (counts.channel, counts.worked, counts.failed) == (Channel.SMS, 0.0, 1.0)


def test_a_call_teaches_whether_calls_work(
    database: Database, ends: End, tells, now: datetime
) -> None:
    ends()
    tells(now)
    with database.reading() as session:
        (counts,) = channel_counts(session, PHONE)
    assert (counts.channel, counts.failed) == (Channel.CALL, 1.0)


TABLE = (
    "CREATE TABLE menling_outcomes (idempotency_key VARCHAR(128) PRIMARY KEY, waybill VARCHAR(64),"
    " outcome VARCHAR(32), new_address TEXT, told_at TIMESTAMP)"
)


def test_outcomes_are_written_into_another_database_and_corrected_there(
    database: Database, ends: End, now: datetime, tmp_path: Path
) -> None:
    outcome = ends(Disposition.COMPLETED, Outcome.CONFIRMED)
    url = f"sqlite:///{tmp_path / 'wms.db'}"
    other = OtherDatabase(WriteBackDatabaseSettings.model_validate({"url": url}), database)
    message = OutgoingMessage(
        MessageKind.DATABASE, "outcome.recorded", "database", "1", outcome_id=outcome
    )
    waits = other.send(message, now)
    assert isinstance(waits, Again)
    assert "no table menling_outcomes" in waits.error
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(TABLE)
    assert other.send(message, now) == Sent()
    assert other.send(message, now) == Sent()
    with database.transaction() as session:
        session.get_one(OutcomeRecord, outcome).outcome = Outcome.REFUSED
    assert other.send(message, now) == Sent()
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT idempotency_key, waybill, outcome FROM menling_outcomes"
        ).all()
    assert [tuple(each) for each in rows] == [(f"{outcome}-SD20261122", "SD20261122", "refused")]
    other.close()
    engine.dispose()


def test_the_leader_tells_and_sends_by_its_chores(
    database: Database, settings: Settings, ends: End, receiver, now: datetime
) -> None:
    ends(Disposition.COMPLETED, Outcome.CONFIRMED)
    messages = Messages()
    office = Leadership(database, "chores", "engine")
    duty = Duty(database, settings, now, [].append, go_on, office)
    assert messages.tell(duty) == 1
    assert messages.tell(duty) == 0
    messages.send(duty)
    messages.close()
    assert [json.loads(each.body)["type"] for each in receiver.requests] == ["outcome.recorded"]


def test_over_an_sms_centre_receipts_and_wishes_come_back(
    database: Database, centre, delivered: Callable[..., bytes], now: datetime
) -> None:
    smpp = {"host": "127.0.0.1", "port": centre.port, "system_id": "m", "password": "secret"}
    settings = Settings.model_validate({"sms": {"gateway": "smpp", "smpp": smpp}})
    sender = Sender(database, settings, message_rules_of(settings), Clock(now))
    with database.transaction() as session:
        message = OutgoingMessage(MessageKind.SMS, "test", "sms", "1", "好", PHONE, phone=PHONE)
        enqueue(session, message, now)
    assert sender.send_all() == 1
    told = b"id:m1 sub:001 dlvrd:001 stat:UNDELIV err:005 text:"
    centre.deliver(delivered("8613800138001", told, esm_class=4))
    sender.take_what_came(now, 30.0)
    assert lines(database)[MessageKind.SMS].delivery is DeliveryState.FAILED
    centre.deliver(delivered("8613800138001", b"TD"))
    sender.take_what_came(now, 30.0)
    sender.close()
    with database.reading() as session:
        assert is_suppressed(session, PHONE)


def test_what_messages_said_is_erased_as_late_as_the_words_of_calls(
    database: Database, lane: MakeLane, now: datetime
) -> None:
    put(database, now, "1")
    lane(Way(Sent("p1")), Clock(now)).work(go_on)
    office = Leadership(database, "chores", "engine")

    def emptied(then: datetime) -> int:
        return empty_old_messages(Duty(database, Settings(), then, [].append, go_on, office))

    assert emptied(now + timedelta(days=364)) == 0
    assert emptied(now + timedelta(days=366)) == 1
    assert emptied(now + timedelta(days=366)) == 0
    line = lines(database)[MessageKind.SMS]
    assert (line.status, line.message.body, line.message.address) == (MessageStatus.SENT, "", "")
