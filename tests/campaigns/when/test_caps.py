"""How often and how soon again a number is called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from campaigns.when.caps import Caps, free_at, gap_ends

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""In Shanghai."""


def before(*minutes: float) -> tuple[datetime, ...]:
    return tuple(NOON - timedelta(minutes=each) for each in minutes)


def test_a_number_that_was_not_called_is_free() -> None:
    caps = Caps(per_hour=1, per_day=1, per_week=1, gap=timedelta(hours=1))
    assert free_at(caps, (), NOON, SHANGHAI) == NOON
    assert gap_ends(caps, (), NOON) == NOON


def test_an_hour_is_counted_back_from_now() -> None:
    caps = Caps(per_hour=2)
    assert free_at(caps, before(50, 10), NOON, SHANGHAI) == NOON + timedelta(minutes=10)
    assert free_at(caps, before(60, 10), NOON, SHANGHAI) == NOON
    assert free_at(caps, before(90, 50, 10), NOON, SHANGHAI) == NOON + timedelta(minutes=10)


def test_a_day_is_the_calendar_day_of_the_recipient() -> None:
    caps = Caps(per_day=2)
    yesterday_evening = before(13 * 60, 12 * 60 + 1)
    assert free_at(caps, yesterday_evening, NOON, SHANGHAI) == NOON
    midnight = datetime(2026, 11, 23, tzinfo=SHANGHAI)
    assert free_at(caps, before(300, 200), NOON, SHANGHAI) == midnight
    # Where it is still the evening before, those calls were on another day.
    assert free_at(caps, before(300, 200), NOON, ZoneInfo("America/New_York")) == datetime(
        2026, 11, 22, tzinfo=ZoneInfo("America/New_York")
    )


def test_a_law_may_count_twenty_four_hours_back() -> None:
    caps = Caps(per_24_hours=2)
    assert free_at(caps, before(23 * 60, 60), NOON, SHANGHAI) == NOON + timedelta(hours=1)


def test_a_week_is_counted_back_from_now() -> None:
    caps = Caps(per_week=1)
    assert free_at(caps, before(60), NOON, SHANGHAI) == NOON + timedelta(days=7, hours=-1)


def test_the_gap_begins_with_the_last_call() -> None:
    caps = Caps(gap=timedelta(minutes=5))
    assert gap_ends(caps, before(60, 3), NOON) == NOON + timedelta(minutes=2)
    assert gap_ends(caps, before(60, 5), NOON) == NOON


counts = st.none() | st.integers(1, 5)
gaps = st.integers(0, 90).map(lambda minutes: timedelta(minutes=minutes))
caps_of_any_kind = st.builds(Caps, counts, counts, counts, counts, counts, gaps)


@given(caps_of_any_kind, caps_of_any_kind, st.lists(st.integers(0, 10079), max_size=12))
def test_the_stricter_of_two_caps_frees_nobody_earlier_than_either(
    some: Caps, others: Caps, minutes: list[int]
) -> None:
    calls = before(*sorted(minutes, reverse=True))
    both = some.with_stricter(others)
    assert both == others.with_stricter(some)
    for caps in (some, others):
        assert free_at(both, calls, NOON, SHANGHAI) >= free_at(caps, calls, NOON, SHANGHAI)
        assert gap_ends(both, calls, NOON) >= gap_ends(caps, calls, NOON)


@given(caps_of_any_kind, st.lists(st.integers(0, 10079), max_size=12))
def test_when_a_number_is_free_no_cap_is_reached(caps: Caps, minutes: list[int]) -> None:
    calls = before(*sorted(minutes, reverse=True))
    at = free_at(caps, calls, NOON, SHANGHAI)
    for cap, span in (
        (caps.per_hour, timedelta(hours=1)),
        (caps.per_24_hours, timedelta(hours=24)),
        (caps.per_week, timedelta(days=7)),
    ):
        assert cap is None or sum(at - call < span for call in calls) < cap
    today = at.astimezone(SHANGHAI).date()
    called = sum(call.astimezone(SHANGHAI).date() == today for call in calls)
    assert caps.per_day is None or called < caps.per_day
