"""The application: `create_app(settings, database)`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from campaigns.settings import Settings
from console.api.mounting import mount_api
from console.web import errors
from console.web.board_picture import Pictures
from console.web.counted import Counted
from console.web.doorkeeper import Doorkeeper
from console.web.live_board import LiveBoard
from console.web.request_log import Observer, RequestLog
from console.web.response_headers import FOR_A_YEAR, ResponseHeaders
from console.web.routes import (
    account,
    audit_page,
    board,
    callbacks,
    calls,
    campaigns,
    contacts,
    desk,
    flow_map,
    manifests,
    messages,
    reconcile,
    results,
    reviews,
    rules,
    sign_in,
    supervise,
    suppression,
    tokens,
    users,
)
from console.web.site import Clock, Site, utc_now
from console.web.templating import STATIC, load_everything
from console.web.tries import Tries
from store.database import Database

ROUTERS: Final[tuple[APIRouter, ...]] = (
    sign_in.router,
    flow_map.router,
    audit_page.router,
    suppression.router,
    contacts.router,
    manifests.router,
    campaigns.router,
    rules.router,
    results.router,
    reconcile.router,
    messages.router,
    calls.router,
    callbacks.router,
    board.router,
    desk.router,
    supervise.router,
    reviews.router,
    account.router,
    users.router,
    tokens.router,
)
"""The pages, by subject. Each route declares its permission by `may`."""
BAD_LINKS: Final = 30
BAD_LINKS_FOR: Final = timedelta(minutes=5)
"""So many links that are none are looked at from one address in that time."""


def create_app(
    settings: Settings,
    database: Database,
    clock: Clock = utc_now,
    counted: Counted | None = None,
) -> FastAPI:
    """Return the console over a store whose schema is up to date.

    `counted`: what makes its counts, and ends with it. Whoever wants to count requests appends to
    `app.state.observers`.
    """
    app = FastAPI(
        title="Menling",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_living,
        # Including a router builds each of its routes again; these are complete.
        routes=[route for router in ROUTERS for route in router.routes],
    )
    site = Site(settings, database, clock)
    observers: list[Observer] = []
    app.state.site = site
    app.state.counted = counted or Counted()
    app.state.bad_links = Tries(BAD_LINKS, BAD_LINKS_FOR)
    app.state.live_board = LiveBoard(database, clock)
    app.state.pictures = Pictures()
    app.state.observers = observers
    mount_api(app)
    app.mount("/static", KeptFiles(directory=STATIC), name="static")
    errors.install(app)
    # The last one stands first.
    app.add_middleware(Doorkeeper, site=site)
    app.add_middleware(RequestLog, observers=observers)
    app.add_middleware(ResponseHeaders, secure=settings.console.secure_cookies)
    return app


@asynccontextmanager
async def _living(app: FastAPI) -> AsyncIterator[None]:
    """Live until the console is told to end, and leave nothing counting behind."""
    site: Site = app.state.site
    await run_in_threadpool(load_everything, site.settings.campaign.time_zone)
    yield
    app.state.counted.close()


class KeptFiles(StaticFiles):
    """Files that a browser keeps where their address names what is in them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file; raises HTTPException: there is none."""
        response = await super().get_response(path, scope)
        if scope["query_string"].startswith(b"v="):
            response.headers["Cache-Control"] = f"public, {FOR_A_YEAR}, immutable"
        else:
            response.headers["Cache-Control"] = "no-cache"
        return response
