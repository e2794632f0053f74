"""Calls of which nobody knows what became of them: listed, compared with the provider's list, and
settled by whoever found it out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, File, Form, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from campaigns.cdr import CdrError, CdrFile, key_of, read_cdr, refuse_incomplete
from campaigns.labels import LabelLanguage, Shelf, label
from campaigns.reconcile import OPERATOR_SAYS, Doubt, Finding, Told, by_cdr, strangers
from campaigns.reconcile_writing import known_call_ids, write_fate
from console.web.audit import Action, Details, record
from console.web.bringing import plain_name
from console.web.call_page import label_language
from console.web.masking import Page, sight
from console.web.roles import Permission, Viewer
from console.web.searching import Id
from console.web.security import may
from console.web.site import Site, site_of
from console.web.templating import render, words_of
from console.web.words import Words
from store.errors import StaleClaimError
from store.reconciliation_models import Evidence
from store.reconciliations import Resolution, unknown_fates

router = APIRouter()

Runs = Annotated[Viewer, Depends(may(Permission.RUN_CAMPAIGNS))]
NEVER_RANG: Final = "never_rang"


@dataclass(frozen=True, slots=True)
class Compared:
    """What a list of calls told."""

    file: CdrFile
    name: str
    findings: tuple[Finding, ...]
    foreign: int
    """Lines that name no call of ours."""
    applied: bool
    written: int = 0
    again: int = 0
    """Of those written, who is called again, since no telephone rang."""


@router.get("/reconcile")
def list_unknown(request: Request, viewer: Runs) -> Response:
    """List the calls of which nobody knows what became of them, numbers masked."""
    return _page(request, viewer)


@router.post("/reconcile/cdr")
def compare_list(
    request: Request,
    viewer: Runs,
    file: Annotated[UploadFile, File()],
    trunk: Annotated[str, Form(max_length=64)] = "",
    complete: Annotated[bool, Form()] = False,
    apply: Annotated[bool, Form()] = False,
) -> Response:
    """Compare with the provider's list of calls, and write down what it tells where wished."""
    site = site_of(request)
    zone = ZoneInfo(site.settings.campaign.time_zone)
    name = plain_name(file.filename or "")
    try:
        listed = read_cdr(name, file.file.read(), zone)
        if complete:
            refuse_incomplete(listed)
    except CdrError as error:
        return _page(request, viewer, problem=str(error), status=422)
    with site.database.reading() as session:
        fates = unknown_fates(session)
        ours = frozenset(map(key_of, known_call_ids(session)))
    findings = by_cdr(fates, listed.lines, complete=complete, trunk=trunk.strip())
    written, again = _write(site, viewer, name, findings) if apply else (0, 0)
    foreign = len(strangers(listed.lines, ours))
    compared = Compared(listed, name, findings, foreign, apply, written, again)
    return _page(request, viewer, compared=compared)


@router.post("/reconcile/{attempt_id}")
def tell_fate(
    request: Request,
    viewer: Runs,
    attempt_id: Id,
    outcome: Annotated[str, Form(max_length=32)] = "",
    note: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Write down what somebody found out about one call."""
    site, words = site_of(request), words_of(request)
    told = OPERATOR_SAYS.get(outcome)
    if told is None or not note.strip():
        return _page(request, viewer, problem=words("reconcile.say_how"), status=422)
    now = site.clock()
    resolution = Resolution(Evidence.OPERATOR, now, f"user {viewer.user_id}", note.strip())
    try:
        with site.database.transaction() as session:
            decision = write_fate(session, site.settings, attempt_id, told, resolution)
            details: Details = {"outcome": outcome, "again": decision.retry_at is not None}
            record(session, viewer, Action.FATE_TOLD, "call", attempt_id, details, now)
    except StaleClaimError:
        return _page(request, viewer, problem=words("reconcile.known_already"), status=409)
    done = "fate_told" if decision.retry_at is None else "fate_told_again"
    return RedirectResponse(f"/reconcile?done={done}", 303)


def _write(site: Site, viewer: Viewer, name: str, findings: Iterable[Finding]) -> tuple[int, int]:
    """Write down what a list tells; return of how many calls, and how many are made again."""
    written = again = 0
    for finding in findings:
        if not isinstance(told := finding.told, Told):
            continue
        evidence = ", ".join(filter(None, (name, told.evidence)))
        resolution = Resolution(
            Evidence.CDR, site.clock(), f"user {viewer.user_id}", evidence=evidence
        )
        try:
            with site.database.transaction() as session:
                decision = write_fate(
                    session, site.settings, finding.fate.attempt_id, told, resolution
                )
        except StaleClaimError:
            continue
        written += 1
        again += decision.retry_at is not None
    with site.database.transaction() as session:
        details = {"calls": written, "again": again}
        record(session, viewer, Action.CDR_COMPARED, "call", "", details, site.clock())
    return written, again


def _page(
    request: Request,
    viewer: Viewer,
    *,
    compared: Compared | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    words, eyes = words_of(request), sight(viewer.role, Page.LIST)
    with site_of(request).database.reading() as session:
        fates = unknown_fates(session)
    labels = label_language(words.language)
    findings = () if compared is None else compared.findings
    return render(
        request,
        "reconcile.html",
        status,
        fates=[(each, eyes.phone(each.phone)) for each in fates],
        compared=compared,
        findings=[
            (each.fate, eyes.phone(each.fate.phone), *_told(each.told, words, labels))
            for each in findings
        ],
        choices=[
            (word, words("reconcile.never_rang") if word == NEVER_RANG else _label(told, labels))
            for word, told in OPERATOR_SAYS.items()
        ],
        problem=problem,
    )


def _told(told: Told | Doubt, words: Words, labels: LabelLanguage) -> tuple[str, str, bool]:
    """Return what is known of a call, by what, and whether it may be made again."""
    if isinstance(told, Doubt):
        return words(f"reconcile.doubt.{told.name.lower()}"), "", False
    ended = label(Shelf.DISPOSITION, told.disposition, labels)
    return f"{ended} · {_label(told, labels)}", told.evidence, told.never_rang


def _label(told: Told, labels: LabelLanguage) -> str:
    return label(Shelf.OUTCOME, told.outcome, labels)
