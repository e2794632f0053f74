"""The do-not-call list: looked through, searched, added to, and, with a reason, taken from."""

from __future__ import annotations

from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from campaigns.suppression_file import ListDefaults, written_list
from campaigns.tables import TableError
from console.list_exchange import ListRead, everything, take_list
from console.web.audit import Action, record
from console.web.bringing import plain_name
from console.web.masking import Page, Sight, sight
from console.web.roles import Permission, Viewer
from console.web.routes.manifests import attachment
from console.web.searching import LARGEST_ID, Id, phone_of
from console.web.security import may
from console.web.site import site_of
from console.web.suppression_source import source_view
from console.web.templating import render, words_of
from store.errors import StoreError
from store.people_queries import users
from store.suppression import suppress
from store.suppression_queries import SuppressionPage, suppressions, unsuppress
from store.types import SuppressionReason

router = APIRouter()

Sees = Annotated[Viewer, Depends(may(Permission.SEE_SUPPRESSION))]
Adds = Annotated[Viewer, Depends(may(Permission.ADD_SUPPRESSION))]
Lifts = Annotated[Viewer, Depends(may(Permission.LIFT_SUPPRESSION))]
Exports = Annotated[Viewer, Depends(may(Permission.EXPORT))]
Number = Annotated[str, Form(max_length=40)]

BY_HAND: Final = (
    SuppressionReason.OPERATOR,
    SuppressionReason.OPTED_OUT,
    SuppressionReason.COMPLAINT,
    SuppressionReason.WRONG_NUMBER,
)
"""What somebody may enter as a reason."""
FILES: Final = ("csv", "xlsx", "txt")
PROBLEMS_SHOWN: Final = 20
WHY_LIFTED: Final = ("entered_wrongly", "owner_asked", "owner_changed")


@router.get("/suppression")
def list_numbers(
    request: Request,
    viewer: Sees,
    reason: Annotated[str, Query(max_length=32)] = "",
    before: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """List the numbers that nobody calls, the newest first, masked."""
    chosen = SuppressionReason(reason) if reason in set(SuppressionReason) else None
    with site_of(request).database.reading() as session:
        page = suppressions(session, "", chosen, before or None)
    return _page(request, viewer, page, chosen=chosen, before=before)


@router.post("/suppression/search")
def search_number(request: Request, viewer: Sees, phone: Number = "") -> Response:
    """Say whether a number is on the list; that somebody asked is written down."""
    site = site_of(request)
    written = phone_of(phone, ZoneInfo(site.settings.campaign.time_zone))
    if not written:
        return _unreadable(request, viewer)
    with site.database.transaction() as session:
        page = suppressions(session, written)
        details = {"found": bool(page.lines)}
        record(
            session, viewer, Action.SUPPRESSION_SEARCHED, "suppression", "", details, site.clock()
        )
    return _page(request, viewer, page, sought=written)


@router.post("/suppression")
def add_number(
    request: Request,
    viewer: Adds,
    phone: Number,
    reason: Annotated[SuppressionReason, Form()],
    merchant: Annotated[str, Form(max_length=200)] = "",
    evidence: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Never call a number again; who waits to be called there is closed at once."""
    site = site_of(request)
    written = phone_of(phone, ZoneInfo(site.settings.campaign.time_zone))
    if not written or reason not in BY_HAND:
        return _unreadable(request, viewer)
    with site.database.transaction() as session:
        whose = " ".join(merchant.split())
        is_new = suppress(
            session, written, reason, site.clock(), f"user {viewer.user_id}",
            merchant=whose, evidence=evidence.strip(),
        )  # fmt: skip
        if is_new:
            entry = suppressions(session, written, limit=1, merchant=whose).lines[0].id
            details = {"reason": reason.value}
            record(
                session, viewer, Action.SUPPRESSION_ADDED, "suppression", entry, details,
                site.clock(),
            )  # fmt: skip
    done = "suppression_added" if is_new else "suppression_known"
    return RedirectResponse(f"/suppression?done={done}", 303)


@router.post("/suppression/list")
def take_numbers(
    request: Request,
    viewer: Adds,
    file: Annotated[UploadFile, File()],
    reason: Annotated[SuppressionReason, Form()] = SuppressionReason.LISTED,
    merchant: Annotated[str, Form(max_length=200)] = "",
    evidence: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Take a whole list in; lines that can't be used are told, the others count at once."""
    site = site_of(request)
    name = plain_name(file.filename or "")
    defaults = ListDefaults(
        ZoneInfo(site.settings.campaign.time_zone),
        reason,
        " ".join(merchant.split()),
        evidence.strip() or name,
    )
    source, now = f"user {viewer.user_id}", site.clock()
    try:
        read = take_list(site.database, name, file.file.read(), defaults, source, now)
    except TableError as error:
        return _refused(request, viewer, str(error), 422)
    with site.database.transaction() as session:
        details = {"rows": read.taken.new + read.taken.known, "new": read.taken.new}
        record(session, viewer, Action.SUPPRESSION_IMPORTED, "suppression", "", details, now)
        page = suppressions(session)
    return _page(request, viewer, page, taken=(name, read))


@router.get("/suppression/list")
def give_numbers(
    request: Request,
    viewer: Exports,
    merchant: Annotated[str, Query(max_length=200)] = "",
    kind: Annotated[str, Query(max_length=8)] = "csv",
) -> Response:
    """Return the list with whole numbers as a file; that it was taken is written down."""
    site = site_of(request)
    name = f"do-not-call.{kind if kind in FILES else 'csv'}"
    whose = " ".join(merchant.split()) or None
    lines = tuple(everything(site.database, whose))
    content = written_list(name, lines, ZoneInfo(site.settings.campaign.time_zone))
    with site.database.transaction() as session:
        details = {"rows": len(lines)}
        record(
            session, viewer, Action.SUPPRESSION_EXPORTED, "suppression", "", details, site.clock()
        )
    return attachment(content, name, "application/octet-stream")


@router.post("/suppression/{entry}/lift")
def lift_number(
    request: Request, viewer: Lifts, entry: Id, why: Annotated[str, Form(max_length=32)] = ""
) -> Response:
    """Take a number off the list for a reason; who asked never to be called stays on it."""
    site = site_of(request)
    if why not in WHY_LIFTED:
        return _refused(request, viewer, words_of(request)("suppression.why_needed"), 422)
    try:
        with site.database.transaction() as session:
            was = unsuppress(session, entry)
            details = {"reason": was.reason.value, "why": why}
            record(
                session, viewer, Action.SUPPRESSION_LIFTED, "suppression", entry, details,
                site.clock(),
            )  # fmt: skip
    except StoreError:
        return _refused(request, viewer, words_of(request)("suppression.stays"), 409)
    return RedirectResponse("/suppression?done=suppression_lifted", 303)


def _unreadable(request: Request, viewer: Viewer) -> Response:
    return _refused(request, viewer, words_of(request)("suppression.unreadable"), 422)


def _refused(request: Request, viewer: Viewer, problem: str, status: int) -> Response:
    with site_of(request).database.reading() as session:
        page = suppressions(session)
    return _page(request, viewer, page, problem=problem, status=status)


def _page(
    request: Request,
    viewer: Viewer,
    page: SuppressionPage,
    *,
    chosen: SuppressionReason | None = None,
    sought: str = "",
    before: int = 0,
    problem: str = "",
    status: int = 200,
    taken: tuple[str, ListRead] | None = None,
) -> Response:
    with site_of(request).database.reading() as session:
        names = {each.id: each.name for each in users(session)}
    # Whoever typed a number knows it.
    eyes = Sight(full=True) if sought else sight(viewer.role, Page.LIST)
    return render(
        request,
        "suppression.html",
        status,
        numbers=[
            (
                each,
                eyes.phone(each.phone),
                source_view(each.source, names),
                eyes.words(each.evidence, (each.phone,)),
            )
            for each in page.lines
        ],
        following=page.next if not sought else None,
        before=before,
        chosen="" if chosen is None else chosen.value,
        sought=sought,
        problem=problem,
        reasons=tuple(SuppressionReason),
        by_hand=BY_HAND,
        opted_out=SuppressionReason.OPTED_OUT,
        why_lifted=WHY_LIFTED,
        taken=taken,
        problems_shown=PROBLEMS_SHOWN,
        listed=SuppressionReason.LISTED,
    )
