"""The law of time: hours, rest, holidays, caps, gap and the latest useful time together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.when.laws import in_time
from store.candidates import Never, Parcel, Wait
from store.types import Disposition, Outcome

SHANGHAI = ZoneInfo("Asia/Shanghai")
EXPIRED = Never(Disposition.EXPIRED, Outcome.EXPIRED)


def shanghai(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def parcel(start: datetime | None, end: datetime | None) -> Parcel:
    return Parcel("SD1", "", start, end, frozenset())


def test_nothing_speaks_against_a_call_in_the_middle_of_the_day(rules, somebody) -> None:
    assert in_time(rules())(somebody(), shanghai(23, 12)) is None


def test_before_the_window_somebody_waits_until_it_opens(rules, somebody) -> None:
    assert in_time(rules())(somebody(), shanghai(23, 6)) == Wait(shanghai(23, 9), "window")
    assert in_time(rules())(somebody(), shanghai(23, 21)) == Wait(shanghai(24, 9), "window")


def test_the_clock_is_that_of_the_recipient(rules, somebody) -> None:
    new_yorker = somebody(phone="+12125550123", time_zone="America/New_York")
    held = in_time(rules())(new_yorker, shanghai(23, 12))
    assert held == Wait(datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("America/New_York")), "window")


def test_at_midday_people_rest_where_the_campaign_lets_them(rules, somebody) -> None:
    law = in_time(rules(when={"rest": "12:00-14:00"}))
    assert law(somebody(), shanghai(23, 12, 30)) == Wait(shanghai(23, 14), "rest")
    assert law(somebody(), shanghai(23, 14)) is None


def test_a_gap_between_two_stretches_is_a_rest_too(rules, somebody) -> None:
    law = in_time(rules(when={"workday": "9:00-12:00, 14:00-20:00"}))
    assert law(somebody(), shanghai(23, 13)) == Wait(shanghai(23, 14), "rest")


def test_a_festival_week_is_waited_out(rules, somebody) -> None:
    law = in_time(rules(when={"holiday": "closed"}))
    # 2026: off from the 15th to the 23rd of February.
    held = law(somebody(), shanghai(16, 10, month=2))
    assert held == Wait(shanghai(24, 9, month=2), "holiday")


def test_a_make_up_workday_has_the_hours_of_a_workday(rules, somebody) -> None:
    law = in_time(rules(when={"weekend": "10:00-18:00"}))
    saturday, made_up = shanghai(17, 9, month=10), shanghai(10, 9, month=10)
    assert law(somebody(), saturday) == Wait(shanghai(17, 10, month=10), "window")
    assert law(somebody(), made_up) is None


def test_a_weekday_may_have_hours_of_its_own(rules, somebody) -> None:
    law = in_time(rules(when={"monday": "13:00-17:00"}))
    assert law(somebody(), shanghai(23, 10)) == Wait(shanghai(23, 13), "window")


def test_a_campaign_can_not_call_when_the_law_does_not_let_it(rules, somebody) -> None:
    law = in_time(rules(when={"workday": "00:00-24:00"}))
    assert law(somebody(), shanghai(23, 22)) == Wait(shanghai(24, 8), "window")


def test_the_law_is_that_of_the_number_and_of_the_zone(rules, somebody) -> None:
    law = in_time(rules(when={"workday": "00:00-24:00"}))
    berlin = ZoneInfo("Europe/Berlin")
    abroad = somebody(phone="+8613800138000", time_zone="Europe/Berlin")
    sunday = datetime(2026, 11, 22, 12, tzinfo=berlin)
    assert law(abroad, sunday) == Wait(datetime(2026, 11, 23, 8, tzinfo=berlin), "window")


def test_the_operator_may_call_by_the_campaigns_hours_alone(rules, somebody) -> None:
    law = in_time(rules(when={"workday": "00:00-24:00"}, calling={"jurisdiction": "none"}))
    assert law(somebody(), shanghai(23, 3)) is None


def test_a_number_that_was_called_often_waits(rules, somebody) -> None:
    now = shanghai(23, 12)
    often = tuple(now - timedelta(minutes=each) for each in (55, 40, 20))
    held = in_time(rules())(somebody(dialled_at=often), now)
    assert held == Wait(shanghai(23, 12, 5), "cap")


def test_a_cap_that_ends_at_night_is_waited_out_until_the_window_opens(rules, somebody) -> None:
    now = shanghai(23, 20)
    calls = tuple(now - timedelta(hours=each) for each in (10, 9, 8, 7, 6, 5))
    held = in_time(rules())(somebody(dialled_at=calls), now)
    assert held == Wait(shanghai(24, 9), "cap")


def test_two_campaigns_do_not_call_right_after_each_other(rules, somebody) -> None:
    now = shanghai(23, 12)
    just_called = (now - timedelta(minutes=1),)
    held = in_time(rules())(somebody(dialled_at=just_called), now)
    assert held == Wait(now + timedelta(minutes=4), "gap")


def test_a_campaign_may_wait_longer_and_call_less(rules, somebody) -> None:
    now = shanghai(23, 12)
    called = (now - timedelta(minutes=30),)
    law = in_time(rules(when={"calls_per_day": 1, "minimum_gap_minutes": 60}))
    assert law(somebody(dialled_at=called), now) == Wait(shanghai(24, 9), "cap")
    wide = in_time(rules(when={"calls_per_hour": 99}))
    often = tuple(now - timedelta(minutes=each) for each in (55, 40, 20))
    assert isinstance(wide(somebody(dialled_at=often), now), Wait)


def test_a_moment_that_was_named_is_kept_though_the_gap_is_short(rules, somebody) -> None:
    eight = shanghai(23, 20)
    asked = somebody(asked_for=True, next_call_at=eight, dialled_at=(eight - timedelta(minutes=2),))
    assert in_time(rules())(asked, eight) is None


def test_a_moment_that_was_named_is_kept_at_midday(rules, somebody) -> None:
    law = in_time(rules(when={"rest": "12:00-14:00"}))
    assert law(somebody(asked_for=True), shanghai(23, 12, 30)) is None


def test_a_moment_that_was_named_gives_way_to_window_and_caps(rules, somebody) -> None:
    law = in_time(rules())
    assert law(somebody(asked_for=True), shanghai(23, 22)) == Wait(shanghai(24, 9), "window")
    now = shanghai(23, 12)
    often = tuple(now - timedelta(minutes=each) for each in (55, 40, 20))
    assert law(somebody(asked_for=True, dialled_at=often), now) == Wait(shanghai(23, 12, 5), "cap")


def test_who_can_not_be_called_in_time_is_closed_at_once(rules, somebody) -> None:
    law = in_time(rules())
    evening = shanghai(23, 21)
    assert law(somebody(useful_until=shanghai(24, 9)), evening) == EXPIRED
    assert law(somebody(useful_until=shanghai(24, 11)), evening) == Wait(shanghai(24, 9), "window")
    assert law(somebody(useful_until=shanghai(23, 12)), shanghai(23, 12)) == EXPIRED


def test_a_call_is_of_use_until_the_window_ends_unless_a_lead_is_set(rules, somebody) -> None:
    same_day = somebody(
        useful_until=shanghai(23, 16), parcels=(parcel(shanghai(23, 14), shanghai(23, 16)),)
    )
    in_the_window = shanghai(23, 15)
    assert in_time(rules())(same_day, in_the_window) is None
    assert in_time(rules(when={"lead_minutes": 30}))(same_day, in_the_window) == EXPIRED


def test_with_a_lead_a_call_comes_before_the_courier_leaves(rules, somebody) -> None:
    law = in_time(rules(when={"lead_minutes": 30}))
    delivery = somebody(
        useful_until=shanghai(23, 16), parcels=(parcel(shanghai(23, 14), shanghai(23, 16)),)
    )
    assert law(delivery, shanghai(23, 13, 29)) is None
    assert law(delivery, shanghai(23, 13, 30)) == EXPIRED


def test_of_several_parcels_the_one_that_leaves_last_sets_the_lead(rules, somebody) -> None:
    law = in_time(rules(when={"lead_minutes": 60}))
    two = somebody(
        useful_until=shanghai(23, 20),
        parcels=(
            parcel(shanghai(23, 10), shanghai(23, 12)),
            parcel(shanghai(23, 18), shanghai(23, 20)),
        ),
    )
    assert law(two, shanghai(23, 16, 59)) is None
    assert law(two, shanghai(23, 17)) == EXPIRED


def test_a_parcel_without_a_window_has_no_lead(rules, somebody) -> None:
    law = in_time(rules(when={"lead_minutes": 60}))
    assert law(somebody(parcels=(parcel(None, None),)), shanghai(23, 19)) is None


def test_a_moment_that_was_named_needs_no_lead(rules, somebody) -> None:
    law = in_time(rules(when={"lead_minutes": 60}))
    asked = somebody(
        asked_for=True,
        useful_until=shanghai(23, 20),
        parcels=(parcel(shanghai(23, 18), shanghai(23, 20)),),
    )
    assert law(asked, shanghai(23, 17, 30)) is None


def test_a_package_notice_without_consent_is_given_once(rules, somebody) -> None:
    law = in_time(rules(calling={"stricter": ("us-package",)}))
    noon = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("America/New_York"))
    american = somebody(phone="+12125550123", time_zone="America/New_York")
    assert law(american, noon) is None
    called = somebody(phone="+12125550123", time_zone="America/New_York", attempts=1)
    assert law(called, noon) == EXPIRED
    assert law(somebody(attempts=1), shanghai(23, 12)) is None


@pytest.mark.parametrize(
    ("phone", "hour", "is_open"),
    [("+13055550123", 20, False), ("+13055550123", 19, True), ("+12125550123", 20, True)],
)
def test_a_stricter_state_has_hours_of_its_own(
    rules, somebody, phone: str, hour: int, is_open: bool
) -> None:
    law = in_time(rules(calling={"stricter": ("us-fl",)}, when={"workday": "00:00-24:00"}))
    evening = datetime(2026, 11, 23, hour, tzinfo=ZoneInfo("America/New_York"))
    american = somebody(phone=phone, time_zone="America/New_York")
    assert (law(american, evening) is None) is is_open


@settings(max_examples=80, deadline=None, suppress_health_check=[
    HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    st.sampled_from(["Asia/Shanghai", "Europe/London", "Europe/Paris", "America/New_York"]),
    st.sampled_from(["+8613800138000", "+447911123456", "+33612345678", "+12125550123"]),
    st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 20)),  # noqa: DTZ001 - bounds
    st.lists(st.integers(1, 10079), max_size=10),
    st.booleans(),
)
def test_whoever_waits_may_be_called_at_that_moment_and_not_before(
    rules, somebody, zone: str, phone: str, at: datetime, minutes: list[int], asked_for: bool
) -> None:
    law = in_time(rules(when={"rest": "12:00-14:00", "holiday": "closed"}))
    now = at.replace(tzinfo=UTC)
    calls = tuple(now - timedelta(minutes=each) for each in sorted(minutes, reverse=True))
    candidate = somebody(time_zone=zone, phone=phone, dialled_at=calls, asked_for=asked_for)
    verdict = law(candidate, now)
    if verdict is None:
        return
    assert isinstance(verdict, Wait)
    assert verdict.until > now
    # The facts are gathered anew then: calls of the last week.
    week = timedelta(days=7)
    later = tuple(each for each in calls if verdict.until - week < each)
    then = somebody(time_zone=zone, phone=phone, dialled_at=later, asked_for=asked_for)
    assert law(then, verdict.until) is None
    just_before = verdict.until - timedelta(seconds=1)
    assert just_before < now or law(candidate, just_before) is not None
