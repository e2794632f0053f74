"""Campaigns: made, filled with contacts, started and stopped, and how far they came."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from campaigns.campaign_faults import check_campaign
from campaigns.campaign_life import close_waiting, make
from campaigns.settings import SettingsError
from console.web.audit import Action, record
from console.web.campaign_form import flow_choices, titles
from console.web.campaign_view import (
    campaign_or_404,
    campaign_page,
    counts_of,
    progress_of,
    standing,
)
from console.web.policy_form import policy_in, usual
from console.web.roles import Permission, Viewer
from console.web.rules_asking import TypedRules, choices_of, wrong_rules
from console.web.searching import Id
from console.web.security import may
from console.web.site import site_of
from console.web.templating import render, words_of
from console.web.words import Language
from ivr.flow_model import FlowError
from store.errors import StoreError
from store.queries import campaign_named, campaigns, set_campaign_status
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
    rules: TypedRules,
    callback_number: Short = "",
    language: Short = "zh-CN",
    time_zone: Short = "Asia/Shanghai",
) -> Response:
    """Make a draft campaign, and go to its page."""
    site, words = site_of(request), words_of(request)
    typed = rules | {
        "name": name.strip(),
        "flow": flow,
        "company": company.strip(),
        "callback_number": callback_number.strip(),
        "language": language,
        "time_zone": time_zone.strip(),
    }
    if problem := _problem(typed):
        return _form(request, typed, words(problem), 422)
    try:
        policy = policy_in(typed, site.settings.campaign)
        with site.database.transaction() as session:
            if campaign_named(session, typed["name"]) is not None:
                return _form(request, typed, words("campaigns.name_taken"), 409)
            made = make(
                session,
                site.settings,
                typed["name"],
                site.clock(),
                **{key: typed[key] for key in ("flow", "company", "callback_number")},
                language=typed["language"],
                time_zone=typed["time_zone"],
                policy=policy,
            )
            record(
                session, viewer, Action.CAMPAIGN_CREATED, "campaign", made.id, {"flow": flow},
                site.clock(),
            )  # fmt: skip
    except (ValueError, SettingsError, StoreError) as error:
        return _form(request, typed, wrong_rules(error, words), 422)
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
    facts = campaign_or_404(request, campaign_id)
    status, action = STEPS[step]
    try:
        if status is CampaignStatus.RUNNING and facts.status is not status:
            check_campaign(site.database, site.settings, facts, site.clock())
        with site.database.transaction() as session:
            set_campaign_status(session, campaign_id, status, site.clock())
            record(session, viewer, action, "campaign", campaign_id, now=site.clock())
    except (SettingsError, FlowError) as error:
        return campaign_page(request, campaign_id, 409, str(error))
    except StoreError:
        return campaign_page(request, campaign_id, 409, words_of(request)("campaigns.step_refused"))
    closing = (
        BackgroundTask(close_waiting, site.database, campaign_id, site.clock())
        if status is CampaignStatus.CANCELLED
        else None
    )
    done = f"/campaigns/{campaign_id}?done={action.value}"
    return RedirectResponse(done, 303, background=closing)


def _problem(typed: Mapping[str, str]) -> str:
    """Return the words for what is wrong with a new campaign; empty: nothing is."""
    if not typed["name"] or not typed["company"]:
        return "campaigns.name_needed"
    choices = {each.id: each.languages for each in flow_choices(Language.CHINESE)}
    if typed["language"] not in choices.get(typed["flow"], ()):
        return "campaigns.flow_needed"
    try:
        ZoneInfo(typed["time_zone"])
    except (ValueError, KeyError, OSError):
        return "campaigns.rules_wrong"
    return ""


def _form(
    request: Request, typed: Mapping[str, str], problem: str = "", status: int = 200
) -> Response:
    settings = site_of(request).settings.campaign
    first = usual(settings) | {
        "name": "",
        "flow": "pre-delivery",
        "company": settings.company,
        "callback_number": settings.callback_number,
        "language": "zh-CN",
        "time_zone": settings.time_zone,
    }
    return render(
        request,
        "campaigns/new.html",
        status,
        typed=first | dict(typed),
        flows=[(each.id, each.title) for each in flow_choices(words_of(request).language)],
        problem=problem,
        **choices_of(request),
    )
