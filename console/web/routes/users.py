"""Users: who may sign in, and as what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.web.audit import Action, Details, record
from console.web.roles import Permission, Viewer
from console.web.searching import Id
from console.web.security import may
from console.web.signing_in import new_link
from console.web.site import site_of
from console.web.templating import render, words_of
from console.web.words import Language
from store.errors import StoreError
from store.people_models import LOGIN_LENGTH
from store.people_queries import add_user, change_user, user, user_named, users
from store.people_types import Role
from store.people_values import UserRecord

router = APIRouter()

Admin = Annotated[Viewer, Depends(may(Permission.MANAGE_USERS))]
Login = Annotated[str, Form(max_length=LOGIN_LENGTH, pattern=r"^\s*[A-Za-z0-9._@-]{2,}\s*$")]
Name = Annotated[str, Form(min_length=1, max_length=80)]


@router.get("/users")
def show_users(request: Request, viewer: Admin) -> Response:
    """List everybody."""
    return _page(request)


@router.post("/users")
def add(
    request: Request,
    viewer: Admin,
    login: Login,
    name: Name,
    role: Annotated[Role, Form()],
    language: Annotated[Language, Form()] = Language.CHINESE,
) -> Response:
    """Add somebody, and show the link by which they choose a password."""
    site, now = site_of(request), site_of(request).clock()
    with site.database.reading() as session:
        if user_named(session, login) is not None:
            return _page(request, 409, problem=words_of(request)("users.taken"))
    with site.database.transaction() as session:
        added = add_user(
            session, login=login, name=name.strip(), role=role, language=language.value, now=now
        )
        record(session, viewer, Action.USER_ADDED, "user", added.id, {"role": role}, now)
        record(session, viewer, Action.LINK_MADE, "user", added.id, now=now)
    return _page(request, link=_address(request, new_link(site.database, added.id, now)), of=added)


@router.post("/users/{user_id}")
def change(
    request: Request,
    viewer: Admin,
    user_id: Id,
    name: Name,
    role: Annotated[Role, Form()],
    active: Annotated[bool, Form()] = False,
) -> Response:
    """Change what somebody may do, or switch them off."""
    site = site_of(request)
    _existing(request, user_id)
    try:
        with site.database.transaction() as session:
            change_user(session, user_id, name=name.strip(), role=role, active=active)
            details: Details = {"role": role, "active": active}
            record(session, viewer, Action.USER_CHANGED, "user", user_id, details, site.clock())
    except StoreError:
        return _page(request, 409, problem=words_of(request)("users.last_admin"))
    return RedirectResponse("/users?done=user_changed", 303)


@router.post("/users/{user_id}/link")
def make_link(request: Request, viewer: Admin, user_id: Id) -> Response:
    """Show a link by which somebody chooses a new password."""
    site, now = site_of(request), site_of(request).clock()
    whose = _existing(request, user_id)
    with site.database.transaction() as session:
        record(session, viewer, Action.LINK_MADE, "user", user_id, now=now)
    return _page(request, link=_address(request, new_link(site.database, user_id, now)), of=whose)


def _existing(request: Request, user_id: int) -> UserRecord:
    with site_of(request).database.reading() as session:
        found = user(session, user_id)
    if found is None:
        raise HTTPException(404)
    return found


def _address(request: Request, path: str) -> str:
    return f"{request.url.scheme}://{request.headers['host']}{path}"


def _page(
    request: Request,
    status: int = 200,
    problem: str = "",
    link: str = "",
    of: UserRecord | None = None,
) -> Response:
    with site_of(request).database.reading() as session:
        everybody = users(session)
    return render(
        request,
        "users.html",
        status,
        users=everybody,
        roles=tuple(Role),
        problem=problem,
        link=link,
        of=of,
    )
