"""The live board: what goes on at this moment, and what came of today."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from console.web.board_picture import Pictures, Today
from console.web.counted import Count, Counted
from console.web.live_board import LiveBoard, changes
from console.web.roles import Permission, Viewer
from console.web.security import may
from console.web.site import Site, site_of
from console.web.templating import render, words_of
from store.board_queries import call_figures, wait_figures
from store.queries import campaigns

router = APIRouter()

Watcher = Annotated[Viewer, Depends(may(Permission.SEE_BOARD))]

STREAM_LASTS: Final = timedelta(minutes=5)
"""Then the browser connects again, and whether it still may is asked again."""
WAITS_OF: Final = timedelta(hours=1)
PANELS: Final = ("now", "waits", "agents", "today", "engines")


@router.get("/")
def show_board(request: Request, viewer: Watcher) -> Response:
    """Show everything that goes on."""
    moment = live_board_of(request).now()
    made = pictures_of(request).picture(request, viewer, moment, _today(request))
    return render(request, "board.html", picture=made)


@router.get("/live/board")
def follow_board(request: Request, viewer: Watcher) -> Response:
    """Send what changes on the board as it changes."""
    return StreamingResponse(
        _events(request, viewer),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


def live_board_of(request: Request) -> LiveBoard:
    """Return the board that all who watch share."""
    board: LiveBoard = request.app.state.live_board
    return board


def pictures_of(request: Request) -> Pictures:
    """Return the drawings that all who watch share."""
    pictures: Pictures = request.app.state.pictures
    return pictures


def midnight(now: datetime, zone_name: str) -> datetime:
    """Return when the day began that it is in a time zone."""
    there = now.astimezone(ZoneInfo(zone_name))
    return there.replace(hour=0, minute=0, second=0, microsecond=0)


def event(name: str, text: str) -> str:
    """Return a server-sent event; a text of several lines stays one event."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {name}\n{lines}\n"


async def _events(request: Request, viewer: Viewer) -> AsyncIterator[str]:
    clock = site_of(request).clock
    ends = clock() + STREAM_LASTS
    rows: Mapping[str, str] = {}
    panels: Mapping[str, str] = {}
    async with aclosing(live_board_of(request).moments()) as moments:
        async for moment in moments:
            if clock() >= ends:
                return
            if moment is None:
                yield event("lost", words_of(request)("board.store_away"))
                continue
            today = _today(request, waiting=False)
            made = pictures_of(request).picture(request, viewer, moment, today)
            changed = [name for name in PANELS if panels.get(name) != made.panels[name]]
            told = [*_row_events(rows, made.rows)]
            told += [event(name, made.panels[name]) for name in changed]
            yield "".join((*told, event("beat", made.panels["beat"])))
            rows, panels = made.rows, made.panels


def _row_events(shown: Mapping[str, str], rows: Mapping[str, str]) -> Iterator[str]:
    """Tell which rows of the table of calls are new, other than before, or gone.

    `static/board.js` puts them into the table; what did not change does not travel.
    """
    put, gone = changes(shown, rows)
    told = [*put, *(f'<tr data-gone="{key}"></tr>' for key in gone)]
    if not shown:
        told.append("<tr data-whole></tr>")
    if told:
        yield event("calls", "".join(told))


def _today(request: Request, *, waiting: bool = True) -> Count[Today] | None:
    """Return what was counted of today; `waiting`: no, on an event loop."""
    site = site_of(request)
    begins = midnight(site.clock(), site.settings.campaign.time_zone)
    counted: Counted = request.app.state.counted
    return counted.get(("today", begins), partial(_count, site, begins), waiting=waiting)


def _count(site: Site, begins: datetime) -> Today:
    now = site.clock()
    with site.database.reading() as session:
        return (
            call_figures(session, begins, now),
            wait_figures(session, now - WAITS_OF),
            {each.id: each.name for each in campaigns(session)},
        )
