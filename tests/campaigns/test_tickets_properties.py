"""What holds for tickets whatever happens to them, in whatever order and at whatever time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.calling_window import CallingWindow
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
from campaigns.tickets_clock import work_on
from campaigns.tickets_due import due, escalate_overdue
from campaigns.tickets_machine import TicketError
from campaigns.tickets_matrix import SUPERVISOR
from campaigns.tickets_opening import Complaint, open_ticket
from campaigns.tickets_rules import shipped_ticket_rules
from store.database import Database
from store.ticket_queries import ticket, ticket_events, tickets

RULES = shipped_ticket_rules()
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = CallingWindow(time(7, 30), time(21), SHANGHAI)
BEGIN = datetime(2026, 11, 22, tzinfo=UTC)
MOMENTS = st.integers(0, 14 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
WORK = st.integers(0, 3000).map(lambda minutes: timedelta(minutes=minutes))

STEPS = (
    acknowledge,
    called_back,
    agree,
    decline,
    close,
    reopen,
    escalate,
    tell,
    "replace",
    "refund",
    "compensate",
    "wait",
    "resolve",
    "again",
    "timer",
)


@given(MOMENTS, WORK, WORK)
def test_working_time_adds_up_and_ends_within_working_hours(
    start: datetime, first: timedelta, second: timedelta
) -> None:
    end = work_on(start, first + second, HOURS)
    assert work_on(work_on(start, first, HOURS), second, HOURS) == end
    assert end >= start + first + second
    assert time(7, 30) <= end.astimezone(SHANGHAI).time() <= time(21)


@given(MOMENTS, MOMENTS, WORK)
def test_who_begins_earlier_is_never_done_later(
    one: datetime, other: datetime, work: timedelta
) -> None:
    early, late = sorted((one, other))
    assert work_on(early, work, HOURS) <= work_on(late, work, HOURS)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 600)), max_size=14),
    st.integers(0, 200_000),
)
def test_a_ticket_keeps_its_laws_whatever_happens_to_it(
    database: Database, steps: list[tuple[object, int]], value_fen: int
) -> None:
    now = BEGIN
    with database.transaction() as session:
        waybill = f"SD{len(tickets(session))}"
        complaint = Complaint("damaged", words="碎了", waybill=waybill)
        number = open_ticket(session, RULES, complaint, "call 1", now).number
    for step, minutes in steps:
        now += timedelta(minutes=minutes)
        with database.reading() as session:
            before, ledger = ticket(session, number), ticket_events(session, number)
        try:
            with database.transaction() as session:
                match step:
                    case "timer":
                        escalate_overdue(session, RULES, now)
                    case "again":
                        open_ticket(session, RULES, complaint, f"call {len(ledger) + 1}", now)
                    case "resolve":
                        resolve(session, RULES, number, "王芳", now, result="好了")
                    case str(proposal):
                        propose(
                            session, RULES, number, proposal, "王芳", now,
                            fen=100 * (proposal == "compensate"), value_fen=value_fen,
                        )  # fmt: skip
                    case _:
                        step(session, RULES, number, "王芳", now)  # type: ignore[operator]
        except TicketError:
            with database.reading() as session:
                assert ticket(session, number) == before
                assert ticket_events(session, number) == ledger
            continue
        with database.reading() as session:
            after, lines = ticket(session, number), ticket_events(session, number)
            waits = [item.ticket.number for item in due(session, now)]
        assert lines[: len(ledger)] == ledger
        assert (after == before) is (len(lines) == len(ledger)) or step == "again"
        assert before.level <= after.level <= SUPERVISOR
        is_watched = after.times.escalate_at is not None
        assert is_watched is (not after.status.is_settled and after.level < SUPERVISOR)
        assert 0 <= after.compensation_fen <= max(value_fen, 50_000)
        told = after.times.customer_told_at is not None
        assert (number in waits) is (
            not after.status.is_settled or (after.status.value == "resolved" and not told)
        )
