"""The list of a week: drawn once, in one transaction; what is on it stays."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from campaigns.reviewing import SampleRules, sample, span_of
from store.review_queries import list_review, review_candidates


def draw_week(
    session: Session, week: date, zone: ZoneInfo, rules: SampleRules, now: datetime
) -> int:
    """Put the calls of a week on its list and return how many came to it.

    A second draw adds what was settled meanwhile and takes nothing away.
    """
    since, before = span_of(week, zone)
    listed = sample(review_candidates(session, since, before), rules, week)
    return sum(
        list_review(session, each.attempt_id, week, each.reason, each.detail, now)
        for each in listed
    )
