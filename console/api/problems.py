"""Problems: every error of the API as problem+json (RFC 9457), in words that say what to do."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import exc
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from campaigns.manifest import ManifestError
from campaigns.settings import SettingsError
from ivr.flow_faults import FlowError
from store.errors import StoreError

log = logging.getLogger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
MOST_FAULTS: Final = 20
"""So many faults of a request are listed."""

_ADVICE: Final[Mapping[int, str]] = {
    400: "The request can't be read; look at docs/api.md.",
    401: "Send a token: Authorization: Bearer …; an administrator makes one in the console.",
    403: "Your role doesn't allow this; ask an administrator.",
    404: "There is nothing here; /api/openapi.json names what there is.",
    405: "This can't be done here; the Allow header names what can.",
    413: "The request is too large; send less at once.",
    415: "This content type isn't taken; /api/openapi.json names the one that is.",
    416: "The recording is shorter than that; ask for a range within it.",
    429: "Too many requests; wait as long as Retry-After says.",
    500: "Menling made a mistake; its log says which. Try again, and tell the administrator.",
    503: "The store is out of reach; try again in a moment.",
}


class ProblemError(Exception):
    """A request can't be done; becomes a problem+json answer."""

    def __init__(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """`detail` says what is wrong and what to do, without personal data."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


def nothing_here(what: str) -> ProblemError:
    """Return the problem that something does not exist; `what` names it."""
    return ProblemError(HTTPStatus.NOT_FOUND, f"There is no {what}.")


def conflict(detail: str) -> ProblemError:
    """Return the problem that something can't be done as things stand."""
    return ProblemError(HTTPStatus.CONFLICT, detail)


def problem(
    status: int,
    detail: str = "",
    headers: Mapping[str, str] | None = None,
    faults: list[dict[str, str]] | None = None,
) -> Response:
    """Return an answer that tells a problem."""
    phrase = HTTPStatus(status).phrase
    content: dict[str, object] = {
        "type": "about:blank",
        "title": phrase,
        "status": status,
        "detail": detail or _ADVICE.get(status, phrase),
    }
    if faults:
        content["errors"] = faults
    kept = {name: text for name, text in (headers or {}).items() if name.lower() != "content-type"}
    return JSONResponse(content, status, kept, PROBLEM_JSON)


def speak_of_problems(app: FastAPI) -> None:
    """Let every error of an application be told as problem+json."""
    app.add_exception_handler(ProblemError, _own)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StoreError, _store)
    app.add_exception_handler(exc.IntegrityError, _collision)
    for kind in (ManifestError, SettingsError, FlowError):
        app.add_exception_handler(kind, _unusable)
    app.add_exception_handler(Exception, _mistake)


def _own(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem(error.status, error.detail, error.headers)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = error.detail if isinstance(error.detail, str) else ""
    if detail == HTTPStatus(error.status_code).phrase:
        detail = ""
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods_here(request)))
    return problem(error.status_code, detail, headers)


def _methods_here(request: Request) -> Iterator[str]:
    """Name what can be done at an address: it may be declared by several routes."""
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            yield from getattr(route, "methods", None) or ()


def _invalid(_request: Request, error: Exception) -> Response:
    """Name the places and what is wrong there, never what stands there: it may be personal."""
    assert isinstance(error, RequestValidationError)
    faults = [
        {"where": ".".join(map(str, each["loc"])), "what": str(each["msg"])}
        for each in error.errors()[:MOST_FAULTS]
    ]
    return problem(422, "The request isn't as it should be; `errors` says where.", faults=faults)


def _store(_request: Request, error: Exception) -> Response:
    if isinstance(error.__cause__, exc.DBAPIError):
        log.warning("the store failed: %s", error)
        return problem(503, headers={"Retry-After": "2"})
    return problem(409, str(error))


def _collision(_request: Request, _error: Exception) -> Response:
    return problem(409, "Somebody else changed the same thing just now; look again and retry.")


def _unusable(_request: Request, error: Exception) -> Response:
    return problem(422, str(error))


def _mistake(_request: Request, _error: Exception) -> Response:
    # The log of requests tells its class and place; its words may be somebody's.
    return problem(500)
