"""Events: parcels that moved on, told by the dispatch system."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from campaigns.incoming.node_watch import note_status
from campaigns.incoming.nodes import way_of
from campaigns.parcel_events import EventTwiceError, ParcelMoved, take_event
from console.api import showing_campaigns as showing
from console.api.asking import Configured, Now, Store
from console.api.manifest_schemas import Event, EventQuery, SentEvent
from console.api.paging import Page, cursor_at, id_at, page_of
from console.api.problems import conflict
from console.web.audit import Action, record
from console.web.roles import Permission, Viewer
from console.web.security import may
from store.feed_queries import events_after

router = APIRouter(prefix="/events", tags=["events"])

Adds = Annotated[Viewer, Depends(may(Permission.ADD_EVENTS))]
Sees = Annotated[Viewer, Depends(may(Permission.SEE_CONTACTS))]


@router.post("", status_code=HTTPStatus.CREATED, responses={200: {"model": Event}})
def add_event(
    viewer: Adds,
    store: Store,
    settings: Configured,
    now: Now,
    sent: SentEvent,
    response: Response,
) -> Event:
    """Tell that a parcel moved on; who need not be called about it any more is not called.

    The same `event_id` counts once: sent again it answers 200 and does nothing, sent with other
    contents 409.
    """
    moved = ParcelMoved(sent.event_id, sent.waybill, sent.status, sent.at)
    with store.transaction() as session:
        try:
            taken = take_event(session, moved, now)
        except EventTwiceError as error:
            raise conflict(str(error)) from error
        if taken.is_new:
            way = way_of(settings.incoming.nodes_file)
            note_status(session, way, sent.waybill, sent.status, sent.at, now)
        if taken.is_new and taken.withdrawn:
            details = {"status": sent.status, "withdrawn": taken.withdrawn}
            record(session, viewer, Action.EVENT_ADDED, "event", "", details, now=now)
    if not taken.is_new:
        response.status_code = HTTPStatus.OK
    return Event(
        event_id=taken.event.event_id,
        waybill=taken.event.waybill,
        status=taken.event.status,
        at=taken.event.at,
        received_at=taken.received_at,
        withdrawn=taken.withdrawn,
    )


@router.get("")
def list_events(_viewer: Sees, store: Store, wanted: Annotated[EventQuery, Query()]) -> Page[Event]:
    """List what was told of parcels, in the order it came."""
    with store.reading() as session:
        after = id_at(wanted.cursor) or 0
        rows = events_after(session, after, wanted.limit + 1, wanted.waybill or "")
    shown = [showing.event(each) for each in rows[: wanted.limit]]
    more = len(rows) > wanted.limit
    return page_of(shown, cursor_at(rows[wanted.limit - 1].id) if more else None)
