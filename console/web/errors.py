"""What goes wrong, as a page, a notice on a page, or problem+json (RFC 9457) for a program."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from console.web.templating import render
from store.errors import StoreError

SIGN_IN: Final = "/sign-in"
FOR_PROGRAMS: Final = ("/api/", "/hooks/", "/metrics", "/healthz", "/readyz")
TOLD: Final = (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)
"""Statuses that have words of their own, `error.404`; others are told as 400 or 500."""


def install(app: FastAPI) -> None:
    """Answer errors of routes; those of middlewares are answered by whoever raises them."""

    async def answer(request: Request, error: Exception) -> Response:
        return response_to(request, error)

    for kind in (HTTPException, RequestValidationError, StoreError):
        app.add_exception_handler(kind, answer)


def response_to(request: Request, error: Exception) -> Response:
    """Return the answer to an error that we know."""
    if isinstance(error, HTTPException):
        return _answer(request, error.status_code, dict(error.headers or {}), str(error.detail))
    if isinstance(error, RequestValidationError):
        return _answer(request, 422, {})
    return _answer(request, 503, {"Retry-After": "5"})


def failure_response(request: Request) -> Response:
    """Return the answer to an error that nobody foresaw; it tells nothing of it."""
    try:
        return _answer(request, 500, {})
    except Exception:
        # What failed may be what pages are made of.
        return Response("500", 500, media_type="text/plain")


def _answer(request: Request, status: int, headers: dict[str, str], detail: str = "") -> Response:
    if request.url.path.startswith(FOR_PROGRAMS):
        return _problem(status, headers, detail)
    if status == 401:
        return _to_sign_in(request)
    told = status if status in TOLD else (500 if status >= 500 else 400)
    if "hx-request" in request.headers:
        headers |= {"HX-Retarget": "#notices", "HX-Reswap": "beforeend"}
        return render(request, "notice.html", status, headers, told=told)
    if not _reads_pages(request):
        return Response(status_code=status, headers=headers)
    return render(request, "error.html", status, headers, told=told)


def _to_sign_in(request: Request) -> Response:
    page = request.url.path
    if request.method != "GET" or page == "/":
        where = SIGN_IN
    else:
        query = f"?{request.url.query}" if request.url.query else ""
        where = f"{SIGN_IN}?next={quote(page + query, safe='/')}"
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": SIGN_IN})
    if not _reads_pages(request):
        return Response(status_code=401)
    return RedirectResponse(where, 303)


def _reads_pages(request: Request) -> bool:
    accepted = request.headers.get("accept", "*/*")
    return "text/html" in accepted or "*/*" in accepted


def _problem(status: int, headers: dict[str, str], detail: str) -> Response:
    title = HTTPStatus(status).phrase
    told = {"type": "about:blank", "title": title, "status": status}
    if detail and detail != title:
        told["detail"] = detail
    return Response(
        json.dumps(told, ensure_ascii=False),
        status,
        headers,
        media_type="application/problem+json",
    )
