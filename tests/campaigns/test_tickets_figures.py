"""A week of tickets in figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pytest

from campaigns.report import Rate
from campaigns.tickets_figures import Tally, figures_of, in_time, is_late, span_of, week_of
from store.ticket_values import TicketEventRecord, TicketFacts, TicketTimes
from store.types import TicketStatus as Status
from store.types import TicketStep as Step

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOTHING: Mapping[str, str] = MappingProxyType({})


def a_ticket(number: int, *, minutes: tuple[int | None, ...] = (), **more: object) -> TicketFacts:
    """Return a ticket of noon; `minutes` until response, proposal, resolution, telling."""
    done = [None if each is None else NOON + each * MINUTE for each in minutes]
    acknowledged, proposed, resolved, told = [*done, None, None, None, None][:4]
    facts = TicketFacts(
        id=number,
        number=f"T20261118-{number:04}",
        kind="timeliness",
        cause="late",
        department="delivery",
        status=Status.OPEN if resolved is None else Status.RESOLVED,
        level=0,
        urgent=False,
        waybill="",
        delivery_id=None,
        contact_id=None,
        attempt_id=None,
        language="zh-CN",
        opened_by="call 1",
        times=TicketTimes(
            opened_at=NOON,
            respond_by=NOON + 30 * MINUTE,
            propose_by=NOON + HOUR,
            resolve_by=NOON + 24 * HOUR,
            escalate_at=None,
            acknowledged_at=acknowledged,
            proposed_at=proposed,
            answered_at=None,
            resolved_at=resolved,
            closed_at=None,
            customer_told_at=told,
            callback_by=None,
        ),
        record=NOTHING,
        words="",
        proposal="",
        compensation_fen=0,
        resolution="",
        follow_up_contact_id=None,
    )
    return replace(facts, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "hours_later", "response", "proposal", "resolution"),
    [
        # Nothing is due yet.
        ((), 0, Rate(0, 0), Rate(0, 0), Rate(0, 0)),
        ((10,), 0, Rate(1, 1), Rate(0, 0), Rate(0, 0)),
        ((30, 60, 24 * 60), 48, Rate(1, 1), Rate(1, 1), Rate(1, 1)),
        ((31, 61, 24 * 60 + 1), 48, Rate(0, 1), Rate(0, 1), Rate(0, 1)),
        # Nobody moved, and every limit has passed.
        ((), 48, Rate(0, 1), Rate(0, 1), Rate(0, 1)),
        # A question was answered: no proposal was needed.
        ((10, None, 20), 48, Rate(1, 1), Rate(0, 0), Rate(1, 1)),
    ],
)
def test_a_limit_counts_once_it_was_met_or_has_passed(
    minutes: tuple[int | None, ...],
    hours_later: int,
    response: Rate,
    proposal: Rate,
    resolution: Rate,
) -> None:
    kept = in_time([a_ticket(1, minutes=minutes)], NOON + hours_later * HOUR)
    assert (kept.response, kept.proposal, kept.resolution) == (response, proposal, resolution)


def test_late_is_who_missed_one_limit() -> None:
    assert not is_late(a_ticket(1, minutes=(10, 20, 30)), NOON + 48 * HOUR)
    assert is_late(a_ticket(1, minutes=(40, 50, 60)), NOON + 48 * HOUR)


def test_a_week_is_counted_against_the_one_before() -> None:
    why = MappingProxyType({"why": "weather"})
    week = [
        a_ticket(1, minutes=(10, 20, 30, 40), compensation_fen=1500, record=why),
        a_ticket(2, minutes=(40, 50), department="claims", record=why),
        a_ticket(3, kind="damage", cause="soiled", minutes=(10, None, 30)),
        a_ticket(4, kind="inquiry", cause=""),
    ]
    before = [a_ticket(90), a_ticket(91, kind="lost", cause="not_found")]
    ledger = [
        TicketEventRecord(number, NOON, "timer", step, Status.OPEN, Status.OPEN, "")
        for number, step in (
            ("T20261118-0001", Step.ESCALATE),
            ("T20261118-0001", Step.ESCALATE),
            ("T20261118-0003", Step.REOPEN),
            ("T20261118-0090", Step.ESCALATE),
        )
    ]
    figures = figures_of(week, before, ledger, NOON + HOUR)
    assert (figures.opened, figures.opened_before, figures.settled) == (4, 2, 2)
    assert figures.told == Rate(1, 2)
    assert (figures.escalations, figures.reopened) == (2, 1)
    assert figures.compensation_fen == 1500
    assert figures.kinds == (
        Tally("timeliness", 2, 1), Tally("damage", 1, 0), Tally("inquiry", 1, 0),
    )  # fmt: skip
    assert figures.causes[0] == Tally("timeliness/late", 2, 1)
    assert figures.departments == (Tally("delivery", 3, 2), Tally("claims", 1, 0))
    assert figures.reasons == (Tally("weather", 2, 0),)
    assert dict(figures.late_by_department) == {"claims": 1, "delivery": 1}


def test_who_need_not_be_told_is_not_counted_as_untold() -> None:
    week = [a_ticket(1, minutes=(10, 20, 30)), a_ticket(2, kind="inquiry", minutes=(10, 20, 30))]
    figures = figures_of(week, (), (), NOON, lambda each: each.kind == "inquiry")
    assert figures.told == Rate(0, 1)


def test_a_promised_callback_is_open_until_it_was_made() -> None:
    ticket = a_ticket(1)
    waits = replace(ticket, times=replace(ticket.times, callback_by=NOON))
    assert in_time([ticket, waits], NOON).callback_open == 1


@pytest.mark.parametrize("day", [16, 18, 22])
def test_a_week_goes_from_monday_to_sunday_on_the_clock_of_the_desk(day: int) -> None:
    begin, end = week_of(date(2026, 11, day), SHANGHAI)
    assert begin == datetime(2026, 11, 16, tzinfo=SHANGHAI)
    assert end == datetime(2026, 11, 23, tzinfo=SHANGHAI)


def test_the_days_of_a_span_are_whole_also_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begin, end = span_of(date(2026, 10, 25), date(2026, 10, 25), berlin)
    assert end.timestamp() - begin.timestamp() == 25 * 3600
