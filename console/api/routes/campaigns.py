"""Campaigns: made, changed, started, paused, resumed, cancelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.orm import Session

from campaigns.campaign_faults import check_campaign
from campaigns.rules import rules_of
from campaigns.settings import Settings, SettingsError
from console.api import showing_campaigns as showing
from console.api.asking import (
    Configured,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    Now,
    Store,
    etag_of,
    expect,
    is_same,
    once,
)
from console.api.campaign_schemas import (
    Campaign,
    CampaignChange,
    CampaignDraft,
    CampaignPolicy,
    CampaignProgress,
    CampaignQuery,
)
from console.api.paging import Page, cursor_at, id_at, page_of
from console.api.problems import conflict, nothing_here
from console.api.words import Id
from console.web.audit import Action, record
from console.web.roles import Permission, Viewer
from console.web.security import may
from ivr.flow import flows
from ivr.flow_model import FlowError
from store.api_queries import (
    CampaignTimes,
    campaign_times,
    campaigns_after,
    change_campaign,
)
from store.database import Database
from store.flow_publications import publications
from store.queries import create_campaign, progress, set_campaign_status
from store.types import CampaignStatus

router = APIRouter(prefix="/campaigns", tags=["campaigns"])

Sees = Annotated[Viewer, Depends(may(Permission.SEE_CAMPAIGNS))]
Runs = Annotated[Viewer, Depends(may(Permission.RUN_CAMPAIGNS))]


@router.get("")
def list_campaigns(
    _viewer: Sees, store: Store, wanted: Annotated[CampaignQuery, Query()]
) -> Page[Campaign]:
    """List campaigns, in the order they were made."""
    with store.reading() as session:
        rows = campaigns_after(session, id_at(wanted.cursor) or 0, wanted.limit + 1, wanted.status)
    shown = [showing.campaign(each) for each in rows[: wanted.limit]]
    return page_of(shown, cursor_at(shown[-1].id) if len(rows) > wanted.limit else None)


@router.post("", status_code=HTTPStatus.CREATED)
def make_campaign(
    viewer: Runs,
    store: Store,
    settings: Configured,
    now: Now,
    draft: CampaignDraft,
    response: Response,
    key: IdempotencyKey = None,
) -> Campaign:
    """Make a campaign; it is a draft until it is started, and has nobody to call yet."""
    policy = _policy_of(draft.policy, settings)
    _check_zone(draft.time_zone)
    with store.transaction() as session:
        _check_flow(session, draft.flow)

        def create() -> int:
            made = create_campaign(
                session,
                name=draft.name,
                flow=draft.flow,
                company=draft.company or settings.campaign.company,
                now=now,
                language=draft.language,
                time_zone=draft.time_zone or settings.campaign.time_zone,
                callback_number=(
                    settings.campaign.callback_number
                    if draft.callback_number is None
                    else draft.callback_number
                ),
                policy=policy,
            )
            record(session, viewer, Action.CAMPAIGN_CREATED, "campaign", made.id, now=now)
            return made.id

        campaign_id, _is_new = once(session, viewer, key, draft, now, create)
        shown = showing.campaign(_existing(session, campaign_id))
    response.headers["Location"] = f"/api/campaigns/{campaign_id}"
    response.headers["ETag"] = etag_of(shown)
    return shown


@router.get("/{campaign_id:int}")
def get_campaign(
    _viewer: Sees, store: Store, campaign_id: Id, response: Response, known: IfNoneMatch = None
) -> Campaign:
    """Return one campaign."""
    with store.reading() as session:
        shown = showing.campaign(_existing(session, campaign_id))
    etag = etag_of(shown)
    if is_same(etag, known):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})  # type: ignore[return-value]  # FastAPI passes an answer on as it is
    response.headers["ETag"] = etag
    return shown


@router.patch("/{campaign_id:int}")
def change(
    viewer: Runs,
    store: Store,
    settings: Configured,
    now: Now,
    campaign_id: Id,
    changes: CampaignChange,
    response: Response,
    if_match: IfMatch = None,
) -> Campaign:
    """Change a campaign that is not over; needs If-Match. A running one reads it when it starts."""
    values = dict(_values(changes, settings))
    with store.transaction() as session:
        row = _existing(session, campaign_id)
        expect(etag_of(showing.campaign(row)), if_match, required=True)
        if row.facts.status.is_over:
            raise conflict(f"Campaign {campaign_id} is {row.facts.status.value}; make a new one.")
        if values:
            change_campaign(session, campaign_id, values)
            record(session, viewer, Action.CAMPAIGN_CHANGED, "campaign", campaign_id, now=now)
            session.expire_all()
        shown = showing.campaign(_existing(session, campaign_id))
    response.headers["ETag"] = etag_of(shown)
    return shown


@router.get("/{campaign_id:int}/progress")
def get_progress(_viewer: Sees, store: Store, campaign_id: Id) -> CampaignProgress:
    """Tell how far a campaign has come; it counts all its contacts."""
    with store.reading() as session:
        _existing(session, campaign_id)
        return showing.progress(progress(session, campaign_id))


def _step_to(status: CampaignStatus, action: Action, told: str) -> Callable[..., Campaign]:
    def take_step(
        viewer: Runs,
        store: Store,
        settings: Configured,
        now: Now,
        campaign_id: Id,
        response: Response,
        if_match: IfMatch = None,
    ) -> Campaign:
        if status is CampaignStatus.RUNNING:
            _see_that_it_can_run(store, settings, campaign_id, now)
        with store.transaction() as session:
            row = _existing(session, campaign_id)
            expect(etag_of(showing.campaign(row)), if_match)
            if row.facts.status is not status:
                set_campaign_status(session, campaign_id, status, now)
                record(session, viewer, action, "campaign", campaign_id, now=now)
            shown = showing.campaign(_existing(session, campaign_id))
        response.headers["ETag"] = etag_of(shown)
        return shown

    take_step.__doc__ = f"{told} Where it is already so, nothing changes."
    return take_step


def _see_that_it_can_run(
    store: Database, settings: Settings, campaign_id: int, now: datetime
) -> None:
    with store.reading() as session:
        facts = _existing(session, campaign_id).facts
    if facts.status is CampaignStatus.RUNNING:
        return
    try:
        check_campaign(store, settings, facts, now)
    except (SettingsError, FlowError) as error:
        raise conflict(str(error)) from error


for _name, _status, _action, _told in (
    ("start", CampaignStatus.RUNNING, Action.CAMPAIGN_STARTED, "Start a campaign."),
    ("resume", CampaignStatus.RUNNING, Action.CAMPAIGN_STARTED, "Go on with a paused campaign."),
    ("pause", CampaignStatus.PAUSED, Action.CAMPAIGN_PAUSED, "Place no further call."),
    (
        "cancel",
        CampaignStatus.CANCELLED,
        Action.CAMPAIGN_CANCELLED,
        "End a campaign for ever; calls in progress go on.",
    ),
):
    router.add_api_route(
        f"/{{campaign_id:int}}/{_name}",
        _step_to(_status, _action, _told),
        methods=["POST"],
        name=f"{_name}_campaign",
    )


def _flows(session: Session) -> frozenset[str]:
    shipped = {name for name, _language in flows()}
    return frozenset(shipped | {each.flow for each in publications(session)})


def _check_flow(session: Session, flow: str) -> None:
    known = _flows(session)
    if flow not in known:
        raise conflict(f"There is no flow {flow}; there are: {', '.join(sorted(known))}.")


def _check_zone(name: str | None) -> None:
    try:
        ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise conflict(f"This machine knows no time zone {name}; write Asia/Shanghai.") from error


def _existing(session: Session, campaign_id: int) -> CampaignTimes:
    row = campaign_times(session, campaign_id)
    if row is None:
        raise nothing_here(f"campaign {campaign_id}")
    return row


def _values(changes: CampaignChange, settings: Settings) -> Iterator[tuple[str, Any]]:
    if changes.company is not None:
        yield "company", changes.company
    if changes.callback_number is not None:
        yield "callback_number", changes.callback_number
    if changes.policy is not None:
        yield "policy", _policy_of(changes.policy, settings)


def _policy_of(policy: CampaignPolicy, settings: Settings) -> dict[str, object]:
    """Return what a policy says; raises SettingsError when a campaign can't be run by it."""
    said = policy.model_dump(exclude_none=True)
    rules_of(settings.campaign, said, calling=settings.calling)
    return said
