"""Keys of the API, by which programs ask in somebody's name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.web.audit import Action, record
from console.web.roles import Permission, Viewer, includes
from console.web.searching import Id
from console.web.security import NotAllowed, may
from console.web.sessions import digest_of, new_key
from console.web.site import site_of
from console.web.templating import render
from store.people_types import Role
from store.token_queries import add_token, revoke_token, tokens

router = APIRouter()

Owner = Annotated[Viewer, Depends(may(Permission.OWN_TOKENS))]


@router.get("/tokens")
def show_tokens(request: Request, viewer: Owner) -> Response:
    """List one's own keys; whoever manages users sees all."""
    return _page(request, viewer)


@router.post("/tokens")
def make(
    request: Request,
    viewer: Owner,
    name: Annotated[str, Form(min_length=1, max_length=80)],
    role: Annotated[Role, Form()],
) -> Response:
    """Make a key and show it, for the only time."""
    if not includes(viewer.role, role):
        raise NotAllowed
    site, now, key = site_of(request), site_of(request).clock(), new_key()
    with site.database.transaction() as session:
        made = add_token(
            session,
            user_id=viewer.user_id,
            name=name.strip(),
            role=role,
            digest=digest_of(key),
            now=now,
        )
        record(session, viewer, Action.TOKEN_MADE, "token", made.id, {"role": role}, now)
    return _page(request, viewer, key=key)


@router.post("/tokens/{token_id}/revoke")
def revoke(request: Request, viewer: Owner, token_id: Id) -> Response:
    """Make a key void."""
    site, now = site_of(request), site_of(request).clock()
    whose = None if viewer.can(Permission.MANAGE_USERS) else viewer.user_id
    with site.database.transaction() as session:
        if not revoke_token(session, token_id, now, whose):
            raise HTTPException(404)
        record(session, viewer, Action.TOKEN_REVOKED, "token", token_id, now=now)
    return RedirectResponse("/tokens?done=token_revoked", 303)


def _page(request: Request, viewer: Viewer, key: str = "") -> Response:
    everything = viewer.can(Permission.MANAGE_USERS)
    with site_of(request).database.reading() as session:
        found = tokens(session, None if everything else viewer.user_id)
    roles = tuple(each for each in Role if includes(viewer.role, each))
    return render(request, "tokens.html", tokens=found, roles=roles, key=key)
