"""Signing in and out, links, and how often one may try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from campaigns.settings import Settings
from campaigns.settings_people import ConsoleSettings
from console.web.app import BAD_LINKS
from console.web.passwords import hashed, is_right, weakness
from console.web.routes.sign_in import within_site
from console.web.sessions import digest_of
from console.web.signing_in import TRIES_OF_ADDRESS, TRIES_OF_BOTH, first_link, new_link
from store.audit_queries import audit_entries
from store.people_queries import change_user, note_failure, set_password, user_named
from store.people_types import Role
from store.people_values import AuditFilter

PASSWORD = "correct horse 9"
KEPT = hashed(PASSWORD)


@pytest.fixture
def wang(browser_of, database) -> int:
    """A supervisor who has a password, and no open session."""
    user_id: int = browser_of(Role.SUPERVISOR, "wang").user_id
    with database.transaction() as session:
        set_password(session, user_id, KEPT)
    return user_id


def signs_in(browser, login: str = "wang", password: str = PASSWORD, **more: str):
    return browser.post("/sign-in", {"login": login, "password": password} | more)


@pytest.fixture
def actions(database) -> Callable[[], list[str]]:
    """Gives the audit trail, oldest first."""

    def read() -> list[str]:
        with database.reading() as session:
            return [each.action for each in audit_entries(session, AuditFilter())][::-1]

    return read


def test_whoever_knows_the_password_comes_in_where_they_wanted(stranger, wang, actions) -> None:
    asked = stranger.get("/tokens?x=1")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/tokens%3Fx%3D1")
    assert 'value="/tokens?x=1"' in stranger.get(asked.headers["location"]).text
    came = signs_in(stranger, " WANG ", next="/tokens?x=1")
    assert (came.status_code, came.headers["location"]) == (303, "/tokens?x=1")
    assert stranger.get("/tokens").status_code == 200
    assert actions() == ["signed_in"]


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(stranger, wang) -> None:
    cookie = signs_in(stranger).headers["set-cookie"]
    assert cookie.startswith("menling_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


def test_a_wrong_password_and_an_unknown_name_are_told_the_same(stranger, wang, actions) -> None:
    wrong = signs_in(stranger, password="not this one")
    unknown = signs_in(stranger, login="nobody", password="not this one")
    assert wrong.status_code == unknown.status_code == 403
    assert wrong.text.replace("wang", "nobody") == unknown.text
    assert actions() == ["sign_in_refused", "sign_in_refused"]


def test_after_five_wrong_tries_not_even_the_right_password_is_looked_at(
    stranger, wang, clock
) -> None:
    for _ in range(TRIES_OF_BOTH):
        assert signs_in(stranger, password="guess guess").status_code == 403
    assert signs_in(stranger).status_code == 429
    clock.forward(minutes=15)
    assert signs_in(stranger).status_code == 303


def test_one_address_does_not_try_name_after_name(stranger, wang, database, clock) -> None:
    here = digest_of("testclient")
    long_ago = clock() - timedelta(days=1)
    with database.transaction() as session:
        for n in range(TRIES_OF_ADDRESS - 1):
            note_failure(session, f"name {n}", here, clock(), long_ago)
    assert signs_in(stranger, "one more", "short").status_code == 403
    assert signs_in(stranger).status_code == 429


def test_signing_in_forgives_the_mistypes_before(stranger, wang) -> None:
    for _ in range(TRIES_OF_BOTH - 1):
        signs_in(stranger, password="mistyped it")
    assert signs_in(stranger).status_code == 303
    stranger.client.cookies.clear()
    assert signs_in(stranger, password="mistyped it").status_code == 403


def test_signing_out_ends_the_session_and_not_only_the_cookie(browser_of, stranger) -> None:
    browser = browser_of(Role.VIEWER)
    secret = browser.client.cookies["menling_session"]
    assert browser.post("/sign-out").status_code == 303
    stranger.client.cookies["menling_session"] = secret
    assert stranger.get("/account").status_code == 303


def test_one_may_sign_out_everywhere(stranger, wang, browser_of) -> None:
    elsewhere = browser_of(Role.VIEWER)
    elsewhere.client.cookies.clear()
    assert signs_in(elsewhere).status_code == signs_in(stranger).status_code == 303
    csrf = stranger.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    answer = stranger.post("/account/sign-out-everywhere", {"csrf": csrf})
    assert answer.headers["location"] == "/sign-in?done=signed_out"
    assert elsewhere.get("/account").status_code == 303


def test_a_session_ends_by_itself(admin, clock) -> None:
    clock.forward(hours=11, minutes=59)
    assert admin.get("/account").status_code == 200
    clock.forward(minutes=2)
    assert admin.get("/account").status_code == 303


def test_whoever_is_switched_off_is_out_at_once(admin, browser_of, database, stranger) -> None:
    browser = browser_of(Role.SUPERVISOR, "chen")
    with database.transaction() as session:
        change_user(session, browser.user_id, active=False)
        set_password(session, browser.user_id, KEPT)
    assert browser.get("/account").status_code == 303
    assert signs_in(stranger, "chen").status_code == 403


def test_a_role_that_is_taken_away_is_gone_with_the_next_click(admin, browser_of, database) -> None:
    browser = browser_of(Role.SUPERVISOR)
    assert browser.get("/tokens").status_code == 200
    with database.transaction() as session:
        change_user(session, browser.user_id, role=Role.VIEWER)
    assert browser.get("/tokens").status_code == 403


def test_the_first_start_makes_the_administrator_and_one_link(stranger, database, clock) -> None:
    first = first_link(database, clock())
    link = first_link(database, clock())
    assert first != link
    assert stranger.get(first).status_code == 404, "a new start voids the link before"
    assert "admin" in stranger.get(link).text
    chosen = stranger.post(link, {"password": PASSWORD, "again": PASSWORD})
    assert chosen.headers["location"] == "/sign-in?done=password_chosen"
    assert first_link(database, clock()) is None
    assert stranger.post(link, {"password": PASSWORD, "again": PASSWORD}).status_code == 404
    assert signs_in(stranger, "admin").status_code == 303


def test_a_link_is_good_for_a_day(stranger, wang, database, clock) -> None:
    link = new_link(database, wang, clock())
    clock.forward(hours=23)
    assert stranger.get(link).status_code == 200
    clock.forward(hours=1)
    answer = stranger.get(link)
    assert answer.status_code == 404
    assert "过期" in answer.text


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("short 1", "short 1", "太短"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "太容易"),
        ("wang wang 2026", "wang wang 2026", "太容易"),
        (PASSWORD, "another horse 9", "不一致"),
    ],
)
def test_a_password_must_be_good_and_typed_twice(
    stranger, wang, database, clock, password, again, told
) -> None:
    link = new_link(database, wang, clock())
    answer = stranger.post(link, {"password": password, "again": again})
    assert answer.status_code == 422
    assert told in answer.text
    assert stranger.get(link).status_code == 200, "the link was not used up"


def test_a_new_password_ends_every_other_session(stranger, wang, browser_of, database) -> None:
    signs_in(stranger)
    csrf = stranger.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    elsewhere = browser_of(Role.VIEWER)
    elsewhere.client.cookies.clear()
    assert signs_in(elsewhere).status_code == 303
    answer = stranger.post(
        "/account/password",
        {
            "csrf": csrf,
            "current": PASSWORD,
            "password": "new horse 2026",
            "again": "new horse 2026",
        },
    )
    assert answer.headers["location"] == "/account?done=password_changed"
    assert "is changed" in stranger.get(answer.headers["location"]).text
    assert elsewhere.get("/account").status_code == 303


def test_a_new_password_needs_the_old_one(browser_of, database) -> None:
    browser = browser_of(Role.VIEWER)
    with database.reading() as session:
        assert user_named(session, "viewer").has_password is False
    answer = browser.post(
        "/account/password", {"current": "", "password": PASSWORD, "again": PASSWORD}
    )
    assert answer.status_code == 422


def test_whoever_finds_a_browser_open_does_not_guess_the_password_there(
    stranger, wang, clock, actions
) -> None:
    signs_in(stranger)
    csrf = stranger.get("/account").text.split('name="csrf" value="')[1].split('"')[0]
    new = {"csrf": csrf, "password": "new horse 2026", "again": "new horse 2026"}

    def changes(current: str):
        return stranger.post("/account/password", new | {"current": current})

    for _ in range(TRIES_OF_BOTH):
        assert changes("guess guess").status_code == 422
    refused = changes(PASSWORD)
    assert refused.status_code == 429
    assert "15 minutes" in refused.text
    assert actions()[1:] == ["password_refused"] * TRIES_OF_BOTH
    clock.forward(minutes=15)
    assert changes(PASSWORD).status_code == 303


def test_links_are_not_guessed(stranger, wang, database, clock) -> None:
    link = new_link(database, wang, clock())
    both = {"password": PASSWORD, "again": PASSWORD}
    for n in range(BAD_LINKS // 2):
        assert stranger.get(f"/link/guess-{n}").status_code == 404
        assert stranger.post(f"/link/guess-{n}", both).status_code == 404
    assert stranger.post(link, both).status_code == 429
    refused = stranger.get(link)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "300")
    clock.forward(minutes=5)
    assert stranger.get(link).status_code == 200


def test_a_password_of_nobody_is_never_right() -> None:
    assert is_right(PASSWORD, KEPT)
    assert not is_right(PASSWORD, "")
    assert not is_right("nobody signs in with this", "")
    assert not is_right(PASSWORD, "$argon2id$damaged")
    assert KEPT.startswith("$argon2id$")
    assert weakness("x" * 300, "wang") == "password.too_long"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb"],
)
def test_nobody_is_led_to_another_site(stranger, wang, elsewhere) -> None:
    assert within_site(elsewhere) == ""
    assert signs_in(stranger, next=elsewhere).headers["location"] == "/sign-in"


def test_over_https_the_cookie_is_for_this_host_and_https_alone(
    stranger, wang, database, clock
) -> None:
    from fastapi.testclient import TestClient

    from console.web.app import create_app

    secure = Settings(console=ConsoleSettings(secure_cookies=True))
    client = TestClient(create_app(secure, database, clock), base_url="https://localhost")
    answer = signs_in(type(stranger)(client))
    assert answer.headers["set-cookie"].startswith("__Host-menling_session=")
    assert "Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers
    assert client.get("/account").status_code == 200
