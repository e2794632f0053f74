"""Tickets on every database: opened once, moved by the table, escalated by the clock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from campaigns.tickets import (
    acknowledge,
    agree,
    called_back,
    close,
    decline,
    escalate,
    propose,
    reopen,
    resolve,
    tell,
)
from campaigns.tickets_clock import Timer
from campaigns.tickets_due import due, escalate_overdue
from campaigns.tickets_machine import TicketError
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_rules import shipped_ticket_rules
from store.database import Database
from store.errors import StoreError
from store.models import Delivery
from store.ticket_models import Ticket
from store.ticket_queries import (
    TicketFilter,
    ticket,
    ticket_events,
    tickets,
)
from store.ticket_values import TicketFacts
from store.types import TicketStatus as Status
from store.types import TicketStep as Step

RULES = shipped_ticket_rules()
MakeComplaint = Callable[..., Complaint]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def steps(database: Database, number: str) -> list[tuple[str, Step, Status]]:
    with database.reading() as session:
        return [(line.who, line.step, line.to_status) for line in ticket_events(session, number)]


def test_a_ticket_is_numbered_by_day_and_belongs_to_somebody(
    opened: TicketFacts, now: datetime
) -> None:
    assert opened.number == "T20261121-0001"
    assert (opened.kind, opened.cause, opened.department) == ("damage", "damaged", "claims")
    assert opened.status is Status.OPEN
    assert opened.times.respond_by == now + 30 * MINUTE
    assert opened.times.propose_by == now + HOUR
    assert opened.times.resolve_by == now + 72 * HOUR
    assert opened.times.escalate_at == opened.times.respond_by
    assert opened.record["what"] == "破损 台灯"


def test_numbers_count_on_and_begin_anew_each_day(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    with database.transaction() as session:
        second = open_ticket(session, RULES, Complaint("inquiry"), "王芳", now)
        # 17:00 UTC is after midnight in China.
        third = open_ticket(session, RULES, Complaint("inquiry"), "王芳", now + 13 * HOUR)
    assert (second.number, third.number) == ("T20261121-0002", "T20261122-0001")


def test_the_ten_thousandth_ticket_of_a_day_has_a_number_too(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Ticket).values(number="T20261121-9999"))
        one = open_ticket(session, RULES, Complaint("inquiry"), "王芳", now)
        two = open_ticket(session, RULES, Complaint("inquiry"), "王芳", now)
    assert (one.number, two.number) == ("T20261121-10000", "T20261121-10001")


def test_a_second_call_about_the_same_trouble_adds_to_the_ticket(
    database: Database,
    parcel: Delivery,
    opened: TicketFacts,
    now: datetime,
    complaint: MakeComplaint,
) -> None:
    with database.transaction() as session:
        again = open_ticket(
            session,
            RULES,
            complaint(parcel, "damage/soiled", words="盒子也湿了", urgent=True),
            "call 2",
            now + MINUTE,
        )
        other = open_ticket(session, RULES, complaint(parcel, "late"), "call 2", now + MINUTE)
    assert again.number == opened.number
    assert (again.cause, again.words, again.urgent) == ("damaged", "灯罩碎了\n盒子也湿了", True)
    assert other.number != opened.number
    assert steps(database, opened.number)[1:] == [("call 2", Step.NOTE, Status.OPEN)]


def test_the_same_words_of_the_same_call_change_nothing(
    database: Database,
    parcel: Delivery,
    opened: TicketFacts,
    now: datetime,
    complaint: MakeComplaint,
) -> None:
    with database.transaction() as session:
        again = open_ticket(session, RULES, complaint(parcel), "call 1", now + MINUTE)
    assert again == opened
    assert len(steps(database, opened.number)) == 1


def test_a_further_call_does_not_forgive_a_timer_that_has_passed(
    database: Database,
    parcel: Delivery,
    opened: TicketFacts,
    now: datetime,
    complaint: MakeComplaint,
) -> None:
    with database.transaction() as session:
        later = now + 31 * MINUTE
        open_ticket(session, RULES, complaint(parcel, words="还没人理我"), "call 2", later)
        assert [each.level for each in escalate_overdue(session, RULES, later)] == [1]


def test_a_closed_ticket_stays_closed_and_new_trouble_gets_a_new_one(
    database: Database,
    parcel: Delivery,
    opened: TicketFacts,
    now: datetime,
    complaint: MakeComplaint,
) -> None:
    with database.transaction() as session:
        acknowledge(session, RULES, opened.number, "王芳", now)
        resolve(session, RULES, opened.number, "王芳", now, result="给您补发了", told=True)
        close(session, RULES, opened.number, "王芳", now)
        again = open_ticket(session, RULES, complaint(parcel), "call 9", now + HOUR)
    assert again.number == "T20261121-0002"


def test_engines_that_settle_at_once_open_one_ticket(
    url: str, database: Database, parcel: Delivery, now: datetime, complaint: MakeComplaint
) -> None:
    engines = 4
    barrier = Barrier(engines)

    def settle(engine: int) -> str:
        own = Database(url)
        barrier.wait(timeout=30)
        words = complaint(parcel, words=f"第{engine}次")
        with own.transaction() as session:
            number = open_ticket(session, RULES, words, f"call {engine}", now).number
        own.close()
        return number

    with ThreadPoolExecutor(engines) as pool:
        numbers = set(pool.map(settle, range(engines)))
    assert numbers == {"T20261121-0001"}
    assert len(steps(database, "T20261121-0001")) == engines


def test_engines_that_open_different_tickets_at_once_get_different_numbers(
    url: str, database: Database, now: datetime
) -> None:
    engines = 4
    barrier = Barrier(engines)

    def settle(engine: int) -> str:
        own = Database(url)
        barrier.wait(timeout=30)
        with own.transaction() as session:
            words = Complaint("late", waybill=f"SD{engine}")
            number = open_ticket(session, RULES, words, f"call {engine}", now).number
        own.close()
        return number

    with ThreadPoolExecutor(engines) as pool:
        assert len(set(pool.map(settle, range(engines)))) == engines


def test_a_ticket_goes_its_way_and_the_ledger_keeps_every_step(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    number = opened.number
    with database.transaction() as session:
        acknowledge(session, RULES, number, "王芳", now + MINUTE)
        propose(session, RULES, number, "compensate", "王芳", now + 2 * MINUTE, fen=5000)
        declined = decline(session, RULES, number, "王芳", now + 50 * MINUTE, "嫌少")
        proposed = propose(session, RULES, number, "refund", "王芳", now + 51 * MINUTE)
        agree(session, RULES, number, "王芳", now + 52 * MINUTE)
        resolved = resolve(session, RULES, number, "李强", now + HOUR, why="packaging")
    assert declined.compensation_fen == 0
    assert declined.times.propose_by == now + 110 * MINUTE
    assert proposed.compensation_fen == 29900
    assert resolved.resolution == "给您退款了"
    assert resolved.record["why"] == "packaging"
    assert resolved.times.acknowledged_at == now + MINUTE
    assert resolved.times.escalate_at is None
    assert [(who, step) for who, step, _ in steps(database, number)] == [
        ("call 1", Step.OPEN),
        ("王芳", Step.ACKNOWLEDGE),
        ("王芳", Step.PROPOSE),
        ("王芳", Step.DECLINE),
        ("王芳", Step.PROPOSE),
        ("王芳", Step.AGREE),
        ("李强", Step.RESOLVE),
        ("李强", Step.NOTE),
    ]


def test_a_step_that_makes_no_sense_changes_nothing(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    for step in (agree, decline, close, tell, reopen):
        with pytest.raises(TicketError, match="is open can't"), database.transaction() as session:
            step(session, RULES, opened.number, "王芳", now)
    with database.reading() as session:
        assert ticket(session, opened.number) == opened


def test_a_ticket_that_is_not_there_says_where_they_are_listed(
    database: Database, now: datetime
) -> None:
    with pytest.raises(StoreError, match="menling tickets list"), database.transaction() as session:
        acknowledge(session, RULES, "T20261121-0007", "王芳", now)


@pytest.mark.parametrize(
    ("proposal", "more", "said"),
    [
        ("wait", {}, "isn't allowed here; allowed: replace, refund, compensate, return"),
        ("gift", {}, "isn't allowed here"),
        ("compensate", {}, "Say how much is paid, at most 299.00 yuan"),
        ("compensate", {"fen": 29901}, "at most 299.00 yuan here, not 299.01"),
        ("return", {"fen": 100}, "may cost no money here"),
        ("refund", {"fen": 30000}, "at most 299.00 yuan"),
        ("refund", {"value_fen": 100001}, "is the supervisor's; escalate the ticket"),
    ],
)
def test_what_the_matrix_does_not_allow_is_not_promised(
    database: Database,
    opened: TicketFacts,
    now: datetime,
    proposal: str,
    more: dict[str, int],
    said: str,
) -> None:
    with pytest.raises(TicketError, match=said), database.transaction() as session:
        propose(session, RULES, opened.number, proposal, "王芳", now, **more)  # type: ignore[arg-type]
    with database.reading() as session:
        assert ticket(session, opened.number).proposal == ""


def test_a_refund_of_what_nobody_knows_the_value_of_asks_for_it(
    database: Database, now: datetime
) -> None:
    with database.transaction() as session:
        number = open_ticket(session, RULES, Complaint("lost"), "王芳", now).number
    with pytest.raises(TicketError, match="--value"), database.transaction() as session:
        propose(session, RULES, number, "refund", "王芳", now)
    with database.transaction() as session:
        offered = propose(session, RULES, number, "refund", "王芳", now, value_fen=8800)
    assert offered.compensation_fen == 8800


def test_nobody_moves_for_hours_and_it_climbs_to_the_supervisor(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    climbed: list[tuple[timedelta, int]] = []
    for minutes in range(0, 400, 5):
        moment = now + minutes * MINUTE
        with database.transaction() as session:
            climbed += [
                (moment - now, each.level) for each in escalate_overdue(session, RULES, moment)
            ]
    assert climbed == [(30 * MINUTE, 1), (HOUR, 2)]
    with database.reading() as session:
        notes = [line.note for line in ticket_events(session, opened.number)][1:]
    assert notes == ["理赔主管 late: response", "客服经理 late: response, proposal"]


def test_whoever_answers_in_time_is_left_alone(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    with database.transaction() as session:
        acknowledge(session, RULES, opened.number, "王芳", now + 29 * MINUTE)
        assert escalate_overdue(session, RULES, now + 59 * MINUTE) == ()
        propose(session, RULES, opened.number, "replace", "王芳", now + 59 * MINUTE)
        assert escalate_overdue(session, RULES, now + 71 * HOUR) == ()
        assert len(escalate_overdue(session, RULES, now + 72 * HOUR)) == 1


def test_a_ticket_can_be_handed_up_by_hand_and_no_higher_than_the_supervisor(
    database: Database, opened: TicketFacts, now: datetime
) -> None:
    with database.transaction() as session:
        escalate(session, RULES, opened.number, "王芳", now, "客户要找领导")
        assert escalate(session, RULES, opened.number, "王芳", now).level == 2
    with pytest.raises(TicketError, match="nobody is above"), database.transaction() as session:
        escalate(session, RULES, opened.number, "王芳", now)


def test_a_promised_callback_is_a_timer_of_its_own(
    database: Database, parcel: Delivery, now: datetime, complaint: MakeComplaint
) -> None:
    with database.transaction() as session:
        asked = complaint(parcel, "inquiry", callback_by=now + 10 * MINUTE)
        number = open_ticket(session, RULES, asked, "call 1", now).number
        (waiting,) = due(session, now)
        assert (waiting.timer, waiting.by) == (Timer.CALLBACK, now + 10 * MINUTE)
        late = TicketFilter(overdue_at=now + 10 * MINUTE)
        assert [each.number for each in tickets(session, late)] == [number]
        rung = called_back(session, RULES, number, "王芳", now + 5 * MINUTE)
    assert (rung.status, rung.times.callback_by) == (Status.ACKNOWLEDGED, None)
    with pytest.raises(TicketError, match="Nobody waits"), database.transaction() as session:
        called_back(session, RULES, number, "王芳", now)


def test_what_is_due_comes_late_ones_first(
    database: Database,
    parcel: Delivery,
    opened: TicketFacts,
    now: datetime,
    complaint: MakeComplaint,
) -> None:
    with database.transaction() as session:
        later = now + 35 * MINUTE
        fresh = open_ticket(session, RULES, complaint(parcel, "late"), "call 2", later)
        items = due(session, later)
        only = due(session, later, "delivery")
        late = tickets(session, TicketFilter(overdue_at=later))
    assert [(item.ticket.number, item.timer, item.is_late(later)) for item in items] == [
        (opened.number, Timer.RESPONSE, True),
        (fresh.number, Timer.RESPONSE, False),
    ]
    assert [item.ticket.number for item in only] == [fresh.number]
    assert [each.number for each in late] == [opened.number]
