"""Manifests: brought into a campaign, and taken back with what its calls settled."""

from __future__ import annotations

import csv
import io
from functools import partial
from pathlib import PurePath
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from campaigns.manifest import ManifestError
from campaigns.write_back import completed_copy
from console.web.audit import Action, record
from console.web.bringing import bring
from console.web.campaign_view import campaign_or_404, campaign_page, counted_anew
from console.web.roles import Permission, Viewer
from console.web.searching import Id, existing
from console.web.security import may
from console.web.site import site_of
from console.web.templating import words_of
from ivr.flow_model import FlowError
from store.manifest_queries import row_problems
from store.rows import manifest_file

router = APIRouter()

Runs = Annotated[Viewer, Depends(may(Permission.RUN_CAMPAIGNS))]
Exports = Annotated[Viewer, Depends(may(Permission.EXPORT))]


@router.post("/campaigns/{campaign_id}/manifests")
def bring_manifest(
    request: Request, viewer: Runs, campaign_id: Id, file: Annotated[UploadFile, File()]
) -> Response:
    """Import a manifest and show what became of its rows."""
    site, words = site_of(request), words_of(request)
    facts = campaign_or_404(request, campaign_id)
    try:
        report = bring(site.database, site.settings, viewer, facts, file, site.clock())
    except ManifestError as error:
        return campaign_page(request, campaign_id, 422, str(error))
    except FlowError:
        return campaign_page(
            request, campaign_id, 409, words("campaigns.flow_gone", flow=facts.flow)
        )
    counted_anew(request, campaign_id)
    return campaign_page(request, campaign_id, report=report)


@router.get("/campaigns/{campaign_id}/manifests/{manifest_id}/problems")
def take_problems(request: Request, viewer: Runs, campaign_id: Id, manifest_id: Id) -> Response:
    """Return the rows of a manifest that stayed out, as a file to work through."""
    words = words_of(request)
    with site_of(request).database.reading() as session:
        manifest = existing(partial(manifest_file, session, manifest_id))
        if manifest.campaign_id != campaign_id:
            raise HTTPException(404)
        problems = row_problems(session, manifest_id)
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow((words("campaigns.row"), words("campaigns.problem")))
    for each in problems:
        table.writerows((each.row, harmless(problem)) for problem in each.problems)
    name = f"{PurePath(manifest.file_name).stem}.problems.csv"
    return attachment(text.getvalue().encode("utf-8-sig"), name, "text/csv; charset=utf-8")


@router.get("/campaigns/{campaign_id}/manifests/{manifest_id}/completed")
def take_completed(request: Request, viewer: Exports, campaign_id: Id, manifest_id: Id) -> Response:
    """Return a manifest as dispatch gets it back; that it was taken is written down."""
    site = site_of(request)
    with site.database.reading() as session:
        manifest = existing(partial(manifest_file, session, manifest_id))
    if manifest.campaign_id != campaign_id:
        raise HTTPException(404)
    name, content = completed_copy(site.database, site.settings.data_dir / "results", manifest_id)
    with site.database.transaction() as session:
        record(session, viewer, Action.MANIFEST_TAKEN, "manifest", manifest_id, now=site.clock())
    return attachment(content, name, "application/octet-stream")


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """Return a file that the browser keeps instead of showing it."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
