"""The tickets of a week in figures: what went wrong, whose it was, and whether it was in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from campaigns.report import Rate
from store.ticket_values import TicketEventRecord, TicketFacts
from store.types import TicketStep as Step


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tickets share a word, and how many did the week before."""

    word: str
    count: int
    before: int


@dataclass(frozen=True, slots=True)
class InTime:
    """How many tickets kept each time limit, of those of which it is known by now."""

    response: Rate
    proposal: Rate
    resolution: Rate
    callback_open: int
    """Callbacks that were promised and not made yet."""


@dataclass(frozen=True, slots=True)
class TicketFigures:
    """A week of tickets."""

    opened: int
    opened_before: int
    settled: int
    told: Rate
    """Customers who know the result, of those who should."""
    in_time: InTime
    escalations: int
    reopened: int
    compensation_fen: int
    kinds: tuple[Tally, ...]
    causes: tuple[Tally, ...]
    """As `kind/cause`, the most frequent first."""
    departments: tuple[Tally, ...]
    reasons: tuple[Tally, ...]
    late_by_department: Mapping[str, int]
    """Tickets that missed a time limit."""


def week_of(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the Monday midnight before a day and the one after, in a zone."""
    monday = day - timedelta(days=day.weekday())
    return span_of(monday, monday + timedelta(days=6), zone)


def span_of(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the midnights that enclose the days from `first` to `last`."""
    return (
        datetime.combine(first, time(), zone),
        datetime.combine(last + timedelta(days=1), time(), zone),
    )


def figures_of(
    week: Sequence[TicketFacts],
    before: Sequence[TicketFacts],
    events: Iterable[TicketEventRecord],
    now: datetime,
    is_to_be_told: Callable[[TicketFacts], bool] = lambda _: True,
) -> TicketFigures:
    """Count the tickets opened in a week; `before` are those of the week before it.

    `events` is the ledger of the tickets of the week, as far as it is known `now`;
    `is_to_be_told` says of which the customer should know the result.
    """
    mine = {each.number for each in week}
    steps = Counter(line.step for line in events if line.number in mine)
    settled = [each for each in week if each.status.is_settled]
    return TicketFigures(
        opened=len(week),
        opened_before=len(before),
        settled=len(settled),
        told=_rate(
            each.times.customer_told_at is not None for each in settled if is_to_be_told(each)
        ),
        in_time=in_time(week, now),
        escalations=steps[Step.ESCALATE],
        reopened=steps[Step.REOPEN],
        compensation_fen=sum(each.compensation_fen for each in week),
        kinds=_tally(week, before, lambda each: each.kind),
        causes=_tally(week, before, lambda each: f"{each.kind}/{each.cause}"),
        departments=_tally(week, before, lambda each: each.department),
        reasons=_tally(week, before, lambda each: each.record.get("why", "")),
        late_by_department=MappingProxyType(
            Counter(each.department for each in week if is_late(each, now))
        ),
    )


def in_time(tickets: Iterable[TicketFacts], now: datetime) -> InTime:
    """Return how many time limits were kept, of those that were met or have passed by now."""
    looked_at = tuple(tickets)
    limits = [_kept(each, now) for each in looked_at]
    return InTime(
        response=_rate(kept for kept, _, _ in limits),
        proposal=_rate(kept for _, kept, _ in limits),
        resolution=_rate(kept for _, _, kept in limits),
        callback_open=sum(each.times.callback_by is not None for each in looked_at),
    )


def is_late(ticket: TicketFacts, now: datetime) -> bool:
    """Did it miss one of its time limits?"""
    return False in _kept(ticket, now)


def _kept(ticket: TicketFacts, now: datetime) -> tuple[bool | None, bool | None, bool | None]:
    """Say of response, proposal and resolution whether they were in time; None: not known yet.

    A ticket that was resolved without a proposal needed none.
    """
    times = ticket.times
    needs_proposal = times.proposed_at is not None or times.resolved_at is None
    return (
        _was_kept(times.acknowledged_at, times.respond_by, now),
        _was_kept(times.proposed_at, times.propose_by, now) if needs_proposal else None,
        _was_kept(times.resolved_at, times.resolve_by, now),
    )


def _was_kept(done: datetime | None, by: datetime, now: datetime) -> bool | None:
    if done is None:
        return None if now < by else False
    return done <= by


def _rate(kept: Iterable[bool | None]) -> Rate:
    known = [each for each in kept if each is not None]
    return Rate(sum(known), len(known))


def _tally(
    week: Iterable[TicketFacts],
    before: Iterable[TicketFacts],
    word: Callable[[TicketFacts], str],
) -> tuple[Tally, ...]:
    now, then = Counter(map(word, week)), Counter(map(word, before))
    counted = (Tally(each, count, then[each]) for each, count in now.items() if each)
    return tuple(sorted(counted, key=lambda tally: (-tally.count, tally.word)))
