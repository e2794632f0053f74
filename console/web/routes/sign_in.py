"""Signing in and out, and choosing a password by a link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.web.audit import Action, record
from console.web.doorkeeper import cookie_name
from console.web.passwords import LONGEST, hashed, weakness
from console.web.roles import Permission, Viewer
from console.web.security import Anybody, may
from console.web.sessions import digest_of
from console.web.signing_in import FORGOTTEN_AFTER, try_to_sign_in
from console.web.site import Site, site_of
from console.web.templating import landing_of, render, words_of
from console.web.tries import Tries, source_of
from store.people_models import LOGIN_LENGTH
from store.people_queries import end_session, set_password, use_link, user_of_link
from store.people_values import UserRecord

router = APIRouter()

Known = Annotated[Viewer | None, Depends(Anybody())]
Login = Annotated[str, Form(max_length=LOGIN_LENGTH)]
Password = Annotated[str, Form(max_length=LONGEST)]


@router.get("/sign-in")
def show_sign_in(request: Request, viewer: Known, next: str = "") -> Response:
    """Show the form; whoever is signed in goes on to where they wanted."""
    if viewer is not None:
        return RedirectResponse(within_site(next) or landing_of(request, viewer), 303)
    return render(request, "sign_in.html", next=within_site(next), login="", problem="")


@router.post("/sign-in")
def sign_in(
    request: Request,
    viewer: Known,
    login: Login,
    password: Password,
    next: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Sign somebody in."""
    site = site_of(request)
    tried, secret = try_to_sign_in(site, login, password, source_of(request))
    if not secret:
        problem = "sign_in.too_often" if tried.too_often else "sign_in.wrong"
        minutes = int(FORGOTTEN_AFTER.total_seconds() // 60)
        return render(
            request,
            "sign_in.html",
            429 if tried.too_often else 403,
            next=within_site(next),
            login=login,
            problem=words_of(request)(problem, minutes=minutes),
        )
    answer = RedirectResponse(within_site(next) or "/sign-in", 303)
    set_session_cookie(answer, site, secret)
    return answer


@router.post("/sign-out")
def sign_out(
    request: Request, viewer: Annotated[Viewer, Depends(may(Permission.OWN_ACCOUNT))]
) -> Response:
    """Sign somebody out of this browser."""
    site = site_of(request)
    secret = request.cookies.get(cookie_name(site), "")
    with site.database.transaction() as session:
        end_session(session, digest_of(secret))
        record(session, viewer, Action.SIGNED_OUT, "user", viewer.user_id, now=site.clock())
    answer = RedirectResponse("/sign-in?done=signed_out", 303)
    answer.delete_cookie(cookie_name(site), secure=site.settings.console.secure_cookies)
    return answer


@router.get("/link/{secret}")
def show_link(request: Request, viewer: Known, secret: str) -> Response:
    """Let somebody choose a password."""
    whose = _whose(request, secret)
    return render(request, "link.html", 200 if whose else 404, whose=whose, problem="")


@router.post("/link/{secret}")
def choose_password(
    request: Request, viewer: Known, secret: str, password: Password, again: Password
) -> Response:
    """Set the password that was chosen, and use the link up."""
    site, now = site_of(request), site_of(request).clock()
    whose = _whose(request, secret)
    if whose is None:
        return render(request, "link.html", 404, whose=None, problem="")
    problem = weakness(password, whose.login)
    if password != again:
        problem = "password.not_the_same"
    if problem:
        told = words_of(request)(problem)
        return render(request, "link.html", 422, whose=whose, problem=told)
    kept = hashed(password)
    with site.database.transaction() as session:
        if use_link(session, digest_of(secret), now) is None:
            return render(request, "link.html", 404, whose=None, problem="")
        set_password(session, whose.id, kept)
        record(session, None, Action.PASSWORD_CHOSEN, "user", whose.id, now=now)
    return RedirectResponse("/sign-in?done=password_chosen", 303)


def _whose(request: Request, secret: str) -> UserRecord | None:
    """Return whose link that is; whoever brings too many that are none is not listened to."""
    site, now, source = site_of(request), site_of(request).clock(), source_of(request)
    bad_links: Tries = request.app.state.bad_links
    if bad_links.too_many(source, now):
        raise HTTPException(429, "too many", bad_links.retry_after)
    with site.database.reading() as session:
        whose = user_of_link(session, digest_of(secret), now)
    if whose is None:
        bad_links.note(source, now)
    return whose


def set_session_cookie(answer: Response, site: Site, secret: str) -> None:
    """Give a browser the cookie of its session."""
    answer.set_cookie(
        cookie_name(site),
        secret,
        max_age=int(site.session_length.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=site.settings.console.secure_cookies,
    )


def within_site(path: str) -> str:
    """Return a path of this site, or nothing: another site must not be led to."""
    plain = path.isprintable() and "\\" not in path
    return path if path.startswith("/") and not path.startswith("//") and plain else ""
