"""Calls that are listened to again: the list of a week, scores, comments, and the case library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Final, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from campaigns.review_list import draw_week
from campaigns.review_plan import shipped_review_plan
from campaigns.reviewing import ScoreError, checked_marks, total, week_of
from console.web.audit import Action, Details, record
from console.web.names import label_language, names_for
from console.web.roles import Permission, Viewer
from console.web.searching import Id, day_begins
from console.web.security import may
from console.web.site import Site, site_of
from console.web.templating import render
from store.errors import StoreError
from store.review_queries import (
    case_of,
    case_tags,
    cases,
    comment_on,
    comments_on,
    list_review,
    review,
    reviews_of,
    reviews_of_call,
    save_case,
    score_review,
    weeks_listed,
)
from store.review_values import ReviewReason

router = APIRouter()

Reviews = Annotated[Viewer, Depends(may(Permission.REVIEW_CALLS))]

TEXT_LENGTH: Final = 2000
TITLE_LENGTH: Final = 120
A_WEEK: Final = timedelta(days=7)

T = TypeVar("T")


@router.get("/reviews")
def page(
    request: Request, viewer: Reviews, week: Annotated[str, Query(max_length=32)] = ""
) -> Response:
    """Show the list of a week; last week's unless told otherwise."""
    site = site_of(request)
    chosen = day_begins(week, _zone(site))
    monday = week_of(_today(site) - A_WEEK if chosen is None else chosen.date())
    with site.database.reading() as session:
        lines, weeks = reviews_of(session, monday), weeks_listed(session)
    return render(
        request,
        "reviews/page.html",
        week=monday,
        before=monday - A_WEEK,
        after=monday + A_WEEK,
        weeks=weeks,
        lines=lines,
        sheet=shipped_review_plan().sheet,
        total=total,
        **names_for(request),
    )


@router.post("/reviews/draw")
def draw(request: Request, viewer: Reviews, week: Annotated[str, Form(max_length=32)]) -> Response:
    """Draw the calls of a week by the rules."""
    site = site_of(request)
    chosen = day_begins(week, _zone(site))
    if chosen is None:
        raise HTTPException(422, "a week is named by one of its days: 2026-11-16")
    monday, now = week_of(chosen.date()), site.clock()
    rules = shipped_review_plan().rules
    with site.database.transaction() as session:
        came = draw_week(session, monday, _zone(site), rules, now)
        details: Details = {"week": monday.isoformat(), "calls": came}
        record(session, viewer, Action.CALL_REVIEWED, "week", "", details, now)
    return RedirectResponse(f"/reviews?week={monday}&done=week_drawn", 303)


@router.get("/reviews/{number}")
def sheet(request: Request, viewer: Reviews, number: Id) -> Response:
    """Show the scoring sheet of a call."""
    with site_of(request).database.reading() as session:
        line = _found(lambda: review(session, number))
        comments = comments_on(session, line.attempt_id)
    return render(
        request,
        "reviews/sheet.html",
        line=line,
        comments=comments,
        sheet=shipped_review_plan().sheet,
        short=label_language(request),
        **names_for(request),
    )


@router.post("/reviews/{number}")
async def score(request: Request, viewer: Reviews, number: Id) -> Response:
    """Write down what a call was worth."""
    site = site_of(request)
    plan = shipped_review_plan().sheet
    fields = await request.form()
    given = {each.id: str(fields.get(each.id, "")) for each in plan.criteria}
    try:
        marks = checked_marks(plan, {name: int(text) for name, text in given.items() if text})
    except (ScoreError, ValueError) as error:
        raise HTTPException(422, "every criterion needs its points") from error
    remark = str(fields.get("remark", "")).strip()[:TEXT_LENGTH]
    with site.database.transaction() as session:
        line = _found(lambda: review(session, number))
        score_review(session, number, plan.version, marks, remark, viewer.name, site.clock())
        record(
            session,
            viewer,
            Action.CALL_REVIEWED,
            "call",
            line.attempt_id,
            {"points": total(marks)},
            site.clock(),
        )
    return RedirectResponse(f"/reviews?week={line.week}&done=call_scored", 303)


@router.get("/calls/{attempt}/notes")
def notes(request: Request, viewer: Reviews, attempt: Id) -> Response:
    """Show what was written about a call: the part of its page for those who review."""
    with site_of(request).database.reading() as session:
        return render(
            request,
            "reviews/notes.html",
            attempt=attempt,
            comments=comments_on(session, attempt),
            case=case_of(session, attempt),
            lists=reviews_of_call(session, attempt),
            tags=case_tags(session),
            total=total,
        )


@router.post("/calls/{attempt}/comments")
def comment(
    request: Request,
    viewer: Reviews,
    attempt: Id,
    text: Annotated[str, Form(min_length=1, max_length=TEXT_LENGTH)],
    at_seconds: Annotated[float, Form(ge=0, le=86_400)] = 0.0,
) -> Response:
    """Write about one moment of a call."""
    site = site_of(request)
    with site.database.transaction() as session:
        now = site.clock()
        _found(lambda: comment_on(session, attempt, at_seconds, text.strip(), viewer.name, now))
        record(session, viewer, Action.COMMENT_ADDED, "call", attempt, None, now)
    return notes(request, viewer, attempt)


@router.post("/calls/{attempt}/list")
def put_on_list(request: Request, viewer: Reviews, attempt: Id) -> Response:
    """Put a call on this week's list."""
    site = site_of(request)
    with site.database.transaction() as session:
        now, monday = site.clock(), week_of(_today(site))
        _found(lambda: list_review(session, attempt, monday, ReviewReason.CHOSEN, "", now))
        record(session, viewer, Action.CALL_REVIEWED, "call", attempt, {"listed": True}, now)
    return notes(request, viewer, attempt)


@router.post("/calls/{attempt}/case")
def keep_case(
    request: Request,
    viewer: Reviews,
    attempt: Id,
    title: Annotated[str, Form(min_length=1, max_length=TITLE_LENGTH)],
    lesson: Annotated[str, Form(max_length=TEXT_LENGTH)] = "",
    tags: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Keep a call in the case library; tags are parted by spaces or commas."""
    site = site_of(request)
    named = tags.replace(",", " ").replace("，", " ").replace("、", " ").split()
    with site.database.transaction() as session:
        now = site.clock()
        _found(lambda: save_case(session, attempt, title.strip(), lesson, named, viewer.name, now))
        record(session, viewer, Action.CASE_SAVED, "call", attempt, None, now)
    return notes(request, viewer, attempt)


@router.get("/cases")
def library(request: Request, viewer: Reviews, tag: str = "", words: str = "") -> Response:
    """Show the case library."""
    with site_of(request).database.reading() as session:
        return render(
            request,
            "reviews/cases.html",
            cases=cases(session, tag, words.strip()[:TITLE_LENGTH]),
            tags=case_tags(session),
            tag=tag,
            words=words,
        )


def _found(ask: Callable[[], T]) -> T:
    """Return what the store has; a call or a list that there is not is no page either."""
    try:
        return ask()
    except StoreError as error:
        raise HTTPException(404, str(error)) from error


def _zone(site: Site) -> ZoneInfo:
    return ZoneInfo(site.settings.campaign.time_zone)


def _today(site: Site) -> date:
    return site.clock().astimezone(_zone(site)).date()
