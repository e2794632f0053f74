"""Doorkeeper: what is looked at before any page is made: host, origin, who asks, how much comes."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.web.errors import response_to
from console.web.long_answers import SessionOverError, WhileSignedIn
from console.web.roles import Viewer
from console.web.security import SAFE_METHODS, NotAllowed, SignInNeeded
from console.web.sessions import viewer_of_key, viewer_of_session
from console.web.site import Site
from console.web.tries import Tries, source_of
from store.errors import StoreError

COOKIE: Final = "menling_session"
SECURE_COOKIE: Final = "__Host-menling_session"
"""Browsers take a cookie of such a name over HTTPS only, and from this host alone."""

STATIC: Final = "/static/"
FOR_KEYS: Final = ("/api/", "/metrics")
"""Where programs ask, with a key."""

UNKNOWN_BYTES: Final = 16 * 1024
"""So much may somebody send who is not signed in: a form to sign in."""

BAD_KEYS: Final = 30
BAD_KEYS_FOR: Final = timedelta(minutes=5)


class Doorkeeper:
    """Lets a request in, with `menling.viewer` in its scope, or answers it at the door."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        """Stand before `app`."""
        self._app = app
        self._site = site
        self._hosts = site.host_names
        self._bad_keys = Tries(BAD_KEYS, BAD_KEYS_FOR)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at a request, then hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            self._check_host(request)
            _check_origin(request)
            if not request.url.path.startswith(STATIC):
                scope["menling.viewer"] = await self._viewer(request)
            within = self._limited(request, receive)
        except (HTTPException, StoreError) as error:
            await response_to(request, error)(scope, receive, send)
        else:
            viewer: Viewer | None = scope.get("menling.viewer")
            if viewer is not None:
                look_up = partial(self._viewer, request)
                send = WhileSignedIn(send, viewer, look_up, self._site.clock)
            with suppress(SessionOverError, ClientDisconnect):
                await self._app(scope, within, send)

    def _check_host(self, request: Request) -> None:
        # Whoever makes a name of theirs point to our address would else read our pages.
        host = request.headers.get("host", "")
        if _name_in(host) not in self._hosts:
            raise HTTPException(400, "host")

    async def _viewer(self, request: Request) -> Viewer | None:
        site, now = self._site, self._site.clock()
        authorization = request.headers.get("authorization", "")
        if authorization and request.url.path.startswith(FOR_KEYS):
            source = source_of(request)
            if self._bad_keys.too_many(source, now):
                raise HTTPException(429, "too many", self._bad_keys.retry_after)
            scheme, _, key = authorization.partition(" ")
            viewer = None
            if scheme.lower() == "bearer" and key.isascii():
                viewer = await run_in_threadpool(viewer_of_key, site.database, key.strip(), now)
            if viewer is None:
                self._bad_keys.note(source, now)
                raise SignInNeeded
            return viewer
        secret = request.cookies.get(cookie_name(site))
        if not secret:
            return None
        return await run_in_threadpool(viewer_of_session, site.database, secret, now)

    def _limited(self, request: Request, receive: Receive) -> Receive:
        """Return the body of a request, which ends in an error where it is too long."""
        known = request.scope.get("menling.viewer") is not None
        limit = self._site.upload_bytes if known else UNKNOWN_BYTES
        too_long = HTTPException(413, "too large") if known else SignInNeeded()
        said = request.headers.get("content-length", "")
        if said.isdecimal() and int(said) > limit:
            raise too_long
        came = 0

        async def within() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > limit:
                raise too_long
            return message

        return within


def cookie_name(site: Site) -> str:
    """Return the name of the cookie that holds a session."""
    return SECURE_COOKIE if site.settings.console.secure_cookies else COOKIE


def _name_in(host: str) -> str:
    """Return the name without its port; empty when it is anything but a host and a port."""
    try:
        asked = urlsplit(f"//{host}")
    except ValueError:
        return ""
    # Addresses of requests are made of it: what reads like a path would be one.
    return asked.hostname or "" if asked.netloc == host and "@" not in host else ""


def _host_in(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _check_origin(request: Request) -> None:
    """Refuse what another site makes a browser do."""
    if request.method in SAFE_METHODS:
        return
    headers: Headers = request.headers
    origin = headers.get("origin")
    if origin is not None and _host_in(origin) != headers["host"].lower():
        raise NotAllowed("another site sent this")
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("another site sent this")
