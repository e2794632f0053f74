"""Reviews, comments and cases: each asked or written in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from store.desk_models import CallFlag
from store.errors import StoreError
from store.models import Attempt, Campaign, Contact, OutcomeRecord
from store.review_models import TAG_LENGTH, CallCase, CallComment, CaseTag, Review
from store.review_values import Case, Comment, ReviewCandidate, ReviewLine, ReviewReason

LISTED_AT_MOST = 200
"""Nobody listens to more calls of a week."""


def review_candidates(
    session: Session, since: datetime, before: datetime
) -> tuple[ReviewCandidate, ...]:
    """Return the calls that were held in a time, oldest first."""
    query = (
        sa.select(
            Attempt.id,
            Attempt.talk_seconds,
            OutcomeRecord.needs_person,
            OutcomeRecord.disposition,
            OutcomeRecord.answers,
        )
        .join(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
        .where(Attempt.settled_at >= since, Attempt.settled_at < before, Attempt.answered)
        .order_by(Attempt.id)
    )
    flags = _flags(session, since, before)
    return tuple(
        ReviewCandidate(
            attempt_id,
            talked,
            asked,
            disposition,
            flags.get(attempt_id, ()),
            _grades(answers),
        )
        for attempt_id, talked, asked, disposition, answers in session.execute(query)
    )


def list_review(
    session: Session,
    attempt_id: int,
    week: date,
    reason: ReviewReason,
    detail: str,
    now: datetime,
) -> bool:
    """Put a call on the list of a week; False when it is on it already."""
    known = sa.select(Review.id).where(Review.attempt_id == attempt_id, Review.week == week)
    if session.scalar(known) is not None:
        return False
    if session.get(Attempt, attempt_id) is None:
        raise StoreError(f"There is no call {attempt_id}")
    session.add(
        Review(attempt_id=attempt_id, week=week, reason=reason, detail=detail, listed_at=now)
    )
    session.flush()
    return True


def reviews_of(session: Session, week: date) -> tuple[ReviewLine, ...]:
    """Return the list of a week: what is open first, then by call."""
    query = _lines().where(Review.week == week).order_by(Review.done_at.is_not(None), Review.id)
    return tuple(_line(*row) for row in session.execute(query.limit(LISTED_AT_MOST)))


def review(session: Session, review_id: int) -> ReviewLine:
    """Return one call of a list. Raises StoreError when there is none."""
    row = session.execute(_lines().where(Review.id == review_id)).first()
    if row is None:
        raise StoreError(f"There is no review {review_id}")
    return _line(*row)


def reviews_of_call(session: Session, attempt_id: int) -> tuple[ReviewLine, ...]:
    """Return the lists a call is on, newest first."""
    query = _lines().where(Review.attempt_id == attempt_id).order_by(Review.week.desc())
    return tuple(_line(*row) for row in session.execute(query))


def score_review(
    session: Session,
    review_id: int,
    sheet: str,
    marks: Mapping[str, int],
    remark: str,
    by: str,
    now: datetime,
) -> None:
    """Write down what a call was worth; a second scoring replaces the first."""
    row = session.get(Review, review_id)
    if row is None:
        raise StoreError(f"There is no review {review_id}")
    row.sheet, row.marks, row.remark = sheet, dict(marks), remark
    row.done_by, row.done_at = by, now
    session.flush()


def weeks_listed(session: Session) -> tuple[date, ...]:
    """Return the weeks that have a list, newest first."""
    return tuple(session.scalars(sa.select(Review.week).distinct().order_by(Review.week.desc())))


def comment_on(
    session: Session, attempt_id: int, at_seconds: float, text: str, by: str, now: datetime
) -> int:
    """Write a comment about one moment of a call; return its number."""
    if session.get(Attempt, attempt_id) is None:
        raise StoreError(f"There is no call {attempt_id}")
    row = CallComment(
        attempt_id=attempt_id, at_seconds=at_seconds, text=text, written_by=by, written_at=now
    )
    session.add(row)
    session.flush()
    return row.id


def comments_on(session: Session, attempt_id: int) -> tuple[Comment, ...]:
    """Return the comments about a call, as they follow each other in it."""
    query = (
        sa.select(CallComment)
        .where(CallComment.attempt_id == attempt_id)
        .order_by(CallComment.at_seconds, CallComment.id)
    )
    return tuple(
        Comment(row.id, row.at_seconds, row.text, row.written_by, row.written_at)
        for row in session.scalars(query)
    )


def save_case(
    session: Session,
    attempt_id: int,
    title: str,
    lesson: str,
    tags: Iterable[str],
    by: str,
    now: datetime,
) -> int:
    """Keep a call as a case, or rewrite what is kept of it; return the case's number."""
    if session.get(Attempt, attempt_id) is None:
        raise StoreError(f"There is no call {attempt_id}")
    row = session.scalar(sa.select(CallCase).where(CallCase.attempt_id == attempt_id))
    if row is None:
        row = CallCase(attempt_id=attempt_id, title=title, saved_by=by, saved_at=now)
        session.add(row)
    row.title, row.lesson = title, lesson
    session.flush()
    session.execute(sa.delete(CaseTag).where(CaseTag.case_id == row.id))
    for tag in dict.fromkeys(tag.strip()[:TAG_LENGTH] for tag in tags if tag.strip()):
        session.add(CaseTag(case_id=row.id, tag=tag))
    session.flush()
    return row.id


def cases(session: Session, tag: str = "", words: str = "", limit: int = 100) -> tuple[Case, ...]:
    """Return cases, newest first: those with a tag, those whose title or lesson has the words."""
    query = sa.select(CallCase).order_by(CallCase.saved_at.desc(), CallCase.id.desc())
    if tag:
        query = query.join(CaseTag, CaseTag.case_id == CallCase.id).where(CaseTag.tag == tag)
    if words:
        query = query.where(
            CallCase.title.contains(words, autoescape=True)
            | CallCase.lesson.contains(words, autoescape=True)
        )
    rows = session.scalars(query.limit(limit)).all()
    tags = _tags(session, [row.id for row in rows])
    return tuple(_case(row, tags.get(row.id, ())) for row in rows)


def case_of(session: Session, attempt_id: int) -> Case | None:
    """Return what is kept of a call, if it is a case."""
    row = session.scalar(sa.select(CallCase).where(CallCase.attempt_id == attempt_id))
    return None if row is None else _case(row, _tags(session, [row.id]).get(row.id, ()))


def case_tags(session: Session) -> tuple[str, ...]:
    """Return every tag in use, the most used first."""
    count = sa.func.count()
    query = sa.select(CaseTag.tag).group_by(CaseTag.tag).order_by(count.desc(), CaseTag.tag)
    return tuple(session.scalars(query))


def _lines() -> sa.Select[Review, Attempt, OutcomeRecord, str]:
    return (
        sa.select(Review, Attempt, OutcomeRecord, Campaign.name)
        .join(Attempt, Attempt.id == Review.attempt_id)
        .join(OutcomeRecord, OutcomeRecord.attempt_id == Attempt.id)
        .join(Contact, Contact.id == Attempt.contact_id)
        .join(Campaign, Campaign.id == Contact.campaign_id)
    )


def _line(row: Review, attempt: Attempt, outcome: OutcomeRecord, campaign: str) -> ReviewLine:
    return ReviewLine(
        id=row.id,
        attempt_id=row.attempt_id,
        week=row.week,
        reason=row.reason,
        detail=row.detail,
        talk_seconds=attempt.talk_seconds,
        disposition=outcome.disposition,
        outcome=outcome.outcome,
        campaign=campaign,
        sheet=row.sheet,
        marks=dict(row.marks),
        remark=row.remark,
        done_by=row.done_by,
        done_at=row.done_at,
    )


def _flags(session: Session, since: datetime, before: datetime) -> dict[int, tuple[str, ...]]:
    query = (
        sa.select(CallFlag.attempt_id, CallFlag.rule)
        .join(Attempt, Attempt.id == CallFlag.attempt_id)
        .where(Attempt.settled_at >= since, Attempt.settled_at < before)
        .order_by(CallFlag.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for attempt_id, rule in session.execute(query):
        found[attempt_id] = (*found.get(attempt_id, ()), rule)
    return found


def _grades(answers: Mapping[str, str]) -> dict[str, int]:
    return {name: int(value) for name, value in answers.items() if value.isdecimal()}


def _tags(session: Session, case_ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    query = sa.select(CaseTag).where(CaseTag.case_id.in_(case_ids)).order_by(CaseTag.tag)
    for row in session.scalars(query):
        found[row.case_id] = (*found.get(row.case_id, ()), row.tag)
    return found


def _case(row: CallCase, tags: tuple[str, ...]) -> Case:
    return Case(row.id, row.attempt_id, row.title, row.lesson, tags, row.saved_by, row.saved_at)
