"""Callbacks: whom a person was promised to call, until when, and who does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from campaigns.tickets import called_back
from campaigns.tickets_rules import ticket_rules_of
from console.web.audit import Action, record
from console.web.masking import Page, sight
from console.web.roles import Permission, Viewer
from console.web.searching import Id
from console.web.security import may
from console.web.site import site_of
from console.web.templating import render
from store.call_records import call_record
from store.callbacks import (
    CallbackError,
    CallbackLine,
    callback_due,
    callbacks_due,
    callbacks_owed,
    finish_callback,
    release_callback,
    take_callback,
)

router = APIRouter()

CallsBack = Annotated[Viewer, Depends(may(Permission.WORK_ON_TICKETS))]


@router.get("/callbacks")
def list_callbacks(request: Request, viewer: CallsBack) -> Response:
    """List who is owed a callback, the most urgent first; whom one calls oneself by full name."""
    return _page(request, viewer)


@router.post("/callbacks/{attempt}/take")
def take(request: Request, viewer: CallsBack, attempt: Id) -> Response:
    """Call back oneself: shows whom, which is written down."""

    def taken(session: Session, now: datetime) -> None:
        take_callback(session, attempt, viewer.user_id, now)
        record(session, viewer, Action.CALLBACK_TAKEN, "call", attempt, now=now)

    return _after(request, viewer, taken)


@router.post("/callbacks/{attempt}/release")
def release(request: Request, viewer: CallsBack, attempt: Id) -> Response:
    """Leave it to others, or to a later try; a supervisor does so for whoever has gone home."""
    whose = None if viewer.can(Permission.SUPERVISE) else viewer.user_id

    def released(session: Session, now: datetime) -> None:
        release_callback(session, attempt, whose)
        record(session, viewer, Action.CALLBACK_RELEASED, "call", attempt, now=now)

    return _after(request, viewer, released)


@router.post("/callbacks/{attempt}/done")
def done(request: Request, viewer: CallsBack, attempt: Id) -> Response:
    """Note that the customer was called back, in the tickets that waited for it as well."""
    rules = ticket_rules_of(site_of(request).settings)

    def finished(session: Session, now: datetime) -> None:
        line = callback_due(session, attempt)
        finish_callback(session, attempt, viewer.user_id, now)
        for number in line.tickets if line is not None else ():
            called_back(session, rules, number, viewer.name, now)
        record(session, viewer, Action.CALLBACK_MADE, "call", attempt, now=now)

    return _after(request, viewer, finished)


def _after(request: Request, viewer: Viewer, step: Callable[[Session, datetime], None]) -> Response:
    site = site_of(request)
    try:
        with site.database.transaction() as session:
            step(session, site.clock())
    except CallbackError:
        return _page(request, viewer, "callbacks.gone", 409)
    return RedirectResponse("/callbacks", 303)


def _page(request: Request, viewer: Viewer, problem: str = "", status: int = 200) -> Response:
    site = site_of(request)
    now = site.clock()
    with site.database.reading() as session:
        lines = callbacks_due(session)
        rows = tuple(_shown(session, viewer, line, now) for line in lines)
        owed, late = callbacks_owed(session), callbacks_owed(session, before=now)
    return render(
        request, "callbacks.html", status, rows=rows, owed=owed, late=late, now=now, problem=problem
    )


def _shown(session: Session, viewer: Viewer, line: CallbackLine, now: datetime) -> dict[str, Any]:
    """Return a row; who calls back sees whom, and what was said."""
    mine = line.taken_by == viewer.user_id
    eyes = sight(viewer.role, Page.CALL if mine else Page.LIST, own_call=mine)
    return {
        "id": line.attempt_id,
        "due_at": line.due_at,
        "late": line.due_at < now,
        "recipient": eyes.name(line.recipient),
        "phone": eyes.phone(line.phone),
        "reason": eyes.words(line.reason, (line.recipient, line.phone)),
        "campaign": line.campaign,
        "language": line.language,
        "said_at": line.said_at,
        "taken": line.taken_by_name,
        "mine": mine,
        "tickets": line.tickets,
        "turns": call_record(session, line.attempt_id).turns if mine else (),
    }
