"""The live board: what goes on at this moment, and what came of today."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from console.web.charts import Bar, bars, sparkline
from console.web.counted import Count, Counted
from console.web.live_board import (
    CallRow,
    LiveBoard,
    Moment,
    agents_by_state,
    call_row,
    changes,
    pulse_of,
    wait_rows,
)
from console.web.masking import Page, Sight, sight
from console.web.roles import Permission, Viewer
from console.web.security import may
from console.web.site import Site, site_of
from console.web.templating import render, text_of, words_of
from store.board_queries import CallFigures, WaitFigures, call_figures, wait_figures
from store.queries import campaigns

router = APIRouter()

Watcher = Annotated[Viewer, Depends(may(Permission.SEE_BOARD))]

STREAM_LASTS: Final = timedelta(minutes=5)
"""Then the browser connects again, and whether it still may is asked again."""
WAITS_OF: Final = timedelta(hours=1)
PANELS: Final = ("now", "waits", "agents", "today", "engines")
NO_PATIENCE: Final = 0.0


@router.get("/")
def show_board(request: Request, viewer: Watcher) -> Response:
    """Show everything that goes on."""
    moment = live_board_of(request).now()
    return render(
        request,
        "board.html",
        calls=_rows(moment, sight(viewer.role, Page.BOARD)),
        **_panels(request, viewer, moment),
    )


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


def counted_of(request: Request) -> Counted:
    """Return the counts that all pages share."""
    counted: Counted = request.app.state.counted
    return counted


def midnight(now: datetime, zone_name: str) -> datetime:
    """Return when the day began that it is in a time zone."""
    there = now.astimezone(ZoneInfo(zone_name))
    return there.replace(hour=0, minute=0, second=0, microsecond=0)


def event(name: str, text: str) -> str:
    """Return a server-sent event; a text of several lines stays one event."""
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {name}\n{lines}\n"


async def _events(request: Request, viewer: Viewer) -> AsyncIterator[str]:
    clock, seen = site_of(request).clock, sight(viewer.role, Page.BOARD)
    ends = clock() + STREAM_LASTS
    shown: dict[str, str] = {}
    drawn: dict[int, tuple[CallRow, str]] = {}
    panels: dict[str, str] = {}
    async for moment in live_board_of(request).moments():
        if clock() >= ends:
            return
        if moment is None:
            yield event("lost", words_of(request)("board.store_away"))
            continue
        rows = _drawn(request, _rows(moment, seen), drawn)
        for text in _row_events(shown, rows):
            yield text
        shown = rows
        told = _panels(request, viewer, moment)
        for name in PANELS:
            html = text_of(request, f"board/{name}.html", **told)
            if panels.get(name) != html:
                panels[name] = html
                yield event(name, html)
        yield event("beat", text_of(request, "board/beat.html", at=moment.board.at))


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


def _drawn(
    request: Request, rows: tuple[CallRow, ...], drawn: dict[int, tuple[CallRow, str]]
) -> dict[str, str]:
    """Return the rows as HTML by call; `drawn` keeps those that may still be good."""
    for row in rows:
        kept = drawn.get(row.attempt_id)
        if kept is None or kept[0] != row:
            drawn[row.attempt_id] = (row, text_of(request, "board/call.html", call=row))
    for gone in drawn.keys() - {row.attempt_id for row in rows}:
        del drawn[gone]
    return {str(row.attempt_id): drawn[row.attempt_id][1] for row in rows}


def _rows(moment: Moment, seen: Sight) -> tuple[CallRow, ...]:
    return tuple(
        call_row(call, moment.addresses.get(call.contact_id, ()), seen)
        for call in moment.board.calls
    )


def _panels(request: Request, viewer: Viewer, moment: Moment) -> dict[str, Any]:
    """Return what the panels around the table of calls show."""
    site, board = site_of(request), moment.board
    today = _today(site, counted_of(request))
    return {
        "moment": moment,
        "stages": _stages(moment),
        "waits": wait_rows(board, sight(viewer.role, Page.BOARD)),
        "agents": agents_by_state(board),
        "engines": tuple((each, pulse_of(each, board.at).value) for each in board.engines),
        "today": today,
        "hours": None if today is None else _hours(request, today.value[0]),
        "lines": {} if today is None else _lines(request, today.value[0]),
    }


def _stages(moment: Moment) -> dict[str, int]:
    counts = {"talking": 0, "ringing": 0, "dialing": 0}
    for call in moment.board.calls:
        counts[call.stage] = counts.get(call.stage, 0) + 1
    return counts


Today = tuple[CallFigures, WaitFigures, Mapping[int, str]]


def _today(site: Site, counted: Counted) -> Count[Today] | None:
    """Return what was counted of today: calls, waits of the last hour, names of campaigns."""
    begins = midnight(site.clock(), site.settings.campaign.time_zone)
    return counted.get(("today", begins), partial(_count, site, begins))


def _count(site: Site, begins: datetime) -> Today:
    now = site.clock()
    with site.database.reading() as session:
        return (
            call_figures(session, begins, now),
            wait_figures(session, now - WAITS_OF),
            {each.id: each.name for each in campaigns(session)},
        )


def _lines(request: Request, figures: CallFigures) -> dict[int, Markup]:
    """Return the hours of each campaign in miniature."""
    title = words_of(request)("board.hours")
    return {key: sparkline(title, hours) for key, hours in figures.dialed_by_hour.items()}


def _hours(request: Request, figures: CallFigures) -> Markup:
    """Return the chart of today's hours: reached, and called without reaching anybody."""
    words = words_of(request)
    of = [
        Bar(
            label=str(hour) if hour % 3 == 0 else "",
            told=words("board.hour_told", hour=hour, dialed=each.dialed, reached=each.reached),
            layers=(("good", each.reached), ("faint", each.dialed - each.reached)),
        )
        for hour, each in enumerate(figures.by_hour)
    ]
    of += [Bar(str(hour) if hour % 3 == 0 else "", str(hour), ()) for hour in range(len(of), 24)]
    return bars(words("board.hours"), of)
