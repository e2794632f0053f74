"""One's own account: language, light or dark, password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.web.audit import Action, record
from console.web.passwords import LONGEST, hashed, weakness
from console.web.roles import Permission, Viewer
from console.web.routes.sign_in import set_session_cookie, within_site
from console.web.security import Anybody, SignInNeeded, may
from console.web.sessions import open_session
from console.web.signing_in import FORGOTTEN_AFTER, try_password
from console.web.site import site_of
from console.web.templating import LANGUAGE_COOKIE, render, words_of
from console.web.tries import source_of
from console.web.words import Language
from store.people_queries import change_user, end_sessions, set_password, user
from store.people_types import Theme

router = APIRouter()

Self = Annotated[Viewer, Depends(may(Permission.OWN_ACCOUNT))]
Next = Annotated[str, Form(max_length=500)]
Password = Annotated[str, Form(max_length=LONGEST)]
FOR_A_YEAR = 365 * 24 * 3600


@router.get("/account")
def show_account(request: Request, viewer: Self) -> Response:
    """Show one's own account."""
    return _page(request, viewer)


@router.post("/account/password")
def change_password(
    request: Request, viewer: Self, current: Password, password: Password, again: Password
) -> Response:
    """Change one's own password, which signs one out everywhere else."""
    site = site_of(request)
    with site.database.reading() as session:
        me = user(session, viewer.user_id)
    if me is None:
        raise SignInNeeded
    tried = try_password(site, me.login, current, source_of(request), viewer)
    if tried.too_often:
        return _page(request, viewer, 429, "sign_in.too_often")
    if tried.user_id is None:
        return _page(request, viewer, 422, "password.wrong")
    problem = weakness(password, me.login)
    if password != again:
        problem = "password.not_the_same"
    if problem:
        return _page(request, viewer, 422, problem)
    kept, now = hashed(password), site.clock()
    with site.database.transaction() as session:
        set_password(session, viewer.user_id, kept)
        record(session, viewer, Action.PASSWORD_CHANGED, "user", viewer.user_id, now=now)
    answer = RedirectResponse("/account?done=password_changed", 303)
    secret = open_session(site.database, viewer.user_id, now, site.session_length)
    set_session_cookie(answer, site, secret)
    return answer


@router.post("/account/sign-out-everywhere")
def sign_out_everywhere(request: Request, viewer: Self) -> Response:
    """End every session of one's own, this one too."""
    site = site_of(request)
    with site.database.transaction() as session:
        end_sessions(session, viewer.user_id)
        record(session, viewer, Action.SIGNED_OUT, "user", viewer.user_id, now=site.clock())
    return RedirectResponse("/sign-in?done=signed_out", 303)


@router.post("/language")
def choose_language(
    request: Request,
    viewer: Annotated[Viewer | None, Depends(Anybody())],
    language: Annotated[Language, Form()],
    next: Next = "/",
) -> Response:
    """Speak another language from now on."""
    site = site_of(request)
    answer = RedirectResponse(within_site(next) or "/", 303)
    if viewer is not None:
        with site.database.transaction() as session:
            change_user(session, viewer.user_id, language=language.value)
    answer.set_cookie(
        LANGUAGE_COOKIE,
        language.value,
        max_age=FOR_A_YEAR,
        httponly=True,
        samesite="lax",
        secure=site.settings.console.secure_cookies,
    )
    return answer


@router.post("/theme")
def choose_theme(
    request: Request,
    viewer: Self,
    theme: Annotated[Theme, Form()],
    next: Next = "/",
) -> Response:
    """Be light or dark from now on."""
    with site_of(request).database.transaction() as session:
        change_user(session, viewer.user_id, theme=theme)
    return RedirectResponse(within_site(next) or "/", 303)


def _page(request: Request, viewer: Viewer, status: int = 200, problem: str = "") -> Response:
    with site_of(request).database.reading() as session:
        me = user(session, viewer.user_id)
    minutes = int(FORGOTTEN_AFTER.total_seconds() // 60)
    told = words_of(request)(problem, minutes=minutes) if problem else ""
    zone = site_of(request).settings.campaign.time_zone
    return render(request, "account.html", status, me=me, problem=told, zone=zone)
