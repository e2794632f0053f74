"""The API as an application of its own under /api, with its contract: `mount_api(app)`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, Security
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from starlette.types import ASGIApp, Receive, Scope, Send

from console.api import health
from console.api.problems import PROBLEM_JSON, problem, speak_of_problems
from console.api.routes import (
    calls,
    campaigns,
    contacts,
    desk,
    events,
    hooks,
    live_events,
    manifests,
    outcomes,
    suppression,
    tickets,
)
from console.metrics import measure
from console.web.roles import Permission, Viewer
from console.web.security import may

PREFIX: Final = "/api"
VERSION: Final = "1.0.0"
DESCRIPTION: Final = (
    "What other systems ask of Menling. Times are RFC 3339 in UTC; lists come in pages, each with "
    "the cursor of the next; every error is problem+json (RFC 9457). See docs/api.md."
)
_BEARER: Final = HTTPBearer(
    auto_error=False, description="A key that an administrator or supervisor makes in the console."
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    campaigns.router,
    manifests.router,
    contacts.router,
    events.router,
    live_events.router,
    outcomes.router,
    calls.router,
    desk.router,
    suppression.router,
    tickets.router,
)


def mount_api(app: FastAPI) -> None:
    """Put the API under /api of the console, and beside it what watches ask: health, metrics.

    It shares the console's state, which has to be complete.
    """
    api = api_app()
    api.state = app.state
    app.mount(PREFIX, api, name="api")
    app.include_router(health.router)
    app.include_router(hooks.router)
    measure(app, app.state.site.database)


def api_app() -> FastAPI:
    """Return the API alone."""
    app = FastAPI(
        title="Menling",
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    for router in ROUTERS:
        app.include_router(router, dependencies=[Security(_BEARER)])

    @app.get("/openapi.json", include_in_schema=False)
    def contract(_viewer: Annotated[Viewer, Depends(may(Permission.OWN_ACCOUNT))]) -> JSONResponse:
        """Return the contract."""
        return JSONResponse(contract_of(app))

    speak_of_problems(app)
    app.add_middleware(KeyNeeded)
    return app


class KeyNeeded:
    """Answers nothing to whoever has no key, not even what there is or isn't."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the API."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on whose sender is known."""
        if scope["type"] == "http" and scope.get("menling.viewer") is None:
            refused = problem(HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
            await refused(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def contract_of(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of the API, every error of which is a problem."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            servers=[{"url": PREFIX}],
        )
        schemas = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schemas["Problem"] = _PROBLEM
        for method, operation in _operations(document):
            operation["responses"].pop("422", None)
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _never_null(parameter["schema"])
            for status, what in _problems_of(method, operation):
                operation["responses"][status] = {
                    "description": what,
                    "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
        app.openapi_schema = document
    return app.openapi_schema


def contract_text() -> str:
    """Return the contract as docs/openapi.json has it."""
    return json.dumps(contract_of(api_app()), ensure_ascii=False, indent=1) + "\n"


_PROBLEM: Final = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong and what to do (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "what"],
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
            },
        },
    },
}


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter, which may be absent but can't be null."""
    kinds: list[dict[str, Any]] = [
        each for each in schema.get("anyOf", ()) if each != {"type": "null"}
    ]
    if len(kinds) != 1:
        return schema
    return kinds[0] | {key: value for key, value in schema.items() if key != "anyOf"}


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in document["paths"].values():
        for method in ("get", "post", "put", "patch", "delete"):
            if method in path:
                yield method, path[method]


def _problems_of(method: str, operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name what can go wrong with an operation, by status."""
    parameters = operation.get("parameters", ())
    yield "400", "The request can't be read."
    yield "401", "No key, or one that is void."
    yield "403", "The role of the key doesn't allow it."
    yield "422", "The request isn't as the contract says."
    yield "429", "Too many keys that are none came from this address."
    yield "503", "The store is out of reach."
    if any(each["in"] == "path" for each in parameters):
        yield "404", "There is no such thing."
    elif "campaign_id" in {each["name"] for each in parameters}:
        yield "404", "There is no such campaign."
    if method != "get":
        yield "409", "It can't be done as things stand."
    if "requestBody" in operation:
        yield "413", "The request is too large."
    if any(each["name"] == "If-Match" for each in parameters):
        yield "412", "It was changed since."
    if method == "patch":
        yield "428", "If-Match is missing."
    if operation["operationId"].startswith("get_recording"):
        yield "416", "The recording is shorter than that."
