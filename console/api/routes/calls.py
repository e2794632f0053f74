"""Calls: found, read, heard; a recording erased."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse

from console.api import showing_calls as showing
from console.api.asking import Configured, Now, Store
from console.api.call_schemas import Call, CallQuery, CallSummary
from console.api.paging import Page, moment_at, moment_cursor_at, page_of
from console.api.problems import ProblemError, nothing_here
from console.api.words import Id
from console.web.audit import Action, record
from console.web.masking import Page as Where
from console.web.masking import sight
from console.web.recordings import kept_recording, kept_sound
from console.web.roles import Permission, Viewer
from console.web.security import may
from store.api_queries import forget_recording
from store.call_queries import CallFilter, CallPlace, find_calls
from store.call_records import call_record, recording_of
from store.database import Database
from store.desk_queries import flags_of, visits_of
from store.errors import StoreError

router = APIRouter(prefix="/calls", tags=["calls"])

Sees = Annotated[Viewer, Depends(may(Permission.SEE_CALLS))]
Hears = Annotated[Viewer, Depends(may(Permission.HEAR_RECORDINGS))]
Erases = Annotated[Viewer, Depends(may(Permission.ERASE_RECORDINGS))]

WAV: Final = "audio/wav"


@router.get("")
def list_calls(
    viewer: Sees, store: Store, wanted: Annotated[CallQuery, Query()]
) -> Page[CallSummary]:
    """List calls, the newest first; names are masked.

    A page may be short, or empty, and still have a next one: so far was looked back.
    """
    eyes = sight(viewer.role, Where.LIST)
    narrowed = CallFilter(
        waybill=wanted.waybill or "",
        campaign_id=wanted.campaign_id,
        disposition=wanted.disposition,
        outcome=wanted.outcome,
        begins=wanted.dialed_from,
        ends=wanted.dialed_before,
        needs_person=wanted.needs_person,
    )
    place = moment_at(wanted.cursor)
    after = None if place is None else CallPlace(*place)
    with store.reading() as session:
        page = find_calls(session, narrowed, after, wanted.limit)
    following = None
    if page.next is not None:
        following = moment_cursor_at(page.next.dialed_at, page.next.attempt_id)
    return page_of([showing.call_summary(each, eyes) for each in page.lines], following)


@router.get("/{call_id:int}")
def get_call(viewer: Sees, store: Store, now: Now, call_id: Id) -> Call:
    """Return one call with what was said; who sees it in full is noted in the audit trail."""
    eyes = sight(viewer.role, Where.CALL)
    with store.reading() as session:
        try:
            row = call_record(session, call_id)
        except StoreError as error:
            raise nothing_here(f"call {call_id}") from error
        shown = showing.call(row, flags_of(session, call_id), visits_of(session, call_id), eyes)
    if eyes.full:
        with store.transaction() as session:
            record(session, viewer, Action.CALL_SEEN, "call", call_id, now=now)
    return shown


@router.get(
    "/{call_id:int}/recording",
    response_class=FileResponse,
    responses={200: {"content": {WAV: {}}}, 206: {"content": {WAV: {}}}},
)
def get_recording(
    viewer: Hears, store: Store, settings: Configured, now: Now, call_id: Id
) -> FileResponse:
    """Return a recording, stereo: they left, we right; whole or a range. Noted in the trail."""
    path = _recording_path(store, call_id)
    file = kept_recording(settings, path)
    if file is None:
        raise nothing_here(f"recording of call {call_id}; it was not made or is erased")
    with store.transaction() as session:
        record(session, viewer, Action.RECORDING_HEARD, "call", call_id, now=now)
    return FileResponse(file, media_type=WAV, filename=f"call-{call_id}.wav")


@router.delete("/{call_id:int}/recording", status_code=HTTPStatus.NO_CONTENT)
def erase_recording(
    viewer: Erases, store: Store, settings: Configured, now: Now, call_id: Id
) -> Response:
    """Erase a recording for ever; the transcript stays. Where there is none, nothing happens."""
    path = _recording_path(store, call_id)
    try:
        for file in kept_sound(settings, path):
            file.unlink(missing_ok=True)
    except OSError as error:
        raise ProblemError(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            f"The recording can't be erased ({error.strerror}); look at the rights of its folder.",
        ) from error
    if path:
        with store.transaction() as session:
            forget_recording(session, call_id)
            record(session, viewer, Action.RECORDING_ERASED, "call", call_id, now=now)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _recording_path(store: Database, call_id: int) -> str:
    """Return where the recording of a call was written; raises ProblemError without such a call."""
    with store.reading() as session:
        try:
            return recording_of(session, call_id)
        except StoreError as error:
            raise nothing_here(f"call {call_id}") from error
