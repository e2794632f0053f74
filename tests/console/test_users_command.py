"""`menling users`: the way in when nobody can sign in."""

from __future__ import annotations

import re

from store.audit_queries import audit_entries
from store.database import Database
from store.people_queries import change_user, user_named, users
from store.people_types import Role
from store.people_values import AuditFilter


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


def test_a_user_who_was_switched_off_is_on_again_and_the_trail_says_so(menling, at_home) -> None:
    menling("users", "add", "wang", "--role", "admin")
    menling("users", "add", "chen", "--role", "agent")
    database = Database(f"sqlite:///{at_home / 'data' / 'menling.db'}")
    with database.transaction() as session:
        change_user(session, user_named(session, "chen").id, active=False)
    menling("users", "reset", "chen")
    menling("users", "reset", "chen")
    with database.reading() as session:
        chen = user_named(session, "chen")
        (changed,) = audit_entries(session, AuditFilter(action="user_changed"))
    database.close()
    assert chen.active
    assert (changed.subject, changed.details) == (str(chen.id), {"active": "True"})


def test_brackets_and_colons_in_a_name_are_shown_as_they_are(menling) -> None:
    menling("users", "add", "wang", "--name", "[red] :x:", "--role", "admin")
    assert "[red] :x:" in menling("users", "list").said
