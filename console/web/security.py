"""`may(Permission.…)`: what a route needs, and the check that the request has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Mount

from console.web.roles import Permission, Viewer
from console.web.sessions import same

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


class SignInNeeded(HTTPException):
    """Nobody is signed in, and the route is not for everybody."""

    def __init__(self) -> None:
        """Ask a program for its key; `console.web.errors` sends people to the sign-in page."""
        super().__init__(401, "sign in first", {"WWW-Authenticate": "Bearer"})


class NotAllowed(HTTPException):
    """Whoever asks may not do that."""

    def __init__(self, why: str = "your role does not include this") -> None:
        """Say why in a few words."""
        super().__init__(403, why)


@dataclass(frozen=True, slots=True)
class May:
    """A dependency that lets a request pass whose viewer has a permission."""

    permission: Permission

    async def __call__(self, request: Request) -> Viewer:
        """Return who asks; raises SignInNeeded or NotAllowed."""
        viewer = viewer_of(request)
        if viewer is None:
            raise SignInNeeded
        if not viewer.can(self.permission):
            raise NotAllowed
        await _check_csrf(request, viewer)
        return viewer


@dataclass(frozen=True, slots=True)
class Anybody:
    """A dependency for what is shown before anybody signs in."""

    permission: Permission = Permission.PUBLIC

    async def __call__(self, request: Request) -> Viewer | None:
        """Return who asks, if it is known."""
        viewer = viewer_of(request)
        if viewer is not None:
            await _check_csrf(request, viewer)
        return viewer


def may(permission: Permission) -> May:
    """Return the dependency that every route has: `Depends(may(Permission.SEE_CALLS))`."""
    return May(permission)


def viewer_of(request: Request) -> Viewer | None:
    """Return who asks, as the doorkeeper found out; None: nobody who is known."""
    viewer: Viewer | None = request.scope.get("menling.viewer")
    return viewer


def permissions_of_routes(app: FastAPI) -> Iterator[tuple[str, str, frozenset[Permission]]]:
    """Go through all routes: method, path, and the permissions that they declare.

    What is mounted is entered, except static files.
    """
    for route, prefix in _flattened(app.routes):
        methods = getattr(route, "methods", None) or {"*"}
        dependant = getattr(route, "dependant", None)
        declared = frozenset(_declared(dependant) if dependant is not None else ())
        for method in sorted(methods):
            yield method, f"{prefix}{route.path}", declared


def _flattened(routes: list[BaseRoute], prefix: str = "") -> Iterator[tuple[Any, str]]:
    for context in iter_route_contexts(routes):
        route = context.original_route
        if isinstance(route, Mount):
            if route.routes:
                yield from _flattened(route.routes, f"{prefix}{route.path}")
        else:
            yield context, prefix


def _declared(dependant: Dependant) -> Iterator[Permission]:
    for each in dependant.dependencies:
        if isinstance(each.call, May | Anybody):
            yield each.call.permission
        yield from _declared(each)


async def _check_csrf(request: Request, viewer: Viewer) -> None:
    """Refuse what another site made the browser send; a key is sent by nobody's browser."""
    if request.method in SAFE_METHODS or viewer.token_id is not None:
        return
    brought = request.headers.get(CSRF_HEADER)
    if brought is None and request.headers.get("content-type", "").startswith(FORMS):
        field = (await request.form()).get(CSRF_FIELD)
        brought = field if isinstance(field, str) else None
    if brought is None or not same(brought, viewer.csrf):
        raise NotAllowed("this form is out of date; load the page again")
