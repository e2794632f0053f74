"""The rules of a campaign, changed while it is not over."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from campaigns.campaign_life import check, set_scope
from campaigns.rules import rules_of
from campaigns.settings import SettingsError
from console.web.audit import Action, record
from console.web.campaign_view import campaign_or_404, campaign_page
from console.web.policy_form import usual, with_rules
from console.web.roles import Permission, Viewer
from console.web.rules_asking import TypedRules, choices_of, wrong_rules
from console.web.searching import Id
from console.web.security import may
from console.web.site import site_of
from console.web.templating import render, words_of
from store.api_queries import change_campaign
from store.errors import StoreError
from store.values import CampaignFacts

router = APIRouter()

Runs = Annotated[Viewer, Depends(may(Permission.RUN_CAMPAIGNS))]


@router.get("/campaigns/{campaign_id}/rules")
def ask_rules(request: Request, viewer: Runs, campaign_id: Id) -> Response:
    """Show the rules of a campaign as a form."""
    facts = campaign_or_404(request, campaign_id)
    return _form(request, facts, usual(site_of(request).settings.campaign, facts.policy))


@router.post("/campaigns/{campaign_id}/rules")
def change_rules(request: Request, viewer: Runs, campaign_id: Id, typed: TypedRules) -> Response:
    """Change the rules of a campaign; another scope closes and opens contacts at once."""
    site, words = site_of(request), words_of(request)
    settings = site.settings
    facts = campaign_or_404(request, campaign_id)
    if facts.status.is_over:
        return campaign_page(request, campaign_id, 409, words("campaigns.step_refused"))
    try:
        policy = with_rules(facts.policy, typed, settings.campaign)
        now = usual(settings.campaign, policy)
        scope = rules_of(settings.campaign, policy, facts.flow, settings.calling).scope
        with site.database.transaction() as session:
            check(session, settings, facts.flow, policy, facts.time_zone, site.clock())
            change_campaign(session, campaign_id, {"policy": policy})
            record(
                session, viewer, Action.CAMPAIGN_CHANGED, "campaign", campaign_id, now=site.clock()
            )
    except (ValueError, SettingsError, StoreError) as error:
        return _form(request, facts, typed, wrong_rules(error, words), 422)
    was = usual(settings.campaign, facts.policy)
    task = None
    if any(was[name] != now[name] for name in was if name.startswith("scope_")):
        # With many contacts it takes a while.
        task = BackgroundTask(set_scope, site.database, settings, campaign_id, scope, site.clock())
    done = f"/campaigns/{campaign_id}?done=campaign_changed"
    return RedirectResponse(done, 303, background=task)


def _form(
    request: Request,
    facts: CampaignFacts,
    typed: dict[str, str],
    problem: str = "",
    status: int = 200,
) -> Response:
    return render(
        request,
        "campaigns/change.html",
        status,
        campaign=facts,
        typed=typed,
        problem=problem,
        **choices_of(request),
    )
