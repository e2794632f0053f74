"""Live events: what other systems tell as it happens, and what followed."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response

from campaigns.incoming.nodes import way_of
from campaigns.incoming.reading import EventError, event_in
from campaigns.incoming.rules import incoming_rules_of
from campaigns.incoming.taking import take
from console.api.asking import Configured, Now, Store
from console.api.event_schemas import LiveEvent, LiveEventQuery, SentLiveEvent
from console.api.paging import Page, cursor_at, id_at, page_of
from console.api.problems import conflict
from console.web.audit import Action, record
from console.web.roles import Permission, Viewer
from console.web.security import may
from store.live_events import EventLine, event_lines

router = APIRouter(prefix="/live-events", tags=["events"])

Adds = Annotated[Viewer, Depends(may(Permission.ADD_EVENTS))]
Sees = Annotated[Viewer, Depends(may(Permission.SEE_CONTACTS))]
SOURCE: Final = "api"


@router.post("", status_code=HTTPStatus.CREATED, responses={200: {"model": LiveEvent}})
def add_live_event(
    viewer: Adds,
    store: Store,
    settings: Configured,
    now: Now,
    sent: SentLiveEvent,
    response: Response,
) -> LiveEvent:
    """Tell that something happened; what the table of events says follows within seconds.

    Who need not be called any more because of it is withdrawn at once. The same `event_id` counts
    once: sent again it answers 200 with what became of it. An event that is refused says why, and
    may be sent again under its id, put right.
    """
    body = {
        "event_id": sent.event_id,
        "event": sent.event,
        "waybill": sent.waybill,
        "at": sent.at.isoformat(),
        "data": sent.data.told(),
    }
    try:
        told = event_in(SOURCE, body, now)
    except EventError as error:
        raise conflict(str(error)) from error
    rules = incoming_rules_of(settings.incoming.rules_file)
    way = way_of(settings.incoming.nodes_file)
    with store.transaction() as session:
        line, is_new = take(session, rules, told, now, way)
        if is_new:
            details = {"status": line.status.value}
            record(session, viewer, Action.EVENT_ADDED, "event", line.id, details, now=now)
    if not is_new:
        response.status_code = HTTPStatus.OK
    return shown(line)


@router.get("")
def list_live_events(
    _viewer: Sees, store: Store, wanted: Annotated[LiveEventQuery, Query()]
) -> Page[LiveEvent]:
    """List events in the order they came; with `status=refused` those that nothing followed."""
    with store.reading() as session:
        rows = event_lines(
            session,
            after=id_at(wanted.cursor) or 0,
            status=wanted.status,
            waybill=wanted.waybill or "",
            at_most=wanted.limit + 1,
        )
    some = [shown(each) for each in rows[: wanted.limit]]
    more = len(rows) > wanted.limit
    return page_of(some, cursor_at(some[-1].id) if more else None)


def shown(line: EventLine) -> LiveEvent:
    """Show an event without its data."""
    told = line.told
    return LiveEvent(
        id=line.id,
        source=told.source,
        event_id=told.event_id,
        event=told.event,
        waybill=told.waybill,
        at=told.at,
        received_at=line.received_at,
        status=line.status,
        error=line.error,
        contact_id=line.contact_id,
        handled_at=line.handled_at,
    )
