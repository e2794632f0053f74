"""What the map counts comes out of the store by campaign and day, and nothing personal with it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.flow_figures import (
    CallRange,
    CountedCall,
    TurnMark,
    counted_calls,
    newest_calls,
    turn_marks,
)
from store.models import Contact, Recipient
from store.queries import create_campaign, set_campaign_status
from store.ticket_models import Ticket
from store.types import CampaignStatus, ContactStatus, Disposition, Outcome, TurnSpeaker
from store.values import ClaimedCall, Settled, Settlement, TurnRecord

EVERY_CALL = CallRange()
TURNS = (
    TurnRecord(TurnSpeaker.MENLING, "您好", 0.5, 2.0, prompt="introduction"),
    TurnRecord(TurnSpeaker.CALLEE, "我叫王小明", 6.0, 7.0, prompt="opening"),
    TurnRecord(TurnSpeaker.MENLING, "方便收吗?", 3.0, 5.0, prompt="can_receive"),
)


@pytest.fixture
def campaigns(database: Database, now: datetime) -> tuple[int, int]:
    """Two running campaigns, one contact in the first and two in the second."""
    with database.transaction() as session:
        return _campaign(session, "早班", now, "1"), _campaign(session, "晚班", now, "23")


def _campaign(session: Session, name: str, now: datetime, people: str) -> int:
    made = create_campaign(session, name=name, flow="pre-delivery", company="顺达", now=now).id
    set_campaign_status(session, made, CampaignStatus.RUNNING, now)
    for digit in people:
        phone = f"+861380013800{digit}"
        session.add(
            Contact(
                campaign_id=made,
                recipient=Recipient(name=digit, phone=phone),
                phone=phone,
                language="zh-CN",
                time_zone="Asia/Shanghai",
            )
        )
    return made


def call(
    database: Database, campaign: int, now: datetime, settlement: Settlement | None
) -> ClaimedCall:
    """Dial the next contact of a campaign; the call ends so, or goes on (None)."""
    with database.transaction() as session:
        claimed = claim_next(session, campaign, now, claimed_by="engine")
        assert claimed is not None
        mark_dialing(session, claimed.attempt_id, now)
        if settlement is not None:
            settle(session, claimed.attempt_id, settlement, then=ContactStatus.DONE)
    return claimed


def counted(database: Database, calls: CallRange = EVERY_CALL) -> tuple[CountedCall, ...]:
    with database.reading() as session:
        return counted_calls(session, calls)


def hung_up(now: datetime) -> Settlement:
    return Settlement(
        disposition=Disposition.HUNG_UP_MIDWAY,
        outcome=Outcome.UNFINISHED,
        at=now,
        settled=Settled(
            needs_person="请回电", notes={"open_question": "opening", "last_words": "我叫王小明"}
        ),
        answered=True,
        talk_seconds=12.5,
        flow_version="pre-delivery 2 0123456789ab",
        turns=TURNS,
    )


def no_answer(now: datetime) -> Settlement:
    return Settlement(Disposition.NO_ANSWER, Outcome.NOT_REACHED, at=now)


def test_a_call_is_counted_with_its_flow_its_end_and_where_it_broke_off(
    database: Database, campaigns: tuple[int, int], now: datetime
) -> None:
    attempt = call(database, campaigns[0], now, hung_up(now)).attempt_id
    assert counted(database) == (
        CountedCall(
            attempt_id=attempt,
            flow="pre-delivery",
            version="2 0123456789ab",
            language="zh-CN",
            disposition=Disposition.HUNG_UP_MIDWAY,
            needs_person=True,
            tickets=0,
            talk_seconds=12.5,
            open_question="opening",
        ),
    )


def test_a_call_that_nobody_answered_is_one_of_its_campaigns_flow(
    database: Database, campaigns: tuple[int, int], now: datetime
) -> None:
    call(database, campaigns[0], now, no_answer(now))
    (found,) = counted(database)
    assert (found.flow, found.version, found.open_question) == ("pre-delivery", "", "")
    assert not found.needs_person


def test_a_call_that_goes_on_is_not_counted_yet(
    database: Database, campaigns: tuple[int, int], now: datetime
) -> None:
    call(database, campaigns[0], now, None)
    assert counted(database) == ()


def test_a_ticket_that_a_call_opened_is_counted_with_it(
    database: Database, campaigns: tuple[int, int], now: datetime
) -> None:
    opener = call(database, campaigns[1], now, hung_up(now))
    call(database, campaigns[1], now, no_answer(now))
    with database.transaction() as session:
        session.add(
            Ticket(
                number="T20261121-0001",
                kind="damage",
                department="claims",
                attempt_id=opener.attempt_id,
                opened_at=now,
                opened_by="call",
                respond_by=now,
                propose_by=now,
                resolve_by=now,
            )
        )
    assert [each.tickets for each in counted(database)] == [1, 0]


def test_calls_are_narrowed_to_a_campaign_and_to_days(
    database: Database, campaigns: tuple[int, int], now: datetime
) -> None:
    tomorrow = now + timedelta(days=1)
    first = call(database, campaigns[0], now, no_answer(now)).attempt_id
    second = call(database, campaigns[1], now, no_answer(now)).attempt_id
    third = call(database, campaigns[1], tomorrow, hung_up(tomorrow)).attempt_id

    def attempts(calls: CallRange) -> list[int]:
        return [each.attempt_id for each in counted(database, calls)]

    assert attempts(CallRange(campaign_id=campaigns[0])) == [first]
    assert attempts(CallRange(begins=tomorrow)) == [third]
    assert attempts(CallRange(ends=tomorrow)) == [first, second]
    assert attempts(CallRange(now, tomorrow, campaigns[1])) == [second]
    with database.reading() as session:
        assert [each for each, _ in turn_marks(session, [first, second])] == []
        assert [each for each, _ in turn_marks(session, [first, second, third])] == [third]


def test_turns_come_in_the_order_they_began_without_a_word_of_them(
    database: Database, campaigns: tuple[int, int], now: datetime
) -> None:
    attempt = call(database, campaigns[0], now, hung_up(now)).attempt_id
    with database.reading() as session:
        found = dict(turn_marks(session, [attempt]))
    assert found == {
        attempt: (
            TurnMark(TurnSpeaker.MENLING, "introduction", 0.5, 2.0),
            TurnMark(TurnSpeaker.MENLING, "can_receive", 3.0, 5.0),
            TurnMark(TurnSpeaker.CALLEE, "opening", 6.0, 7.0),
        )
    }


def test_nothing_that_is_counted_tells_of_a_person(
    database: Database, campaigns: tuple[int, int], now: datetime
) -> None:
    attempt = call(database, campaigns[0], now, hung_up(now)).attempt_id
    with database.reading() as session:
        told = repr((counted_calls(session, CallRange()), dict(turn_marks(session, [attempt]))))
    assert "王小明" not in told
    assert "13800138001" not in told
    assert "请回电" not in told


def test_the_newest_calls_of_a_campaign_are_its_own(
    database: Database, campaigns: tuple[int, int], now: datetime
) -> None:
    later = now + timedelta(hours=1)
    call(database, campaigns[0], now, no_answer(now))
    for _ in "23":
        call(database, campaigns[1], later, no_answer(later))
    wanted = CallRange(begins=now, campaign_id=campaigns[0])
    with database.reading() as session:
        assert newest_calls(session, wanted, 1) == wanted
        assert newest_calls(session, CallRange(begins=now), 1).begins == later


def test_turns_are_found_by_their_calls_without_a_look_at_all_turns_of_the_past(
    database: Database, campaigns: tuple[int, int], now: datetime
) -> None:
    attempt = call(database, campaigns[0], now, hung_up(now)).attempt_id
    asked: list[str] = []
    with database.reading() as session:

        @sa.event.listens_for(session.connection(), "before_cursor_execute")
        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        assert [each for each, _ in turn_marks(session, [attempt])] == [attempt]
    [statement] = asked
    assert "turns.attempt_id IN" in statement
    assert "JOIN" not in statement
