"""Lists of calls to listen to, what was said about them, and the case library, in the store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from store.database import Database
from store.desk_models import CallFlag
from store.desk_types import DeskLine
from store.errors import StoreError
from store.models import Attempt, Campaign, Contact, OutcomeRecord, Recipient
from store.review_queries import (
    case_of,
    case_tags,
    cases,
    comment_on,
    comments_on,
    list_review,
    review,
    review_candidates,
    reviews_of,
    save_case,
    score_review,
    weeks_listed,
)
from store.review_values import ReviewReason
from store.types import AttemptStatus, Disposition, Outcome

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
WEEK = date(2026, 11, 16)


@pytest.fixture
def calls(database: Database) -> tuple[int, ...]:
    """Three settled calls of one campaign, a minute apart: the second flagged, the third asked."""
    with database.transaction() as session:
        campaign = Campaign(name="复核", flow="survey", company="顺达", created_at=NOW)
        session.add(campaign)
        session.flush()
        numbers = []
        for place in range(3):
            person = Recipient(name=f"收件人{place}", phone=f"+861380013810{place}")
            session.add(person)
            session.flush()
            contact = Contact(
                campaign_id=campaign.id,
                recipient_id=person.id,
                phone=person.phone,
                language="zh-CN",
                time_zone="Asia/Shanghai",
            )
            session.add(contact)
            session.flush()
            attempt = Attempt(
                contact_id=contact.id,
                number=1,
                phone=person.phone,
                status=AttemptStatus.SETTLED,
                claimed_at=NOW,
                settled_at=NOW + timedelta(minutes=place),
                answered=True,
                talk_seconds=30.0 + place,
            )
            session.add(attempt)
            session.flush()
            session.add(
                OutcomeRecord(
                    contact_id=contact.id,
                    attempt_id=attempt.id,
                    disposition=Disposition.COMPLETED,
                    outcome=Outcome.CONFIRMED,
                    at=NOW,
                    final=True,
                    needs_person="客户要求人工" if place == 2 else "",
                    answers={"satisfaction": "2", "reason": "慢"} if place == 0 else {},
                )
            )
            numbers.append(attempt.id)
        session.add(
            CallFlag(
                attempt_id=numbers[1],
                rule="legal",
                priority=3,
                line=DeskLine.SECOND,
                label={"zh": "法律", "en": "Legal"},
                words="律师",
            )
        )
    return tuple(numbers)


def test_a_week_is_told_with_what_rules_look_at(database: Database, calls: tuple[int, ...]) -> None:
    with database.reading() as session:
        found = review_candidates(session, NOW, NOW + timedelta(minutes=3))
        earlier = review_candidates(session, NOW - timedelta(days=7), NOW)
    assert [each.attempt_id for each in found] == list(calls)
    assert [dict(each.grades) for each in found] == [{"satisfaction": 2}, {}, {}]
    assert [each.flags for each in found] == [(), ("legal",), ()]
    assert [each.needs_person for each in found] == ["", "", "客户要求人工"]
    assert earlier == ()


def test_a_call_is_on_the_list_of_a_week_once(database: Database, calls: tuple[int, ...]) -> None:
    with database.transaction() as session:
        first = list_review(session, calls[0], WEEK, ReviewReason.LOW_SCORE, "satisfaction 2", NOW)
        again = list_review(session, calls[0], WEEK, ReviewReason.RANDOM, "", NOW)
        [line] = reviews_of(session, WEEK)
        weeks = weeks_listed(session)
    assert (first, again) == (True, False)
    assert (line.reason, line.campaign, line.done_at) == (ReviewReason.LOW_SCORE, "复核", None)
    assert weeks == (WEEK,)


def test_what_is_scored_moves_behind_what_is_open(
    database: Database, calls: tuple[int, ...]
) -> None:
    marks = {"greeting": 18, "adherence": 25}
    with database.transaction() as session:
        for attempt_id in calls:
            list_review(session, attempt_id, WEEK, ReviewReason.RANDOM, "", NOW)
        first = reviews_of(session, WEEK)[0]
        score_review(session, first.id, "1", marks, "开场太快", "li", NOW)
        after = reviews_of(session, WEEK)
        scored = review(session, first.id)
    assert [each.attempt_id for each in after] == [calls[1], calls[2], calls[0]]
    assert (scored.sheet, dict(scored.marks)) == ("1", marks)
    assert (scored.remark, scored.done_by) == ("开场太快", "li")
    assert scored.done_at == NOW


def test_comments_follow_each_other_as_in_the_call(
    database: Database, calls: tuple[int, ...]
) -> None:
    with database.transaction() as session:
        comment_on(session, calls[0], 12.5, "这里抢话了", "li", NOW)
        comment_on(session, calls[0], 3.0, "开场清楚", "wang", NOW + timedelta(minutes=1))
        found = comments_on(session, calls[0])
        others = comments_on(session, calls[1])
    assert [(each.at_seconds, each.text) for each in found] == [
        (3.0, "开场清楚"),
        (12.5, "这里抢话了"),
    ]
    assert others == ()


def test_a_case_is_found_by_its_tags_and_words(database: Database, calls: tuple[int, ...]) -> None:
    with database.transaction() as session:
        save_case(
            session,
            calls[0],
            "安抚得好",
            "先道歉再解释 100%",
            ("投诉", " 安抚 ", "投诉"),
            "li",
            NOW,
        )
        save_case(session, calls[1], "听错地址", "要复述", ("地址",), "li", NOW)
        by_tag = cases(session, tag="安抚")
        by_words = cases(session, words="0%")
        tags = case_tags(session)
        kept = case_of(session, calls[0])
    assert [each.title for each in by_tag] == ["安抚得好"]
    assert [each.title for each in by_words] == ["安抚得好"]
    assert sorted(tags) == ["地址", "安抚", "投诉"]
    assert kept is not None
    assert kept.tags == ("安抚", "投诉")


def test_a_case_that_is_saved_again_is_rewritten(
    database: Database, calls: tuple[int, ...]
) -> None:
    with database.transaction() as session:
        first = save_case(session, calls[0], "安抚得好", "", ("投诉",), "li", NOW)
        again = save_case(session, calls[0], "安抚", "先道歉", ("服务",), "wang", NOW)
        [kept] = cases(session)
    assert first == again
    assert (kept.title, kept.lesson, kept.tags, kept.saved_by) == (
        "安抚",
        "先道歉",
        ("服务",),
        "li",
    )


@pytest.mark.parametrize("what", ["list", "comment", "case"])
def test_nothing_is_written_about_a_call_there_never_was(
    database: Database, calls: tuple[int, ...], what: str
) -> None:
    deeds = {
        "list": lambda s: list_review(s, 999, WEEK, ReviewReason.CHOSEN, "", NOW),
        "comment": lambda s: comment_on(s, 999, 1.0, "?", "li", NOW),
        "case": lambda s: save_case(s, 999, "?", "", (), "li", NOW),
    }
    with pytest.raises(StoreError, match="no call 999"), database.transaction() as session:
        deeds[what](session)
