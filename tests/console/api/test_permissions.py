"""Who may ask what: every request of the API with every role, with no key and with a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
from fastapi import FastAPI

from console.web.roles import GRANTS, Permission
from console.web.security import permissions_of_routes
from store.people_types import Role

Ask = Callable[..., httpx2.Response]

MAY_ASK = {
    Role.VIEWER: {"see_board", "see_calls", "see_campaigns", "see_contacts", "see_tickets"},
    Role.AGENT: {"see_board", "see_tickets"},
}


def asked(app: FastAPI) -> list[tuple[str, str, Permission]]:
    found = []
    for method, path, declared in permissions_of_routes(app):
        (permission,) = declared
        if path.startswith("/api/") and method != "HEAD":
            plain = path.replace("{number}", "T20261121-0001")
            for part in path.split("/"):
                if part.startswith("{"):
                    plain = plain.replace(part, "999")
            found.append((method, plain, permission))
    return found


def test_every_request_of_the_contract_declares_one_permission(
    app: FastAPI, contract: dict[str, Any]
) -> None:
    operations = sum(len(each) for each in contract["paths"].values())
    assert len(asked(app)) == operations + 1  # the contract itself


def test_nobody_is_let_in_without_a_key_or_with_a_wrong_one(app: FastAPI, ask: Ask) -> None:
    for method, path, _permission in asked(app):
        answer = ask(method, path, None)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert ask("GET", "/api/calls", None, headers={"Authorization": "Bearer x"}).status_code == 401


def test_every_role_is_let_in_where_the_table_says_and_nowhere_else(
    app: FastAPI, ask: Ask, seeded: Any
) -> None:
    for role in (Role.VIEWER, Role.AGENT):
        for method, path, permission in asked(app):
            if permission in (Permission.OWN_ACCOUNT, Permission.SEE_BOARD):
                continue
            status = ask(method, path, role).status_code
            assert (status != 403) == (permission in GRANTS[role]), (role, method, path)
            assert (status != 403) == (permission.value in MAY_ASK[role]), (role, method, path)


def test_whoever_tries_many_wrong_keys_has_to_wait(ask: Ask) -> None:
    wrong = {"Authorization": "Bearer menling_wrong"}
    answers = [
        ask("GET", "/api/calls", None, "10.9.9.9", headers=wrong).status_code for _ in range(31)
    ]
    assert (answers[0], answers[-1]) == (401, 429)


def test_the_contract_is_handed_out_to_who_has_a_key(ask: Ask) -> None:
    assert ask("GET", "/api/openapi.json", Role.AGENT).json()["info"]["title"] == "Menling"
    assert ask("GET", "/api/openapi.json", None).status_code == 401
