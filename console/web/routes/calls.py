"""Calls: found, read, and heard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from campaigns.labels import Shelf, label
from console.web.audit import ONE_LOOK, Action, is_recorded, record
from console.web.call_page import call_view, label_language, line_view, live_turn_views
from console.web.masking import Page, sight
from console.web.recordings import evidence_of, kept_recording, write_down_hearing
from console.web.roles import Permission, Viewer
from console.web.searching import LARGEST_ID, Id, day_begins, day_ends, existing, id_in, sought_in
from console.web.security import may
from console.web.site import Site, site_of
from console.web.templating import render, words_of
from console.web.waveform import WaveformError, drawing_of, waveform_of
from console.web.words import Language
from ivr.flagging import flag_rules
from store.call_queries import CallFilter, CallPlace, find_calls
from store.call_records import CallRecord, call_record, recording_of
from store.desk_queries import live_turns
from store.queries import campaigns
from store.types import Disposition, Outcome

router = APIRouter()

Sees = Annotated[Viewer, Depends(may(Permission.SEE_CALLS))]
Hears = Annotated[Viewer, Depends(may(Permission.HEAR_RECORDINGS))]
Vocabulary = TypeVar("Vocabulary", bound=StrEnum)

WAV: Final = "audio/wav"
LONGEST: Final = 64
"""Characters of what somebody looks for."""
Text = Annotated[str, Query(max_length=LONGEST)]


@router.get("/calls")
def list_calls(
    request: Request,
    viewer: Sees,
    campaign: Text = "",
    disposition: Text = "",
    outcome: Text = "",
    since: Text = "",
    until: Text = "",
    shortest: Text = "",
    longest: Text = "",
    flag: Text = "",
    needs_person: bool = False,
    before: Text = "",
    id: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """List calls, the newest first."""
    asked = {
        "campaign": campaign,
        "disposition": disposition,
        "outcome": outcome,
        "since": since,
        "until": until,
        "shortest": shortest,
        "longest": longest,
        "flag": flag,
        "needs_person": "true" if needs_person else "",
    }
    site = site_of(request)
    return _list(request, viewer, _wanted(asked, _zone(site)), asked, place=_place(before, id))


@router.post("/calls")
def search_calls(
    request: Request, viewer: Sees, who: Annotated[str, Form(max_length=LONGEST)] = ""
) -> Response:
    """List the calls about a parcel, to a number or with a person: by a form, since addresses of
    pages are kept in many places."""
    sought = sought_in(who, _zone(site_of(request)))
    wanted = CallFilter(waybill=sought.waybill, phone=sought.phone, name=sought.name)
    return _list(request, viewer, wanted, {}, who=who.strip())


@router.get("/calls/{call_id}")
def show_call(request: Request, viewer: Sees, call_id: Id) -> Response:
    """Show all that is known of a call."""
    site = site_of(request)
    with site.database.reading() as session:
        call = existing(lambda: call_record(session, call_id))
    eyes = sight(viewer.role, Page.CALL)
    if eyes.full:
        with site.database.transaction() as session:
            record(session, viewer, Action.CALL_SEEN, "call", call_id, now=site.clock())
    return render(request, "call.html", **_shown(request, viewer, call))


@router.get("/calls/{call_id}/live")
def follow_call(request: Request, viewer: Sees, call_id: Id) -> Response:
    """Return what was said so far; once the call is over, the page is to be loaded again."""
    site, eyes = site_of(request), sight(viewer.role, Page.CALL)
    with site.database.reading() as session:
        call = existing(lambda: call_record(session, call_id))
        turns = live_turns(session, call_id)
        since = site.clock() - ONE_LOOK
        known = is_recorded(session, viewer, Action.CALL_SEEN, "call", call_id, since)
    if call.latest is not None:
        return Response(status_code=200, headers={"HX-Refresh": "true"})
    if eyes.full and not known:
        with site.database.transaction() as session:
            record(session, viewer, Action.CALL_SEEN, "call", call_id, now=site.clock())
    said = live_turn_views(turns, call, eyes, words_of(request).language)
    return render(request, "calls/transcript.html", turns=said, has_recording=False)


@router.get("/calls/{call_id}/recording")
def hear_call(request: Request, viewer: Hears, call_id: Id) -> Response:
    """Return the recording of a call, whole or in ranges; that it was heard is written down."""
    file = _recording(request, viewer, call_id)
    return FileResponse(file, media_type=WAV)


@router.get("/calls/{call_id}/waveform")
def draw_call(request: Request, viewer: Hears, call_id: Id) -> Response:
    """Return the recording of a call as a picture."""
    site = site_of(request)
    with site.database.reading() as session:
        path = existing(lambda: recording_of(session, call_id))
    file = kept_recording(site.settings, path)
    if file is None:
        raise HTTPException(404)
    try:
        waveform = waveform_of(file)
    except WaveformError as error:
        raise HTTPException(404) from error
    drawing = drawing_of(waveform, words_of(request)("calls.waveform"))
    return render(request, "calls/waveform.html", drawing=drawing)


@router.get("/calls/{call_id}/clips/{name}")
def hear_clip(request: Request, viewer: Hears, call_id: Id, name: str) -> Response:
    """Return an answer that was kept as evidence; that it was heard is written down."""
    site = site_of(request)
    with site.database.reading() as session:
        existing(lambda: recording_of(session, call_id))
    clips = evidence_of(site.settings, call_id)
    if name not in clips:
        raise HTTPException(404)
    with site.database.transaction() as session:
        write_down_hearing(session, viewer, call_id, site.clock())
    return FileResponse(clips[name], media_type=WAV)


def _recording(request: Request, viewer: Viewer, call_id: int) -> Path:
    """Return the file of a recording, whose path comes from the store alone."""
    site = site_of(request)
    with site.database.reading() as session:
        path = existing(lambda: recording_of(session, call_id))
    file = kept_recording(site.settings, path)
    if file is None:
        raise HTTPException(404)
    with site.database.transaction() as session:
        write_down_hearing(session, viewer, call_id, site.clock())
    return file


def _shown(request: Request, viewer: Viewer, call: CallRecord) -> dict[str, Any]:
    language = words_of(request).language
    view = call_view(call, sight(viewer.role, Page.CALL), language)
    settings = site_of(request).settings
    file = kept_recording(settings, call.recording)
    may_hear = viewer.can(Permission.HEAR_RECORDINGS)
    return {
        "call": call,
        "view": view,
        "turns": view.turns,
        "goes_on": call.latest is None,
        "labels": label_language(language),
        "has_recording": may_hear and file is not None,
        "clips": tuple(evidence_of(settings, call.line.attempt_id)) if may_hear else (),
    }


def _list(
    request: Request,
    viewer: Viewer,
    wanted: CallFilter,
    asked: Mapping[str, str],
    *,
    place: CallPlace | None = None,
    who: str = "",
) -> Response:
    with site_of(request).database.reading() as session:
        page = find_calls(session, wanted, place)
        known = campaigns(session)
    language = words_of(request).language
    eyes = sight(viewer.role, Page.LIST)
    return render(
        request,
        "calls.html",
        lines=tuple(line_view(each, eyes, language) for each in page.lines),
        looked_back_to=page.looked_back_to,
        older=_address(asked, page.next) if page.next is not None and not who else "",
        is_first=place is None,
        asked=asked,
        who=who,
        campaigns=[(str(each.id), each.name) for each in reversed(known)],
        dispositions=_labels(Shelf.DISPOSITION, Disposition, language),
        outcomes=_labels(Shelf.OUTCOME, Outcome, language),
        flags=[(rule.id, rule.label[label_language(language)]) for rule in flag_rules()],
    )


def _labels(shelf: Shelf, words: type[StrEnum], language: Language) -> list[tuple[str, str]]:
    return [(word.value, label(shelf, word, label_language(language))) for word in words]


def _wanted(asked: Mapping[str, str], zone: ZoneInfo) -> CallFilter:
    """Return what a form asks for; what it can't mean does not narrow."""
    return CallFilter(
        campaign_id=id_in(asked["campaign"]),
        disposition=_word(Disposition, asked["disposition"]),
        outcome=_word(Outcome, asked["outcome"]),
        begins=day_begins(asked["since"], zone),
        ends=day_ends(asked["until"], zone),
        shortest_seconds=_seconds(asked["shortest"]),
        longest_seconds=_seconds(asked["longest"]),
        flag=asked["flag"],
        needs_person=bool(asked["needs_person"]),
    )


def _word(words: type[Vocabulary], text: str) -> Vocabulary | None:
    return words(text) if text in {each.value for each in words} else None


def _seconds(text: str) -> float | None:
    return float(text) if text.isdecimal() else None


def _place(before: str, call_id: int) -> CallPlace | None:
    try:
        at = datetime.fromisoformat(before)
        return CallPlace(at.astimezone(UTC), call_id) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _address(asked: Mapping[str, str], place: CallPlace) -> str:
    """Return where the page after this one is."""
    wanted = {name: value for name, value in asked.items() if value}
    query = wanted | {"before": place.dialed_at.isoformat(), "id": str(place.attempt_id)}
    return f"/calls?{urlencode(query)}"


def _zone(site: Site) -> ZoneInfo:
    return ZoneInfo(site.settings.campaign.time_zone)
