"""Manifests: brought in, looked through, and taken away with what the calls settled."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import PurePath
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile

from campaigns.importer import ImportReport
from campaigns.write_back import completed_copy
from console.api import manifest_schemas as schemas
from console.api import showing_campaigns as showing
from console.api.asking import Configured, Now, Store
from console.api.paging import Page, PageQuery, cursor_at, id_at, page_of
from console.api.problems import nothing_here
from console.api.words import Id
from console.web.audit import Action, record
from console.web.bringing import bring
from console.web.roles import Permission, Viewer
from console.web.security import may
from store.api_queries import campaign_times, manifest_record, manifest_rows
from store.rows import campaign_manifests

router = APIRouter(tags=["manifests"])

Sees = Annotated[Viewer, Depends(may(Permission.SEE_CAMPAIGNS))]
Runs = Annotated[Viewer, Depends(may(Permission.RUN_CAMPAIGNS))]
Exports = Annotated[Viewer, Depends(may(Permission.EXPORT))]

SHOWN: Final = 100
_TYPES: Final = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@router.get("/campaigns/{campaign_id:int}/manifests")
def list_manifests(
    _viewer: Sees,
    store: Store,
    campaign_id: Id,
    wanted: Annotated[PageQuery, Query()],
) -> Page[schemas.Manifest]:
    """List the manifests of a campaign, oldest first."""
    after = id_at(wanted.cursor) or 0
    with store.reading() as session:
        if campaign_times(session, campaign_id) is None:
            raise nothing_here(f"campaign {campaign_id}")
        ids = [each for each in campaign_manifests(session, campaign_id) if each > after]
        rows = [manifest_record(session, each) for each in ids[: wanted.limit]]
    shown = [showing.manifest(each) for each in rows if each is not None]
    return page_of(shown, cursor_at(shown[-1].id) if len(ids) > wanted.limit else None)


@router.post("/campaigns/{campaign_id:int}/manifests", status_code=HTTPStatus.CREATED)
def import_file(
    viewer: Runs,
    store: Store,
    settings: Configured,
    now: Now,
    campaign_id: Id,
    file: Annotated[UploadFile, File(description="A manifest, CSV or XLSX.")],
    response: Response,
) -> schemas.Import:
    """Import a manifest; rows with problems stay out. The very same file again changes nothing."""
    with store.reading() as session:
        campaign = campaign_times(session, campaign_id)
    if campaign is None:
        raise nothing_here(f"campaign {campaign_id}")
    report = bring(store, settings, viewer, campaign.facts, file, now)
    response.headers["Location"] = f"/api/manifests/{report.manifest_id}"
    return _import(report)


@router.get("/manifests/{manifest_id:int}")
def get_manifest(_viewer: Sees, store: Store, manifest_id: Id) -> schemas.Manifest:
    """Return one manifest."""
    with store.reading() as session:
        row = manifest_record(session, manifest_id)
    if row is None:
        raise nothing_here(f"manifest {manifest_id}")
    return showing.manifest(row)


@router.get("/manifests/{manifest_id:int}/rows")
def list_rows(
    _viewer: Runs, store: Store, manifest_id: Id, wanted: Annotated[schemas.RowQuery, Query()]
) -> Page[schemas.ManifestRow]:
    """List the rows of a manifest: whom each became, or what is wrong with it."""
    with store.reading() as session:
        if manifest_record(session, manifest_id) is None:
            raise nothing_here(f"manifest {manifest_id}")
        rows = manifest_rows(
            session,
            manifest_id,
            id_at(wanted.cursor) or 0,
            wanted.limit + 1,
            only_problems=wanted.only_problems,
        )
    shown = [
        schemas.ManifestRow(
            number=each.number,
            contact_id=each.contact_id,
            waybill=each.waybill,
            problems=list(each.problems),
        )
        for each in rows[: wanted.limit]
    ]
    return page_of(shown, cursor_at(shown[-1].number) if len(rows) > wanted.limit else None)


@router.get(
    "/manifests/{manifest_id:int}/completed",
    response_class=Response,
    responses={200: {"content": {each: {} for each in _TYPES.values()}}},
)
def get_completed(
    viewer: Exports, store: Store, settings: Configured, now: Now, manifest_id: Id
) -> Response:
    """Return the file as it was imported, with what the calls settled in further columns."""
    with store.reading() as session:
        if manifest_record(session, manifest_id) is None:
            raise nothing_here(f"manifest {manifest_id}")
    name, content = completed_copy(store, settings.data_dir / "results", manifest_id)
    with store.transaction() as session:
        record(session, viewer, Action.MANIFEST_TAKEN, "manifest", manifest_id, now=now)
    return Response(
        content,
        media_type=_TYPES[PurePath(name).suffix.lower()],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )


def _import(report: ImportReport) -> schemas.Import:
    return schemas.Import(
        manifest_id=report.manifest_id,
        file_name=report.file_name,
        rows=report.rows,
        new=report.new,
        updated=report.updated,
        unchanged=report.unchanged,
        suppressed=report.suppressed,
        left_alone=[
            schemas.RowLeftAlone(row=each.row, waybill=each.waybill, why=each.why)
            for each in report.left_alone[:SHOWN]
        ],
        problems=[
            schemas.RowProblem(
                row=each.row, column=each.column, what=each.what, what_to_do=each.what_to_do
            )
            for each in report.problems[:SHOWN]
        ],
        problem_count=len(report.problems),
        imported_before_at=report.imported_before_at,
    )
