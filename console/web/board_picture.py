"""The board as HTML, drawn once for all who see the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from markupsafe import Markup
from starlette.requests import Request

from console.web.charts import Bar, bars, sparkline
from console.web.counted import Count
from console.web.live_board import Moment, agents_by_state, call_row, pulse_of, wait_rows
from console.web.masking import Page, sight
from console.web.roles import Permission, Viewer
from console.web.templating import text_of, words_of
from console.web.words import Language
from store.board_queries import CallFigures, WaitFigures
from store.desk_values import LiveCallFacts

PANELS: Final = ("now", "waits", "agents", "engines")
"""Parts that are drawn anew with each moment."""

Today = tuple[CallFigures, WaitFigures, Mapping[int, str]]
"""Calls of the day, waits of the last hour, names of campaigns."""

_Kind = tuple[Language, bool]
"""What decides how a board looks: nobody's name stands on it in full, whoever they are."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The board of one moment as HTML."""

    moment: Moment
    today: Count[Today] | None
    rows: Mapping[str, Markup]
    """By call, as the table of calls has them."""
    panels: Mapping[str, Markup]
    """By the name of their template; `today` and `beat`, the sign of life, are among them."""
    drawn: Mapping[int, tuple[LiveCallFacts, Markup]]
    """Which call each row was drawn from."""


@dataclass(slots=True)
class Pictures:
    """Draws moments, and of each only what is not as it was."""

    _newest: dict[_Kind, Picture] = field(default_factory=dict)

    def picture(
        self, request: Request, viewer: Viewer, moment: Moment, today: Count[Today] | None
    ) -> Picture:
        """Return a moment as whoever asks sees it."""
        kind = (words_of(request).language, viewer.can(Permission.SEE_CALLS))
        before = self._newest.get(kind)
        if before is not None and before.moment is moment and before.today is today:
            return before
        made = _drawn(request, viewer, moment, today, before)
        self._newest[kind] = made
        return made


def _drawn(
    request: Request,
    viewer: Viewer,
    moment: Moment,
    today: Count[Today] | None,
    before: Picture | None,
) -> Picture:
    drawn = _rows(request, viewer, moment, {} if before is None else before.drawn)
    board = moment.board
    shown = {
        "stages": _stages(moment),
        "waits": wait_rows(board, sight(viewer.role, Page.BOARD)),
        "agents": agents_by_state(board),
        "engines": tuple((each, pulse_of(each, board.at).value) for each in board.engines),
    }
    panels = {name: Markup(text_of(request, f"board/{name}.html", **shown)) for name in PANELS}
    panels["beat"] = Markup(text_of(request, "board/beat.html", at=board.at))
    if before is not None and before.today is today:
        panels["today"] = before.panels["today"]
    else:
        panels["today"] = Markup(text_of(request, "board/today.html", **_told(request, today)))
    rows = {str(attempt): html for attempt, (_, html) in drawn.items()}
    return Picture(moment, today, rows, panels, drawn)


def _rows(
    request: Request,
    viewer: Viewer,
    moment: Moment,
    before: Mapping[int, tuple[LiveCallFacts, Markup]],
) -> dict[int, tuple[LiveCallFacts, Markup]]:
    """Return the rows of the table; those of calls that did not change are as they were."""
    seen = sight(viewer.role, Page.BOARD)
    drawn: dict[int, tuple[LiveCallFacts, Markup]] = {}
    for call in moment.board.calls:
        kept = before.get(call.attempt_id)
        if kept is None or kept[0] is not call:
            row = call_row(call, moment.seen.addresses.get(call.contact_id, ()), seen)
            kept = (call, Markup(text_of(request, "board/call.html", call=row)))
        drawn[call.attempt_id] = kept
    return drawn


def _stages(moment: Moment) -> dict[str, int]:
    counts = {"talking": 0, "ringing": 0, "dialing": 0}
    for call in moment.board.calls:
        counts[call.stage] = counts.get(call.stage, 0) + 1
    return counts


def _told(request: Request, today: Count[Today] | None) -> dict[str, Any]:
    """Return what the panel of today shows."""
    if today is None:
        return {"today": None}
    figures, *_ = today.value
    return {"today": today, "hours": _hours(request, figures), "lines": _lines(request, figures)}


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
