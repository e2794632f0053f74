"""Pages from templates: `render(request, "calls.html", calls=…)`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi.routing import iter_route_contexts
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from starlette.requests import Request
from starlette.responses import HTMLResponse

from console.web import formats
from console.web.navigation import is_within, places_for
from console.web.roles import Permission, Viewer
from console.web.site import site_of
from console.web.words import Language, Words, language_wanted, words_in
from store.people_types import Role, Theme

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
LANGUAGE_COOKIE: Final = "menling_language"
"""What somebody chose who has not signed in."""

HTMX_SETTINGS: Final = (
    '{"includeIndicatorStyles": false, "allowEval": false, "historyCacheSize": 0, '
    '"selfRequestsOnly": true, "attributesToSettle": ["class"], '
    '"responseHandling": [{"code": "204", "swap": false}, {"code": "[23]..", "swap": true}, '
    '{"code": "[45]..", "swap": true, "error": true}]}'
)
"""Of elements with the same id only the class settles: a style would be refused (CSP)."""


def render(
    request: Request,
    name: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> HTMLResponse:
    """Return a page, or a part of one, in the language of whoever asks.

    Templates have at hand, beside `values`: `t(key, **slots)`, `viewer`, `can("see_calls")`,
    `csrf`, `here` (path and query), `static(file)`, and the filters of `console.web.formats`.
    """
    return HTMLResponse(text_of(request, name, **values), status, dict(headers or {}))


def text_of(request: Request, name: str, **values: object) -> str:
    """Return a page, or a part of one, as text: for events that a stream sends."""
    site = site_of(request)
    viewer: Viewer | None = request.scope.get("menling.viewer")
    words = words_of(request)
    return (
        _environment(words.language, site.settings.campaign.time_zone)
        .get_template(name)
        .render(
            values
            | {
                "t": words,
                "viewer": viewer,
                "can": partial(_can, viewer),
                "csrf": viewer.csrf if viewer else "",
                "language": words.language,
                "theme": viewer.theme if viewer else Theme.SYSTEM,
                "path": request.url.path,
                "here": _here(request),
                "places": places_for(viewer, _paths(request)),
                "now": site.clock(),
                "done": _done(request, words),
            }
        )
    )


def words_of(request: Request) -> Words:
    """Return what the console says in the language of whoever asks."""
    viewer: Viewer | None = request.scope.get("menling.viewer")
    chosen = viewer.language if viewer else request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in set(Language):
        return words_in(Language(chosen))
    return words_in(language_wanted(request.headers.get("accept-language", "")))


@cache
def static_path(file: str) -> str:
    """Return the address of a static file, which changes with what is in it."""
    digest = hashlib.sha256((STATIC / file).read_bytes()).hexdigest()
    return f"/static/{file}?v={digest[:12]}"


def load_everything(zone_name: str) -> None:
    """Load all words and templates of all languages: no visitor is to wait for it."""
    for language in Language:
        words_in(language)
        environment = _environment(language, zone_name)
        for name in environment.list_templates():
            environment.get_template(name)
    for file in STATIC.rglob("*.*"):
        static_path(file.relative_to(STATIC).as_posix())


class _Compiled(BytecodeCache):
    """Templates as they were compiled: the languages have them in common."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        code = self._code.get(bucket.key)
        if code is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED: Final = _Compiled()


@cache
def _environment(language: Language, zone_name: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_COMPILED,
    )
    zone = ZoneInfo(zone_name)
    environment.filters |= {
        "moment": partial(_moment, zone),
        "exact": partial(formats.exact, zone=zone),
        "duration": partial(formats.duration, language=language),
        "stopwatch": formats.stopwatch,
        "money": partial(formats.money, language=language),
        "share": formats.share,
        "count": formats.count,
    }
    environment.globals |= {
        "static": static_path,
        "is_within": is_within,
        "languages": tuple(Language),
        "themes": tuple(Theme),
        "htmx_settings": HTMX_SETTINGS,
    }
    return environment


def _moment(zone: ZoneInfo, at: Any, now: Any) -> str:
    return formats.moment(at, zone, now)


def _can(viewer: Viewer | None, permission: str) -> bool:
    return viewer is not None and viewer.can(Permission(permission))


def _done(request: Request, words: Words) -> str:
    """Return what the page says was just done: `?done=user_changed` is `done.user_changed`."""
    key = f"done.{request.query_params.get('done', '')}"
    return words(key) if key in words else ""


def _here(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"


def _paths(request: Request) -> frozenset[str]:
    """Return the pages that there are."""
    state = request.app.state
    if not hasattr(state, "paths"):
        found = (each.path for each in iter_route_contexts(request.app.routes))
        state.paths = frozenset(path for path in found if path)
    paths: frozenset[str] = state.paths
    return paths


def landing_of(request: Request, viewer: Viewer) -> str:
    """Return where somebody begins who has signed in: agents at the desk, others at the board."""
    mine = {each.path for each in places_for(viewer, _paths(request))}
    wanted = ("/desk", "/") if viewer.role is Role.AGENT else ("/",)
    return next((path for path in wanted if path in mine), "/account")
