"""Which calls of a week are listened to again, and what a score is worth."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from campaigns.review_plan import review_plan, shipped_review_plan
from campaigns.reviewing import SampleRules, ScoreError, checked_marks, sample, span_of, week_of
from store.review_values import ReviewCandidate, ReviewReason
from store.types import Disposition

MONDAY = date(2026, 11, 16)
RULES = SampleRules(
    flagged_at_most=2,
    low_at_most=2,
    low_satisfaction=2,
    low_recommendation=6,
    long_at_most=1,
    long_seconds=120,
    random_at_most=5,
    random_share=0.1,
)


def call(number: int, seconds: float = 20, asked: str = "", **grades: int) -> ReviewCandidate:
    return ReviewCandidate(number, seconds, asked, Disposition.COMPLETED, grades=grades)


def test_a_flagged_call_is_listed_with_its_reason() -> None:
    [listed] = sample([call(1, asked="客户要求人工"), call(2)], RULES, MONDAY)
    assert (listed.attempt_id, listed.reason) == (1, ReviewReason.FLAGGED)
    assert listed.detail == "客户要求人工"


def test_a_call_is_flagged_too_when_a_rule_noticed_something_and_nobody_had_to_look() -> None:
    noticed = ReviewCandidate(1, 20, "", Disposition.COMPLETED, ("legal", "angry"))
    [listed] = sample([noticed], RULES, MONDAY)
    assert (listed.reason, listed.detail) == (ReviewReason.FLAGGED, "legal, angry")


def test_a_call_is_listed_once_for_the_first_rule_it_fits() -> None:
    listed = sample([call(1, 500, "不满", satisfaction=1)], RULES, MONDAY)
    assert [each.reason for each in listed] == [ReviewReason.FLAGGED]


def test_what_a_rule_has_no_room_for_is_looked_at_by_the_next() -> None:
    flagged = [call(number, 300, "客户要求人工") for number in (1, 2, 3)]
    listed = sample(flagged, RULES, MONDAY)
    assert [(each.attempt_id, each.reason) for each in listed] == [
        (1, ReviewReason.FLAGGED),
        (2, ReviewReason.FLAGGED),
        (3, ReviewReason.LONG),
    ]


@pytest.mark.parametrize(
    ("grades", "is_low"),
    [
        ({"satisfaction": 2}, True),
        ({"satisfaction": 3}, False),
        ({"recommend": 6}, True),
        ({"recommend": 7}, False),
        ({"satisfaction": 5, "recommend": 0}, True),
        ({}, False),
    ],
)
def test_a_low_grade_of_the_survey_is_listed(grades: dict[str, int], is_low: bool) -> None:
    listed = sample([call(1, **grades)], RULES, MONDAY)
    assert [each.reason for each in listed] == [ReviewReason.LOW_SCORE] * is_low


def test_of_the_long_calls_the_longest_is_listed() -> None:
    [listed] = sample([call(1, 130), call(2, 200), call(3, 119)], RULES, MONDAY)
    assert (listed.attempt_id, listed.detail) == (2, "200 s")


def test_a_second_draw_of_the_same_week_takes_the_same_calls_and_another_week_others() -> None:
    calls = [call(number) for number in range(40)]
    first, again = sample(calls, RULES, MONDAY), sample(reversed(calls), RULES, MONDAY)
    assert first == again
    assert len(first) == 4
    assert {each.reason for each in first} == {ReviewReason.RANDOM}
    assert first != sample(calls, RULES, date(2026, 11, 23))


def test_no_more_random_calls_are_drawn_than_somebody_can_listen_to() -> None:
    assert len(sample([call(number) for number in range(400)], RULES, MONDAY)) == 5


def test_a_week_begins_on_monday_at_midnight_where_the_company_is() -> None:
    assert week_of(date(2026, 11, 22)) == MONDAY
    since, before = span_of(MONDAY, ZoneInfo("Asia/Shanghai"))
    assert since.astimezone(UTC) == datetime(2026, 11, 15, 16, tzinfo=UTC)
    assert before.astimezone(UTC) == datetime(2026, 11, 22, 16, tzinfo=UTC)


def test_the_sheet_that_ships_is_worth_a_hundred_points_in_four_criteria() -> None:
    sheet = shipped_review_plan().sheet
    assert [each.id for each in sheet.criteria] == [
        "greeting",
        "adherence",
        "attitude",
        "resolution",
    ]
    assert sheet.of == 100


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"greeting": 21}, "greeting is worth 0 to 20 points, not 21"),
        ({"attitude": -1}, "attitude is worth 0 to 20 points, not -1"),
        ({"charm": 5}, "no criterion 'charm'"),
        ({"resolution": None}, "No points were given for resolution"),
    ],
)
def test_marks_the_sheet_has_no_room_for_are_refused(
    changed: dict[str, int | None], complaint: str
) -> None:
    full = {"greeting": 20, "adherence": 30, "attitude": 20, "resolution": 30} | changed
    marks = {name: points for name, points in full.items() if points is not None}
    with pytest.raises(ScoreError, match=complaint):
        checked_marks(shipped_review_plan().sheet, marks)


def test_a_plan_with_a_rule_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="sample"):
        review_plan("sample: {loud: {at_most: 3}}\nsheet: {version: '1', criteria: {}}")
