"""The flow map: every conversation as it is said now, with what the newest calls made of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from console.web.campaign_form import titles
from console.web.campaign_view import counted_of
from console.web.counted import Count
from console.web.flow_figures import (
    COUNTED,
    Drawing,
    FlowMap,
    Stretch,
    drawing_of,
    flow_map,
    overview_of,
)
from console.web.roles import Permission, Viewer
from console.web.searching import id_in
from console.web.security import may
from console.web.site import site_of
from console.web.templating import render, words_of
from ivr.flow import flows
from store.flow_publications import publications
from store.queries import campaigns

router = APIRouter()

Sees = Annotated[Viewer, Depends(may(Permission.SEE_FLOW_MAP))]
Text = Annotated[str, Query(max_length=32)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls are counted."""

    stretch: Stretch
    campaign_id: int | None

    @classmethod
    def of(cls, stretch: str, campaign: str) -> Wanted:
        """Read it from an address; what makes no sense there is left out."""
        known = stretch in set(Stretch)
        return cls(Stretch(stretch) if known else Stretch.DAY, id_in(campaign))


@router.get("/flow-map")
def show_map(
    request: Request, viewer: Sees, stretch: Text = "day", campaign: Text = ""
) -> Response:
    """Show all conversations, by the stage of a parcel's way."""
    wanted = Wanted.of(stretch, campaign)
    counted = _counted(request, wanted)
    language = words_of(request).language
    drawn: Count[Drawing] | None = None
    if counted is not None:
        site = site_of(request)
        drawn = counted_of(request).get_apart(
            ("overview", language, wanted),
            partial(overview_of, site.database, site.settings, counted.value.figures, language),
            made_of=counted.at,
        )
    worst = None if counted is None else counted.value.worst
    return _page(request, "flow_map", wanted, counted=counted, drawn=drawn, worst=worst)


@router.get("/flow-map/{flow_id}/{language}")
def show_flow(
    request: Request,
    viewer: Sees,
    flow_id: str,
    language: str,
    stretch: Text = "day",
    campaign: Text = "",
) -> Response:
    """Show one conversation, with drop-off and time at each of its places."""
    if (flow_id, language) not in _known(request):
        raise HTTPException(404)
    wanted = Wanted.of(stretch, campaign)
    counted = _counted(request, wanted)
    line = None if counted is None else counted.value.line(flow_id, language)
    drawn: Count[Drawing] | None = None
    if counted is not None and line is not None:
        site = site_of(request)
        drawn = counted_of(request).get_apart(
            ("drawing", flow_id, language, wanted),
            partial(drawing_of, site.database, site.settings, flow_id, language, line.figures),
            made_of=counted.at,
        )
    shown = {"counted": counted, "drawn": drawn, "line": line, "flow": (flow_id, language)}
    return _page(request, "flow_map/one", wanted, **shown)


def _counted(request: Request, wanted: Wanted) -> Count[FlowMap] | None:
    site = site_of(request)
    make = partial(
        flow_map, site.database, site.settings, wanted.stretch, site.clock(), wanted.campaign_id
    )
    return counted_of(request).get_apart(("flow map", wanted), make)


def _known(request: Request) -> set[tuple[str, str]]:
    with site_of(request).database.reading() as session:
        published = {(each.flow, each.language) for each in publications(session) if each.version}
    return {*flows(), *published}


def _page(request: Request, page: str, wanted: Wanted, **shown: Any) -> Response:
    # What is asked for again in a page comes without the page around it.
    template = f"{page}.html" if "hx-request" not in request.headers else f"{page}_live.html"
    with site_of(request).database.reading() as session:
        known = campaigns(session)
    return render(
        request,
        template,
        stretch=wanted.stretch.value,
        stretches=tuple(Stretch),
        campaign=str(wanted.campaign_id or ""),
        campaigns=[(str(each.id), each.name) for each in reversed(known)],
        address=str(request.url.path),
        titles=titles(words_of(request).language),
        most=COUNTED,
        **shown,
    )
