"""Who may do what, on every page there is."""

from __future__ import annotations

import asyncio
import re

import pytest
from fastapi import FastAPI

from console.web.app import create_app
from console.web.roles import GRANTS, Permission, Viewer, includes
from console.web.security import permissions_of_routes
from store.people_types import Role

PLACEHOLDER = re.compile(r"\{[^}]+\}")
REFUSED = (401, 403)
ENDING = ("/sign-out", "/account/password", "/account/sign-out-everywhere")
"""These end the session that a walk goes on with; test_sign_in.py knows them."""
SIGNED = ("/hooks/{source}",)
"""Nobody's role lets them in, a signature does; test_live_events.py knows them."""


async def answer_of(app: FastAPI, method: str, path: str, headers: dict[str, str]) -> int:
    """Return the status of an answer; what would follow, a stream perhaps, is left."""
    loop = asyncio.get_running_loop()
    started: asyncio.Future[int] = loop.create_future()
    asked = False

    async def receive() -> dict[str, object]:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start" and not started.done():
            started.set_result(message["status"])

    told = {"host": "localhost", "accept": "text/plain"} | headers
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http",
        "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "client": ("127.0.0.1", 50000), "server": ("localhost", 80),
        "headers": [(name.encode(), value.encode()) for name, value in told.items()],
    }  # fmt: skip
    asking = asyncio.create_task(app(scope, receive, send))
    await asyncio.wait({started, asking}, return_when=asyncio.FIRST_COMPLETED)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    return started.result()


def routes(app: FastAPI) -> list[tuple[str, str, frozenset[Permission]]]:
    found = sorted(permissions_of_routes(app))
    assert len(found) > 10
    return found


def test_every_route_declares_one_permission(app: FastAPI) -> None:
    assert [(path, declared) for _, path, declared in routes(app) if len(declared) != 1] == []


@pytest.mark.parametrize("role", [None, *Role])
def test_nobody_gets_further_than_the_table_says(app: FastAPI, browser_of, role) -> None:
    headers = {}
    if role is not None:
        browser = browser_of(role)
        headers = {
            "cookie": f"menling_session={browser.client.cookies['menling_session']}",
            "x-csrf-token": browser.csrf,
        }
    granted = GRANTS[role] if role is not None else {Permission.PUBLIC}
    asked = [each for each in routes(app) if each[1] not in (*ENDING, *SIGNED)]

    async def ask_all() -> list[int]:
        return [
            await answer_of(app, method, PLACEHOLDER.sub("1", path), headers)
            for method, path, _ in asked
        ]

    wrong = []
    for (method, path, declared), status in zip(asked, asyncio.run(ask_all()), strict=True):
        if (status in REFUSED) == (declared <= granted):
            wrong.append((method, path, status))
    assert wrong == []


def test_a_route_without_a_permission_would_be_found(settings, database) -> None:
    app = create_app(settings, database)

    @app.get("/careless")
    def careless() -> str:
        return "for all to see"

    assert ("GET", "/careless", frozenset()) in routes(app)


def test_administrators_may_do_all_and_supervisors_all_that_agents_and_viewers_may() -> None:
    assert GRANTS[Role.ADMIN] == frozenset(Permission)
    assert includes(Role.ADMIN, Role.SUPERVISOR)
    assert includes(Role.SUPERVISOR, Role.AGENT)
    assert includes(Role.SUPERVISOR, Role.VIEWER)
    assert not includes(Role.AGENT, Role.VIEWER)
    assert not includes(Role.VIEWER, Role.AGENT)


@pytest.mark.parametrize(
    "permission",
    [Permission.HEAR_RECORDINGS, Permission.SUPERVISE, Permission.MANAGE_USERS, Permission.EXPORT],
)
def test_neither_agents_nor_viewers_have_what_discloses_people(permission) -> None:
    for role in (Role.AGENT, Role.VIEWER):
        assert not Viewer(1, "x", role, "zh-CN", "").can(permission)
