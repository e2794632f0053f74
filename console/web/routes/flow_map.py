"""The flow map: every conversation as it is said now, with what the newest calls made of it."""

from __future__ import annotations

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


@router.get("/flow-map")
def show_map(
    request: Request, viewer: Sees, stretch: Text = "day", campaign: Text = ""
) -> Response:
    """Show all conversations, by the stage of a parcel's way."""
    counted = _counted(request, stretch, campaign)
    language = words_of(request).language
    drawn: Count[Drawing] | None = None
    if counted is not None:
        key = ("overview", language, stretch, campaign)
        drawn = counted_of(request).get(key, partial(overview_of, counted.value, language.value))
    return _page(request, "flow_map", counted, drawn, stretch, campaign, flow=None, figures=None)


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
    counted = _counted(request, stretch, campaign)
    flow = None if counted is None else counted.value.flow(flow_id, language)
    drawn: Count[Drawing] | None = None
    if counted is not None and flow is not None:
        key = ("drawing", flow_id, language, stretch, campaign)
        drawn = counted_of(request).get(key, partial(drawing_of, counted.value, flow))
    return _page(
        request,
        "flow_map/one",
        counted,
        drawn,
        stretch,
        campaign,
        flow=(flow_id, language),
        figures=None if counted is None or flow is None else counted.value.figures_of(flow),
    )


def _counted(request: Request, stretch: str, campaign: str) -> Count[FlowMap] | None:
    site = site_of(request)
    wanted = Stretch(stretch) if stretch in set(Stretch) else Stretch.DAY
    chosen = id_in(campaign)
    make = partial(flow_map, site.database, site.settings, wanted, site.clock(), chosen)
    return counted_of(request).get(("flow map", wanted, chosen), make)


def _known(request: Request) -> set[tuple[str, str]]:
    with site_of(request).database.reading() as session:
        published = {(each.flow, each.language) for each in publications(session) if each.version}
    return {*flows(), *published}


def _page(
    request: Request,
    page: str,
    counted: Count[FlowMap] | None,
    drawn: Count[Drawing] | None,
    stretch: str,
    campaign: str,
    **shown: Any,
) -> Response:
    # What is asked for again in a page comes without the page around it.
    template = f"{page}.html" if "hx-request" not in request.headers else f"{page}_live.html"
    with site_of(request).database.reading() as session:
        known = campaigns(session)
    return render(
        request,
        template,
        counted=counted,
        drawn=drawn,
        stretch=stretch,
        stretches=tuple(Stretch),
        campaign=campaign,
        campaigns=[(str(each.id), each.name) for each in reversed(known)],
        address=str(request.url.path),
        titles=titles(words_of(request).language),
        most=COUNTED,
        **shown,
    )
