"""The timers of tickets: working time, time limits, and when the next line learns of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.calling_window import CallingWindow
from campaigns.tickets_clock import Deadlines, Timer, deadlines, escalates_at, work_on
from campaigns.tickets_matrix import SUPERVISOR, Responsibility
from store.types import TicketStatus as Status

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = CallingWindow(time(7, 30), time(21), SHANGHAI)
ROW = Responsibility(
    kind="timeliness",
    cause="late",
    department="delivery",
    says={},
    proposals=("wait",),
    compensation_limit_fen=0,
    value_limit_fen=0,
    response_minutes=30,
    proposal_minutes=60,
    resolution_hours=24,
)


def at(day: int, clock: str) -> datetime:
    return datetime.combine(
        datetime(2026, 11, day).date(),  # noqa: DTZ001 - only its date is used
        time.fromisoformat(clock),
        SHANGHAI,
    )


LIMITS = Deadlines(at(22, "10:30"), at(22, "11:00"), at(23, "10:00"))


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (at(22, "10:00"), 30, at(22, "10:30")),
        (at(22, "07:30"), 0, at(22, "07:30")),
        (at(22, "20:45"), 15, at(22, "21:00")),
        (at(22, "20:45"), 30, at(23, "07:45")),
        (at(22, "21:00"), 30, at(23, "08:00")),
        (at(22, "23:50"), 30, at(23, "08:00")),
        (at(22, "03:00"), 60, at(22, "08:30")),
        # A working day has 810 minutes.
        (at(22, "07:30"), 811, at(23, "07:31")),
        (at(22, "20:00"), 60 + 810 + 1, at(24, "07:31")),
    ],
)
def test_minutes_outside_working_hours_do_not_count(
    start: datetime, minutes: int, end: datetime
) -> None:
    assert work_on(start, timedelta(minutes=minutes), HOURS) == end


def test_work_may_run_past_midnight() -> None:
    night = CallingWindow(time(22), time(2), SHANGHAI)
    assert work_on(at(22, "23:30"), timedelta(minutes=60), night) == at(23, "00:30")
    assert work_on(at(23, "01:30"), timedelta(minutes=60), night) == at(23, "22:30")


def test_a_desk_that_never_closes_counts_every_minute() -> None:
    always = CallingWindow(time(0), time(0), SHANGHAI)
    assert work_on(at(22, "23:50"), timedelta(minutes=30), always) == at(23, "00:20")


def test_working_time_is_elapsed_time_when_clocks_change() -> None:
    # In New York the clock goes from 02:00 back to 01:00 on 1 November 2026.
    zone = ZoneInfo("America/New_York")
    hours = CallingWindow(time(0), time(6), zone)
    begin = datetime(2026, 11, 1, 0, 0, tzinfo=zone)
    assert work_on(begin, timedelta(hours=3), hours) == begin.astimezone(UTC) + timedelta(hours=3)


def test_the_first_response_and_the_proposal_wait_for_the_morning_and_the_resolution_does_not() -> (
    None
):
    limits = deadlines(ROW, at(22, "20:50"), HOURS)
    assert limits.respond_by == at(23, "07:50")
    assert limits.propose_by == at(23, "08:20")
    assert limits.resolve_by == at(23, "20:50")


def test_a_resolution_is_never_due_before_its_proposal() -> None:
    quick = replace(ROW, resolution_hours=1)
    limits = deadlines(quick, at(22, "20:50"), HOURS)
    assert limits.resolve_by == limits.propose_by == at(23, "08:20")


def test_urgent_tickets_have_half_the_time() -> None:
    limits = deadlines(ROW, at(22, "10:00"), HOURS, urgent=True)
    assert limits.respond_by == at(22, "10:15")
    assert limits.propose_by == at(22, "10:30")
    assert limits.resolve_by == at(22, "22:00")


def test_a_callback_is_due_when_it_was_promised() -> None:
    limits = deadlines(ROW, at(22, "10:00"), HOURS, callback_by=at(22, "10:10"))
    assert limits.running(Status.OPEN)[0] == (Timer.CALLBACK, at(22, "10:10"))


@pytest.mark.parametrize(
    ("status", "running"),
    [
        (Status.OPEN, (Timer.RESPONSE, Timer.PROPOSAL, Timer.RESOLUTION)),
        (Status.ACKNOWLEDGED, (Timer.PROPOSAL, Timer.RESOLUTION)),
        (Status.PROPOSED, (Timer.RESOLUTION,)),
        (Status.DECLINED, (Timer.PROPOSAL, Timer.RESOLUTION)),
        (Status.AGREED, (Timer.RESOLUTION,)),
        (Status.RESOLVED, ()),
        (Status.CLOSED, ()),
    ],
)
def test_each_status_has_its_timers(status: Status, running: tuple[Timer, ...]) -> None:
    assert tuple(timer for timer, _ in LIMITS.running(status)) == running


@pytest.mark.parametrize(
    ("status", "level", "now", "expected"),
    [
        (Status.OPEN, 0, at(22, "10:00"), at(22, "10:30")),
        (Status.ACKNOWLEDGED, 0, at(22, "10:20"), at(22, "11:00")),
        (Status.PROPOSED, 1, at(22, "10:50"), at(23, "10:00")),
        # All timers have passed: the line that moves it has an hour.
        (Status.AGREED, 0, at(23, "12:00"), at(23, "13:00")),
        (Status.OPEN, SUPERVISOR, at(22, "10:00"), None),
        (Status.RESOLVED, 0, at(22, "10:00"), None),
    ],
)
def test_the_next_line_learns_of_it_when_the_next_timer_passes(
    status: Status, level: int, now: datetime, expected: datetime | None
) -> None:
    assert escalates_at(LIMITS, status, level, now, HOURS) == expected


def test_a_line_that_was_asked_has_an_hour_at_most() -> None:
    now = at(22, "11:00")
    assert escalates_at(LIMITS, Status.OPEN, 1, now, HOURS, asked=True) == at(22, "12:00")
    earlier = at(22, "10:30")
    assert escalates_at(LIMITS, Status.OPEN, 1, earlier, HOURS, asked=True) == at(22, "11:00")
