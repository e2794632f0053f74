"""Campaigns: made, filled with contacts, started and stopped, and how far they came."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.web.audit import Action, record
from console.web.campaign_form import flow_choices, policy_in, titles
from console.web.campaign_view import (
    campaign_or_404,
    campaign_page,
    counts_of,
    progress_of,
    standing,
)
from console.web.roles import Permission, Viewer
from console.web.searching import Id
from console.web.security import may
from console.web.site import Site, site_of
from console.web.templating import render, words_of
from console.web.words import Language
from store.errors import StoreError
from store.queries import campaign_named, campaigns, create_campaign, set_campaign_status
from store.types import CampaignStatus

router = APIRouter()

Sees = Annotated[Viewer, Depends(may(Permission.SEE_CAMPAIGNS))]
Runs = Annotated[Viewer, Depends(may(Permission.RUN_CAMPAIGNS))]
Short = Annotated[str, Form(max_length=80)]

STEPS: Final[Mapping[str, tuple[CampaignStatus, Action]]] = MappingProxyType(
    {
        "start": (CampaignStatus.RUNNING, Action.CAMPAIGN_STARTED),
        "pause": (CampaignStatus.PAUSED, Action.CAMPAIGN_PAUSED),
        "cancel": (CampaignStatus.CANCELLED, Action.CAMPAIGN_CANCELLED),
    }
)


@router.get("/campaigns")
def list_campaigns(request: Request, viewer: Sees) -> Response:
    """List the campaigns, the newest first, and how far they have come."""
    site = site_of(request)
    with site.database.reading() as session:
        known = campaigns(session)
    counts = counts_of(request)
    words = words_of(request)
    return render(
        request,
        "campaigns.html",
        campaigns=tuple(reversed(known)),
        titles=titles(words.language),
        counted_at=None if counts is None else counts.at,
        standings={}
        if counts is None
        else {each.id: standing(counts.value.get(each.id, {}), words) for each in known},
    )


@router.get("/campaigns/new")
def ask_campaign(request: Request, viewer: Runs) -> Response:
    """Show the form of a new campaign."""
    return _form(request, {})


@router.post("/campaigns")
def make_campaign(
    request: Request,
    viewer: Runs,
    name: Short,
    flow: Short,
    company: Short,
    callback_number: Short = "",
    language: Short = "zh-CN",
    time_zone: Short = "Asia/Shanghai",
    calling_window: Short = "",
    max_attempts: Short = "",
    max_concurrent_calls: Short = "",
    record_calls: Short = "",
    recording_notice: Short = "",
) -> Response:
    """Make a draft campaign, and go to its page."""
    site, words = site_of(request), words_of(request)
    typed = {
        "name": name.strip(),
        "flow": flow,
        "company": company.strip(),
        "callback_number": callback_number.strip(),
        "language": language,
        "time_zone": time_zone.strip(),
        "calling_window": calling_window,
        "max_attempts": max_attempts,
        "max_concurrent_calls": max_concurrent_calls,
        "record_calls": record_calls,
        "recording_notice": recording_notice,
    }
    if problem := _problem(site, typed):
        return _form(request, typed, words(problem), 422)
    with site.database.transaction() as session:
        if campaign_named(session, typed["name"]) is not None:
            return _form(request, typed, words("campaigns.name_taken"), 409)
        made = create_campaign(
            session,
            **{key: typed[key] for key in ("name", "flow", "company", "callback_number")},
            language=typed["language"],
            time_zone=typed["time_zone"],
            policy=policy_in(typed, site.settings.campaign),
            now=site.clock(),
        )
        record(
            session, viewer, Action.CAMPAIGN_CREATED, "campaign", made.id, {"flow": flow},
            site.clock(),
        )  # fmt: skip
    return RedirectResponse(f"/campaigns/{made.id}?done=campaign_created", 303)


@router.get("/campaigns/{campaign_id}")
def show_campaign(request: Request, viewer: Sees, campaign_id: Id) -> Response:
    """Show a campaign, its manifests and how far it has come."""
    return campaign_page(request, campaign_id)


@router.get("/campaigns/{campaign_id}/progress")
def show_progress(request: Request, viewer: Sees, campaign_id: Id) -> Response:
    """Return the part of a campaign's page that changes while it runs."""
    facts = campaign_or_404(request, campaign_id)
    return render(request, "campaigns/progress.html", **progress_of(request, facts))


@router.post("/campaigns/{campaign_id}/steps/{step}")
def step_campaign(request: Request, viewer: Runs, campaign_id: Id, step: str) -> Response:
    """Start, pause, go on with or cancel a campaign."""
    if step not in STEPS:
        raise HTTPException(404)
    site = site_of(request)
    campaign_or_404(request, campaign_id)
    status, action = STEPS[step]
    try:
        with site.database.transaction() as session:
            set_campaign_status(session, campaign_id, status, site.clock())
            record(session, viewer, action, "campaign", campaign_id, now=site.clock())
    except StoreError:
        return campaign_page(request, campaign_id, 409, words_of(request)("campaigns.step_refused"))
    return RedirectResponse(f"/campaigns/{campaign_id}?done={action.value}", 303)


def _problem(site: Site, typed: Mapping[str, str]) -> str:
    """Return the words for what is wrong with a new campaign; empty: nothing is."""
    if not typed["name"] or not typed["company"]:
        return "campaigns.name_needed"
    choices = {each.id: each.languages for each in flow_choices(Language.CHINESE)}
    if typed["language"] not in choices.get(typed["flow"], ()):
        return "campaigns.flow_needed"
    try:
        ZoneInfo(typed["time_zone"])
        policy_in(typed, site.settings.campaign)
    except (ValueError, KeyError, OSError):
        return "campaigns.rules_wrong"
    return ""


def _form(
    request: Request, typed: Mapping[str, str], problem: str = "", status: int = 200
) -> Response:
    settings = site_of(request).settings.campaign
    usual = {
        "name": "",
        "flow": "pre-delivery",
        "company": settings.company,
        "callback_number": settings.callback_number,
        "language": "zh-CN",
        "time_zone": settings.time_zone,
        "calling_window": settings.calling_window,
        "max_attempts": "" if settings.max_attempts is None else str(settings.max_attempts),
        "max_concurrent_calls": str(settings.max_concurrent_calls),
        "record_calls": "true" if settings.record_calls else "",
        "recording_notice": "true" if settings.recording_notice else "",
    }
    return render(
        request,
        "campaigns/new.html",
        status,
        typed=usual | dict(typed),
        flows=[(each.id, each.title) for each in flow_choices(words_of(request).language)],
        problem=problem,
    )
