"""Every page of the console in a real browser, in both languages: it loads, nothing goes wrong in
it, and people with a screen reader or a keyboard are not kept out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response

from bench.screens import PAGES, places_of, served
from bench.screens_sample import Sample, make_sample
from campaigns.settings import Settings
from console.web.sessions import open_session
from store.database import Database

LANGUAGES = ("zh-CN", "en-US")
SERIOUS = frozenset({"serious", "critical"})


@dataclass
class Visitor:
    """Somebody at the console, and what their browser complained about."""

    address: str
    sample: Sample
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page of the sample."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        page.on("console", lambda said: self._said(said.type, said.text))
        answer = page.goto(self.address + path.format(**places_of(self.sample)))
        assert answer is not None
        assert answer.status == 200, path
        return page

    def _failed(self, request: Request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # a stream or a poll ends with its page
            self.complaints.append(f"{request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.url}: {response.status}")

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)


@pytest.fixture(scope="module", params=LANGUAGES)
def visitor(
    request: pytest.FixtureRequest,
    browser: Browser,
    sqlite_template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Visitor]:
    """An administrator who is an agent too, at a console with a morning's work in it."""
    home = tmp_path_factory.mktemp("console")
    settings = Settings.model_validate({"paths": {"data_dir": str(home)}})
    (home / "menling.db").write_bytes(sqlite_template.read_bytes())
    database = Database(settings.store_url)
    now = datetime.now(UTC)
    sample = make_sample(database, settings.recordings_dir, now, request.param)
    secret = open_session(database, sample.user, now, timedelta(hours=1))
    with served(database, settings) as address:
        # Colours on their way from one theme to the other have no contrast to speak of.
        context = browser.new_context(locale=request.param, reduced_motion="reduce")
        context.add_cookies([{"name": "menling_session", "value": secret, "url": address}])
        yield Visitor(address, sample, context)
        context.close()
    database.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_without_a_complaint_and_keeps_nobody_out(visitor: Visitor, name: str) -> None:
    visitor.complaints.clear()
    page = visitor.open(PAGES[name])
    keeps_nobody_out(page, name)
    page.close()
    assert visitor.complaints == []


@pytest.mark.slow
def test_whoever_is_not_signed_in_is_kept_out_of_no_form(visitor: Visitor) -> None:
    visitor.complaints.clear()
    signed_in = visitor.context.cookies()
    visitor.context.clear_cookies()
    try:
        for path in ("/sign-in", "/account"):
            page = visitor.open(path)
            assert page.url.startswith(f"{visitor.address}/sign-in")
            keeps_nobody_out(page, path)
            page.close()
    finally:
        visitor.context.add_cookies(signed_in)
    assert visitor.complaints == []


def keeps_nobody_out(page: Page, name: str) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        found = Axe().run(page).response["violations"]
        serious = [
            f"{each['id']}: {each['help']} ({each['nodes'][0]['html'][:120]})"
            for each in found
            if each["impact"] in SERIOUS
        ]
        assert serious == [], f"{name}, {theme}"
