"""What goes out beside calls: what waits, what did not go out, and trying it again."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.web.audit import Action, record
from console.web.masking import Page, sight
from console.web.roles import Permission, Viewer
from console.web.searching import Id, existing
from console.web.security import may
from console.web.site import site_of
from console.web.templating import render
from store.message_queries import (
    MessageFilter,
    message_counts,
    message_line,
    message_lines,
    targets_pending,
)
from store.message_types import MessageKind, MessageStatus
from store.messages import cancel, replay

router = APIRouter()

Runs = Annotated[Viewer, Depends(may(Permission.RUN_CAMPAIGNS))]
SHOWN: Final = 100
AT_ONCE: Final = 10_000
"""So many dead letters of a target are tried again at a time."""
MAY_BE_CANCELLED: Final = frozenset({MessageStatus.PENDING, MessageStatus.DEAD})


@router.get("/messages")
def list_messages(
    request: Request,
    viewer: Runs,
    status: Annotated[str, Query(max_length=32)] = MessageStatus.DEAD.value,
    kind: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """List the newest messages, numbers masked; those that did not go out unless told otherwise."""
    statuses = [MessageStatus(status)] if status in set(MessageStatus) else []
    kinds = [MessageKind(kind)] if kind in set(MessageKind) else []
    with site_of(request).database.reading() as session:
        found = message_lines(session, MessageFilter(statuses, kinds, limit=SHOWN))
        counts = message_counts(session)
        waiting = targets_pending(session)
    eyes = sight(viewer.role, Page.LIST)
    targets = [each.message.target for each in found if each.status is MessageStatus.DEAD]
    return render(
        request,
        "messages.html",
        lines=[
            (each, eyes.phone(each.message.phone), eyes.words(each.last_error)) for each in found
        ],
        counts=counts,
        waiting=waiting,
        statuses=tuple(MessageStatus),
        kinds=tuple(MessageKind),
        chosen="" if not statuses else status,
        kind="" if not kinds else kind,
        targets=sorted(set(targets)),
        dead=MessageStatus.DEAD,
        may_be_cancelled=MAY_BE_CANCELLED,
        shown=SHOWN,
    )


@router.post("/messages/replay")
def replay_target(
    request: Request, viewer: Runs, target: Annotated[str, Form(max_length=64)]
) -> Response:
    """Try all dead letters to one target again."""
    site = site_of(request)
    wanted = MessageFilter([MessageStatus.DEAD], target=target, limit=AT_ONCE)
    with site.database.transaction() as session:
        ids = [each.id for each in message_lines(session, wanted)]
        again = replay(session, ids, site.clock())
        if again:
            details = {"messages": again}
            record(session, viewer, Action.MESSAGE_REPLAYED, "message", "", details, site.clock())
    return RedirectResponse(f"/messages?done={'replayed' if again else 'not_replayed'}", 303)


@router.get("/messages/{message_id}")
def show_message(request: Request, viewer: Runs, message_id: Id) -> Response:
    """Show one message and what became of it; that somebody looked is written down."""
    site = site_of(request)
    with site.database.reading() as session:
        line = existing(partial(message_line, session, message_id))
    eyes = sight(viewer.role, Page.CALL)
    if eyes.full:
        with site.database.transaction() as session:
            record(session, viewer, Action.MESSAGE_SEEN, "message", message_id, now=site.clock())
    message = line.message
    return render(
        request,
        "messages/one.html",
        line=line,
        phone=eyes.phone(message.phone),
        error=eyes.words(line.last_error),
        subject=eyes.words(message.subject),
        text=eyes.words(message.body),
        objection=eyes.words(line.conflict),
        dead=MessageStatus.DEAD,
        may_be_cancelled=MAY_BE_CANCELLED,
    )


@router.post("/messages/{message_id}/replay")
def replay_message(request: Request, viewer: Runs, message_id: Id) -> Response:
    """Try one dead letter again, under the same key."""
    site = site_of(request)
    with site.database.transaction() as session:
        again = replay(session, [message_id], site.clock())
        if again:
            record(
                session, viewer, Action.MESSAGE_REPLAYED, "message", message_id, now=site.clock()
            )
    return RedirectResponse(f"/messages?done={'replayed' if again else 'not_replayed'}", 303)


@router.post("/messages/{message_id}/cancel")
def cancel_message(request: Request, viewer: Runs, message_id: Id) -> Response:
    """Don't send a message; what a sender holds at this moment may still go out."""
    site = site_of(request)
    with site.database.transaction() as session:
        called_off = existing(partial(cancel, session, message_id))
        if called_off:
            record(
                session, viewer, Action.MESSAGE_CANCELLED, "message", message_id, now=site.clock()
            )
    done = "message_cancelled" if called_off else "message_went_out"
    return RedirectResponse(f"/messages?done={done}", 303)
