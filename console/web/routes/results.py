"""What came of a campaign, apart: by script, region, merchant, hour, pilot and control."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from campaigns.results import By, Results, Share, cells, differ, results_of
from console.web import formats
from console.web.campaign_view import campaign_or_404, counted_of
from console.web.counted import Count
from console.web.roles import Permission, Viewer
from console.web.routes.manifests import attachment, harmless
from console.web.searching import Id
from console.web.security import may
from console.web.site import site_of
from console.web.templating import render
from store.results import result_rows

router = APIRouter()

Sees = Annotated[Viewer, Depends(may(Permission.SEE_CAMPAIGNS))]
Exports = Annotated[Viewer, Depends(may(Permission.EXPORT))]
Apart = Annotated[str, Query(max_length=32)]
COMPARED: Final = frozenset({By.SCRIPT, By.PILOT})
"""Of these it is said whether two groups differ."""


@router.get("/campaigns/{campaign_id}/results")
def show_results(
    request: Request, viewer: Sees, campaign_id: Id, by: Apart = By.SCRIPT.value
) -> Response:
    """Show what came of the groups of a campaign, with 95 % confidence intervals."""
    facts = campaign_or_404(request, campaign_id)
    chosen = By(by) if by in set(By) else By.SCRIPT
    counted = _counted(request, campaign_id, chosen)
    found = () if counted is None else counted.value
    called = [each for each in found if each.called]
    told = None
    if chosen in COMPARED and len(called) == 2:
        told = differ(called[0].settled, called[1].settled)
    return render(
        request,
        "campaigns/results.html",
        campaign=facts,
        by=chosen,
        ways=tuple(By),
        counted_at=None if counted is None else counted.at,
        groups=[_shown(each) for each in found],
        told=told,
    )


@router.get("/campaigns/{campaign_id}/results.csv")
def take_results(
    request: Request, viewer: Exports, campaign_id: Id, by: Apart = By.SCRIPT.value
) -> Response:
    """Return the same as a file, with both ends of every interval, from 0 to 1."""
    campaign_or_404(request, campaign_id)
    chosen = By(by) if by in set(By) else By.SCRIPT
    with site_of(request).database.reading() as session:
        lines = [cells(each) for each in results_of(result_rows(session, campaign_id), chosen)]
    text = io.StringIO()
    table = csv.DictWriter(text, list(lines[0]) if lines else ["group"])
    table.writeheader()
    table.writerows({**line, "group": harmless(line["group"])} for line in lines)
    name = f"results-{campaign_id}-{chosen.value}.csv"
    return attachment(text.getvalue().encode("utf-8-sig"), name, "text/csv; charset=utf-8")


def _counted(request: Request, campaign_id: int, by: By) -> Count[tuple[Results, ...]] | None:
    database = site_of(request).database

    def count() -> tuple[Results, ...]:
        with database.reading() as session:
            return results_of(result_rows(session, campaign_id), by)

    return counted_of(request).get(("results", campaign_id, by.value), count)


def _shown(each: Results) -> dict[str, Any]:
    return {
        "group": each.group,
        "contacts": each.contacts,
        "called": each.called,
        "rates": tuple(map(_rate, (each.reached, each.settled, each.opted_out))),
        "talk_seconds": each.talk_seconds if each.reached.part else None,
    }


def _rate(share: Share) -> tuple[int, str, str]:
    """Return how many, the share, and between what the true one lies."""
    if share.interval is None:
        return share.part, formats.MISSING, ""
    low, high = (formats.share(end, 1) for end in share.interval)
    return share.part, formats.share(share.share, 1), f"{low}–{high}"
