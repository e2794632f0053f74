"""What is tried against the console from outside, and refused."""

from __future__ import annotations

import json
import logging

import pytest
from fastapi import Depends
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import StreamingResponse

from campaigns.settings import Settings
from campaigns.settings_people import ConsoleSettings
from console.web.app import create_app
from console.web.doorkeeper import BAD_KEYS, BAD_KEYS_FOR
from console.web.request_log import LOG_NAME, keep_log
from console.web.roles import Permission
from console.web.security import may
from console.web.sessions import digest_of, new_key
from store.errors import StoreError
from store.people_queries import change_user, end_sessions
from store.people_types import Role
from store.token_queries import add_token, revoke_token, tokens


@pytest.fixture
def settings() -> Settings:
    """As by default, but files of 10 kB are too large."""
    return Settings(console=ConsoleSettings(upload_mib=0.01, host_names=("console.example",)))


@pytest.fixture
def key_of(database, clock):
    """Makes a key of the API for somebody."""

    def make(user_id: int, role: Role) -> tuple[int, str]:
        key = new_key()
        with database.transaction() as session:
            made = add_token(
                session, user_id=user_id, name="x", role=role, digest=digest_of(key), now=clock()
            )
        return made.id, key

    return make


@pytest.fixture(autouse=True)
def _probes(app) -> None:
    """Routes that do what no page should."""

    @app.get("/metrics/probe", dependencies=[Depends(may(Permission.SEE_CALLS))])
    def probe() -> dict[str, str]:
        return {"seen": "it"}

    @app.post("/metrics/probe", dependencies=[Depends(may(Permission.RUN_CAMPAIGNS))])
    def change() -> dict[str, str]:
        return {"done": "it"}

    @app.get("/ticks", dependencies=[Depends(may(Permission.SEE_BOARD))])
    def ticks(request: Request, stops_at: int) -> StreamingResponse:
        """Gives a stream of 100 events, with a second between them for the clock of the site."""

        async def events():
            for n in range(100):
                if n == stops_at:
                    with request.app.state.site.database.transaction() as session:
                        end_sessions(session, 1)
                request.app.state.site.clock.forward(seconds=1)
                yield f"data: {n}\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    @app.get("/fails/{number}", dependencies=[Depends(may(Permission.OWN_ACCOUNT))])
    def fails(number: str) -> None:
        raise RuntimeError(f"王小明 {number}")

    @app.get("/store-away", dependencies=[Depends(may(Permission.OWN_ACCOUNT))])
    def store_away() -> None:
        raise StoreError("postgresql://secret@db is away")


def test_a_form_of_another_site_is_refused(admin) -> None:
    fields = {"login": "li", "name": "Li", "role": "agent"}
    assert admin.post("/users", fields | {"csrf": ""}).status_code == 403
    assert admin.post("/users", fields | {"csrf": "0" * 64}).status_code == 403
    for sent_by in ({"origin": "https://evil.example"}, {"origin": "null"},
                    {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):  # fmt: skip
        assert admin.post("/users", fields, headers=sent_by).status_code == 403
    assert "@" not in admin.get("/users").text.split("<tbody>")[1].split("</tbody>")[0]
    own = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    assert admin.post("/users", fields, headers=own).status_code == 200


def test_a_script_of_ours_brings_the_token_in_a_header(admin) -> None:
    answer = admin.client.post(
        "/theme", data={"theme": "dark"}, headers={"x-csrf-token": admin.csrf},
        follow_redirects=False,
    )  # fmt: skip
    assert answer.status_code == 303
    assert 'data-theme="dark"' in admin.get("/account").text


def test_a_name_that_is_not_ours_gets_no_page(stranger) -> None:
    wrong = ("evil.example", "evil.example:8088", "", "localhost.evil.example", "localhost/api",
             "evil.example@localhost", "localhost?", "localhost#", "[::1")  # fmt: skip
    for host in wrong:
        assert stranger.get("/sign-in", headers={"host": host}).status_code == 400
    for host in ("localhost:8088", "127.0.0.1:8088", "[::1]:8088", "Console.Example"):
        assert stranger.get("/sign-in", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/account", "/nothing", "/static/console.css"])
def test_every_answer_says_what_a_browser_may_do_with_it(admin, path) -> None:
    headers = admin.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["permissions-policy"].startswith("microphone=(self)")
    assert headers["x-frame-options"] == "DENY"


def test_pages_are_kept_by_no_cache_and_files_by_their_content(admin) -> None:
    assert admin.get("/account").headers["cache-control"] == "no-store"
    page = admin.get("/account").text
    style = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in admin.get(style).headers["cache-control"]
    assert admin.get("/static/console.css").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd",
     "/static/vendor/../../words/ui.yaml", "/static/%00"],
)  # fmt: skip
def test_no_other_file_is_handed_out(admin, path) -> None:
    assert admin.get(path).status_code == 404


def test_too_much_is_refused_before_it_is_read(admin, stranger) -> None:
    too_much = {"name": "x" * 20_000}
    assert admin.post("/users", too_much).status_code == 413
    assert stranger.post("/users", too_much).headers["location"] == "/sign-in"


def test_too_much_that_does_not_say_how_much_it_is_is_cut_off(admin) -> None:
    sent = []

    def pieces():
        for _ in range(1000):
            sent.append(1)
            yield b"name=" + b"x" * 1000

    answer = admin.client.post(
        "/users", content=pieces(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert answer.status_code == 413


def test_what_fails_is_told_without_a_trace_of_it(admin, caplog) -> None:
    with caplog.at_level(logging.INFO, LOG_NAME):
        answer = admin.get("/fails/13800138001")
    assert answer.status_code == 500
    assert "Calls in progress go on" in answer.text
    line = json.loads(caplog.messages[-1])
    assert line["error"].startswith("RuntimeError at test_security.py:")
    assert (line["route"], line["status"], line["user_id"]) == ("/fails/{number}", 500, 1)
    for told in (answer.text, caplog.text):
        assert "王小明" not in told
        assert "Traceback" not in told
    assert "RuntimeError" not in answer.text
    assert "13800138001" not in caplog.text


def test_a_store_out_of_reach_is_told_so(admin) -> None:
    answer = admin.get("/store-away")
    assert answer.status_code == 503
    assert "secret" not in answer.text


def test_a_page_that_is_not_there_is_told_in_both_languages(browser_of, stranger) -> None:
    assert "没有这个页面" in browser_of(Role.VIEWER, language="zh-CN").get("/nothing").text
    assert "no such page" in stranger.get("/nothing", headers={"accept-language": "en"}).text


def test_a_part_of_a_page_gets_a_notice_and_a_program_a_problem(admin) -> None:
    part = admin.get("/nothing", headers={"hx-request": "true"})
    assert part.headers["hx-retarget"] == "#notices"
    assert part.text.startswith('<p class="notice bad"')
    problem = admin.get("/metrics/nothing")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json() == {"type": "about:blank", "title": "Not Found", "status": 404}


def test_whoever_is_signed_out_learns_so_in_the_middle_of_a_page(stranger) -> None:
    part = stranger.get("/account", headers={"hx-request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in")
    stream = stranger.get("/account", headers={"accept": "text/event-stream"})
    assert stream.status_code == 401


def test_what_is_live_ends_soon_after_the_session(admin, caplog) -> None:
    with caplog.at_level(logging.INFO, LOG_NAME):
        assert admin.get("/ticks?stops_at=100").text.count("data:") == 100
        seen = admin.get("/ticks?stops_at=30").text
    assert "data: 30" in seen
    assert "data: 50" not in seen
    assert [json.loads(line)["error"] for line in caplog.messages] == ["", ""]


def test_the_log_has_one_line_for_a_request_and_no_name_in_it(admin, caplog, tmp_path) -> None:
    handler = keep_log(tmp_path / "logs")
    try:
        admin.get("/account?q=13800138001")
    finally:
        logging.getLogger(LOG_NAME).removeHandler(handler)
        logging.getLogger(LOG_NAME).propagate = True
        handler.close()
    (line,) = (tmp_path / "logs" / "console.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert set(told) == {
        "at",
        "method",
        "route",
        "status",
        "seconds",
        "user_id",
        "token_id",
        "error",
    }
    assert (told["route"], told["status"], told["user_id"]) == ("/account", 200, admin.user_id)


@pytest.mark.parametrize(
    ("path", "route"),
    [("/api/campaigns/12", "/api/campaigns/{campaign_id"), ("/link/secret", "/link/{secret}"),
     ("/static/console.css", "/static"), ("/13800138001", "-"),
     ("/api/campaigns", "/api/campaigns"), ("/users/12/link", "/users/{user_id}/link")],
)  # fmt: skip
def test_a_route_is_told_as_it_is_declared(app, admin, path, route) -> None:
    told: list[str] = []
    app.state.observers.append(lambda answered: told.append(answered.route))
    admin.get(path)
    assert len(told) == 1
    assert told[0].startswith(route)
    assert "12" not in told[0]


def test_a_key_does_what_its_role_may_and_not_more(stranger, browser_of, key_of) -> None:
    boss = browser_of(Role.SUPERVISOR)
    _, key = key_of(boss.user_id, Role.VIEWER)
    bearer = {"authorization": f"Bearer {key}"}
    assert stranger.get("/metrics/probe", headers=bearer).json() == {"seen": "it"}
    assert stranger.post("/metrics/probe", headers=bearer).status_code == 403
    _, stronger = key_of(boss.user_id, Role.SUPERVISOR)
    answer = stranger.post("/metrics/probe", headers={"authorization": f"bearer {stronger}"})
    assert answer.json() == {"done": "it"}


def test_a_key_opens_no_page(stranger, admin, key_of) -> None:
    _, key = key_of(admin.user_id, Role.ADMIN)
    answer = stranger.get("/users", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 303


def test_a_key_is_void_once_revoked_or_its_owner_may_less(
    stranger, admin, browser_of, key_of, database, clock
) -> None:
    boss = browser_of(Role.SUPERVISOR)
    token_id, key = key_of(boss.user_id, Role.SUPERVISOR)
    bearer = {"authorization": f"Bearer {key}"}
    assert stranger.get("/metrics/probe", headers=bearer).status_code == 200
    with database.transaction() as session:
        assert tokens(session)[0].used_at == clock()
        change_user(session, boss.user_id, role=Role.VIEWER)
    assert stranger.get("/metrics/probe", headers=bearer).status_code == 401
    with database.transaction() as session:
        change_user(session, boss.user_id, role=Role.SUPERVISOR)
    assert stranger.get("/metrics/probe", headers=bearer).status_code == 200
    with database.transaction() as session:
        revoke_token(session, token_id, clock())
    answer = stranger.get("/metrics/probe", headers=bearer)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_keys_that_are_none_are_soon_not_looked_at(stranger, admin, key_of, clock) -> None:
    wrong = {"authorization": "Bearer menling_guess"}
    for _ in range(BAD_KEYS):
        assert stranger.get("/metrics/probe", headers=wrong).status_code == 401
    _, key = key_of(admin.user_id, Role.ADMIN)
    right = {"authorization": f"Bearer {key}"}
    assert stranger.get("/metrics/probe", headers=right).status_code == 429
    clock.now += BAD_KEYS_FOR
    assert stranger.get("/metrics/probe", headers=right).status_code == 200


def test_any_host_of_this_machine_is_one_that_is_named(database) -> None:
    everywhere = Settings(console=ConsoleSettings(host="0.0.0.0"))
    client = TestClient(create_app(everywhere, database), base_url="http://0.0.0.0")
    assert client.get("/sign-in").status_code == 400
