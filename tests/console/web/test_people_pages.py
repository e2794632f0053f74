"""The pages about our own people: users, keys, one's own account, and what is written down."""

from __future__ import annotations

import re

import pytest

from campaigns.settings import Settings
from campaigns.settings_people import ConsoleSettings
from console.web.audit import Action, record
from console.web.navigation import PLACES, is_within, places_for
from console.web.roles import Viewer
from console.web.routes.audit_page import KINDS
from console.web.sessions import digest_of
from console.web.site import address_of
from console.web.words import Language, words_in
from store.audit_queries import audit_entries
from store.people_queries import user, user_named, users
from store.people_types import Role, Theme
from store.people_values import AuditFilter
from store.token_queries import token_with

SCRIPT = "<script>alert('x')</script>"


@pytest.fixture
def trail(database):
    """Gives the audit trail: action, kind, subject."""

    def read(**wanted: str):
        with database.reading() as session:
            found = audit_entries(session, AuditFilter(**wanted))
        return [(each.action, each.user_id, each.kind, each.subject) for each in found]

    return read


def added(admin, login: str = "li", role: str = "agent", name: str = "李芳"):
    return admin.post("/users", {"login": login, "name": name, "role": role})


def test_a_new_user_gets_a_link_that_is_shown_once(admin, stranger, database, trail) -> None:
    page = added(admin)
    link = re.search(r"http://localhost(/link/[\w-]+)", page.text)[1]
    assert link not in admin.get("/users").text
    assert "李芳" in admin.get("/users").text
    assert stranger.get(link).status_code == 200
    with database.reading() as session:
        made = user_named(session, "LI")
    assert (made.role, made.language, made.active) == (Role.AGENT, "zh-CN", True)
    assert trail() == [
        ("link_made", admin.user_id, "user", str(made.id)),
        ("user_added", admin.user_id, "user", str(made.id)),
    ]


def test_a_name_that_is_taken_is_told_and_a_bad_one_refused(admin) -> None:
    assert added(admin, "admin").status_code == 409
    for login in ("x", "a b", "王芳", "x" * 65, "a/b"):
        assert added(admin, login).status_code == 422


def test_a_script_in_a_name_stays_a_name(admin) -> None:
    added(admin, name=SCRIPT)
    text = admin.get("/users").text
    assert SCRIPT not in text
    assert "&lt;script&gt;" in text


def test_a_user_can_be_changed_and_switched_off(admin, browser_of, database) -> None:
    other = browser_of(Role.AGENT)
    changed = admin.post(f"/users/{other.user_id}", {"name": "New", "role": "viewer"})
    assert changed.headers["location"] == "/users?done=user_changed"
    assert "The user is saved" in admin.get(changed.headers["location"]).text
    with database.reading() as session:
        found = user(session, other.user_id)
    assert (found.name, found.role, found.active) == ("New", Role.VIEWER, False)
    assert other.get("/account").status_code == 303


def test_one_administrator_is_always_left(admin, database) -> None:
    for fields in ({"role": "agent", "active": "true"}, {"role": "admin"}):
        answer = admin.post(f"/users/{admin.user_id}", {"name": "x"} | fields)
        assert answer.status_code == 409
        assert "One active administrator must be left" in answer.text
    with database.reading() as session:
        assert [(each.role, each.active) for each in users(session)] == [(Role.ADMIN, True)]


def test_a_reset_link_leads_to_a_new_password(admin, browser_of, stranger) -> None:
    other = browser_of(Role.AGENT)
    page = admin.post(f"/users/{other.user_id}/link")
    link = re.search(r"http://localhost(/link/[\w-]+)", page.text)[1]
    chosen = {"password": "correct horse 9", "again": "correct horse 9"}
    assert stranger.post(link, chosen).status_code == 303
    assert other.get("/account").status_code == 303, "signed out everywhere"


@pytest.mark.parametrize("path", ["/users/99", "/users/99/link"])
def test_nobody_who_is_not_there_is_changed(admin, path) -> None:
    assert admin.post(path, {"name": "x", "role": "agent"}).status_code == 404


def test_a_key_is_shown_once_and_kept_as_a_digest(browser_of, database, trail) -> None:
    boss = browser_of(Role.SUPERVISOR)
    page = boss.post("/tokens", {"name": SCRIPT, "role": "viewer"})
    key = re.search(r"menling_[\w-]{43}", page.text)[0]
    again = boss.get("/tokens").text
    assert key not in again
    assert SCRIPT not in again
    with database.reading() as session:
        token, owner = token_with(session, digest_of(key))
    assert (token.role, owner.id) == (Role.VIEWER, boss.user_id)
    assert trail() == [("token_made", boss.user_id, "token", str(token.id))]


def test_every_entry_of_the_trail_is_told_in_words(admin, browser_of, database, clock) -> None:
    boss = browser_of(Role.SUPERVISOR)
    boss.post("/tokens", {"name": "for the TMS", "role": "viewer"})
    page = admin.get("/audit").text
    for told in ("API key made", "API key 1", "role: viewer"):
        assert told in page
    assert "API key 1" in admin.get("/audit?kind=token").text
    assert "API key 1" not in admin.get("/audit?kind=user").text


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_an_entry_is_about_has_its_words(kind) -> None:
    for language in Language:
        assert f"trail.of.{kind}" in words_in(language)


def test_nobody_makes_a_key_that_may_more_than_they(browser_of, trail) -> None:
    boss = browser_of(Role.SUPERVISOR)
    assert boss.post("/tokens", {"name": "x", "role": "admin"}).status_code == 403
    assert trail() == []


def test_administrators_revoke_every_key_and_others_their_own(admin, browser_of, trail) -> None:
    boss, other = browser_of(Role.SUPERVISOR), browser_of(Role.SUPERVISOR, "other")
    boss.post("/tokens", {"name": "for the TMS", "role": "viewer"})
    assert "for the TMS" not in other.get("/tokens").text
    assert other.post("/tokens/1/revoke").status_code == 404
    assert "for the TMS" in admin.get("/tokens").text
    assert admin.post("/tokens/1/revoke").status_code == 303
    assert admin.post("/tokens/1/revoke").status_code == 404
    assert trail(action="token_revoked") == [("token_revoked", admin.user_id, "token", "1")]


def test_language_and_colours_stay_chosen(browser_of, database) -> None:
    browser = browser_of(Role.VIEWER)
    for path, fields in (("/language", {"language": "zh-CN"}), ("/theme", {"theme": "dark"})):
        answer = browser.post(path, fields | {"next": "/account?x=1"})
        assert answer.headers["location"] == "/account?x=1"
    page = browser.get("/account").text
    assert '<html lang="zh-CN" data-theme="dark">' in page
    assert "我的账号" in page
    with database.reading() as session:
        found = user(session, browser.user_id)
    assert (found.language, found.theme) == ("zh-CN", Theme.DARK)


def test_ones_own_account_says_on_whose_clock_times_are(browser_of) -> None:
    page = browser_of(Role.VIEWER).get("/account").text
    assert "<dt>Times are shown in</dt><dd>Asia/Shanghai</dd>" in page


def test_a_language_is_chosen_before_one_signs_in(stranger) -> None:
    assert "登录" in stranger.get("/sign-in").text
    stranger.post("/language", {"language": "en-US", "next": "/sign-in"})
    assert "User name" in stranger.get("/sign-in").text


def test_the_menu_shows_what_one_may_and_what_there_is() -> None:
    everything = frozenset(each.path for each in PLACES)
    viewer = Viewer(1, "x", Role.VIEWER, "zh-CN", "")
    seen = {each.name for each in places_for(viewer, everything)}
    assert seen == {"board", "campaigns", "calls", "flow_map"}
    assert places_for(viewer, frozenset({"/users"})) == ()
    assert places_for(None, everything) == ()
    assert len({each.key for each in PLACES}) == len(PLACES)


def test_a_page_belongs_to_the_place_above_it() -> None:
    board, calls = PLACES[0], next(each for each in PLACES if each.path == "/calls")
    assert is_within(calls, "/calls/12")
    assert not is_within(calls, "/callsigns")
    assert not is_within(board, "/calls")


@pytest.mark.parametrize(
    "value", ["王小明", "+8613800138001", "1234567", "a" * 65, "x;y", "幸福路"]
)
def test_the_trail_takes_nothing_that_could_be_a_person(database, value) -> None:
    with database.transaction() as session:
        with pytest.raises(ValueError, match="ids and words"):
            record(session, None, Action.CALL_SEEN, "call", value)
        with pytest.raises(ValueError, match="ids and words"):
            record(session, None, Action.CALL_SEEN, "call", 1, {"why": value})


@pytest.mark.parametrize(
    ("console", "address"),
    [({}, "http://127.0.0.1:8088/x"), ({"host": "0.0.0.0", "port": 9000}, "http://127.0.0.1:9000/x"),
     ({"host": "::1"}, "http://[::1]:8088/x"),
     ({"host_names": ("menling.example",), "secure_cookies": True}, "https://menling.example/x")],
)  # fmt: skip
def test_a_link_names_the_console_as_people_reach_it(console, address) -> None:
    assert address_of(Settings(console=ConsoleSettings(**console)), "/x") == address
