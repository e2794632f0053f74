"""The audit trail: who did or looked at what, and when."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from console.web.audit import Action
from console.web.roles import Permission, Viewer
from console.web.searching import LARGEST_ID, day_begins, day_ends, id_in
from console.web.security import may
from console.web.site import site_of
from console.web.templating import render
from store.audit_queries import audit_entries
from store.people_queries import users
from store.people_values import AuditFilter

router = APIRouter()

Sees = Annotated[Viewer, Depends(may(Permission.SEE_AUDIT))]
Text = Annotated[str, Query(max_length=64)]

PAGE: Final = 100
PAGES_OF: Final = {"call": "/calls/", "contact": "/contacts/", "campaign": "/campaigns/"}
"""Where what an entry is about can be seen."""
KINDS: Final = (
    "call",
    "contact",
    "campaign",
    "manifest",
    "outcomes",
    "event",
    "ticket",
    "message",
    "recipient",
    "suppression",
    "desk",
    "week",
    "user",
    "token",
)
"""What an entry can be about; each has its words in `words/trail.yaml`."""


@router.get("/audit")
def show_trail(
    request: Request,
    viewer: Sees,
    user: Text = "",
    action: Text = "",
    kind: Text = "",
    subject: Text = "",
    since: Text = "",
    until: Text = "",
    before: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Response:
    """List the entries, the newest first."""
    site = site_of(request)
    zone = ZoneInfo(site.settings.campaign.time_zone)
    asked = {
        "user": user,
        "action": action if action in set(Action) else "",
        "kind": kind if kind in KINDS else "",
        "subject": subject.strip(),
        "since": since,
        "until": until,
    }
    wanted = AuditFilter(
        action=asked["action"],
        kind=asked["kind"],
        subject=asked["subject"],
        user_id=id_in(user),
        since=day_begins(since, zone),
        until=day_ends(until, zone),
        before_id=before or None,
    )
    with site.database.reading() as session:
        entries = audit_entries(session, wanted, PAGE + 1)
        everybody = users(session)
    following = {name: value for name, value in asked.items() if value}
    if len(entries) > PAGE:
        following["before"] = str(entries[PAGE - 1].id)
    return render(
        request,
        "audit.html",
        entries=entries[:PAGE],
        older=f"/audit?{urlencode(following)}" if len(entries) > PAGE else "",
        before=before,
        asked=asked,
        people=[(str(each.id), each.name) for each in everybody],
        actions=tuple(Action),
        pages_of=PAGES_OF,
        kinds=KINDS,
    )
