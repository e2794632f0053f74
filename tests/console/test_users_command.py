"""`menling users`: the way in when nobody can sign in."""

from __future__ import annotations

import re

from store.database import Database
from store.people_queries import users
from store.people_types import Role


def test_a_user_is_added_and_gets_a_link(menling, at_home) -> None:
    answer = menling("users", "add", "wang", "--name", "王芳", "--role", "supervisor")
    assert answer.status == 0
    assert re.search(r"http://127\.0\.0\.1:8088/link/[\w-]{43}", answer.said)
    database = Database(f"sqlite:///{at_home / 'data' / 'menling.db'}")
    with database.reading() as session:
        (wang,) = users(session)
    database.close()
    assert (wang.login, wang.name, wang.role) == ("wang", "王芳", Role.SUPERVISOR)
    listed = menling("users", "list").said
    assert "王芳" in listed
    assert "no password yet" in listed.replace("\n", " ")


def test_a_link_resets_a_password_and_an_unknown_user_is_told(menling) -> None:
    menling("users", "add", "wang", "--role", "admin")
    assert "/link/" in menling("users", "reset", "WANG").said
    unknown = menling("users", "reset", "chen")
    assert unknown.status == 1
    assert "menling users list" in unknown.complained
    assert menling("users", "add", "wang", "--role", "agent").status == 1
