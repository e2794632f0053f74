"""Pictures of every page of the console, with invented people in it.

    python -m bench.screens --to docs/screens

Starts the console on this machine over a store of its own, signs in and photographs every page in
both languages with Debian's Chromium.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, ViewportSize, sync_playwright
from rich.progress import track

from bench.screens_sample import Sample, make_sample
from campaigns.settings import Settings
from console.web.app import create_app
from console.web.sessions import open_session
from store.database import Database

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync", "--disable-quic"),
)
SIZE: ViewportSize = {"width": 1280, "height": 820}

PAGES = {
    "board": "/",
    "callbacks": "/callbacks",
    "supervise": "/supervise",
    "supervise-call": "/supervise/{live}",
    "campaigns": "/campaigns",
    "campaign-new": "/campaigns/new",
    "campaign": "/campaigns/{campaign}",
    "campaign-rules": "/campaigns/{campaign}/rules",
    "campaign-results": "/campaigns/{campaign}/results?by=pilot",
    "contacts": "/campaigns/{campaign}/contacts",
    "contact": "/contacts/{contact}",
    "forget": "/contacts/{contact}/forget",
    "reconcile": "/reconcile",
    "messages": "/messages",
    "message": "/messages/{message}",
    "calls": "/calls",
    "call": "/calls/{settled}",
    "flow-map": "/flow-map",
    "flow-map-one": "/flow-map/pre-delivery/zh-CN",
    "reviews": "/reviews",
    "review": "/reviews/{review}",
    "cases": "/cases",
    "suppression": "/suppression",
    "tokens": "/tokens",
    "users": "/users",
    "audit": "/audit",
    "account": "/account",
    "desk": "/desk",  # the last one: once it was open, other pages call back to it
}
"""Every page for those who are signed in; what stands in braces is of the sample."""


@contextmanager
def served(database: Database, settings: Settings) -> Iterator[str]:
    """Serve the console on a port of its own and give its address."""
    app = create_app(settings, database)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    socket = server.config.bind_socket()
    socket.listen()  # whoever asks before the server has begun waits for it
    thread = threading.Thread(target=server.run, args=([socket],), name="console")
    thread.start()
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def chromium(*options: str) -> Iterator[Browser]:
    """Start Debian's Chromium without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*CHROMIUM_OPTIONS, *options]
        )
        try:
            yield browser
        finally:
            browser.close()


def main() -> None:
    """Photograph every page in both languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("docs/screens"))
    folder: Path = parser.parse_args().to
    with chromium() as browser:
        for language in ("zh-CN", "en-US"):
            with tempfile.TemporaryDirectory() as home:
                _photograph(browser, Path(home), language, folder / language)


def _photograph(browser: Browser, home: Path, language: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings.model_validate({"paths": {"data_dir": str(home)}})
    database = Database(settings.store_url)
    database.upgrade()
    now = datetime.now(UTC)
    sample = make_sample(database, settings.recordings_dir, now, language)
    secret = open_session(database, sample.user, now, timedelta(hours=1))
    with served(database, settings) as address:
        visitor = browser.new_context(viewport=SIZE)
        visitor.add_cookies([{"name": "menling_session", "value": secret, "url": address}])
        page = visitor.new_page()
        for name, path in track(PAGES.items(), f"{language}: photographing"):
            answer = page.goto(address + path.format(**places_of(sample)))
            if answer is None or not answer.ok:
                raise SystemExit(f"{path} is no page; nothing of it was photographed.")
            page.wait_for_timeout(1200)  # counters and the first live event
            page.locator("main .empty[role=status]").wait_for(state="detached")  # it is drawn
            page.screenshot(path=folder / f"{name}.png", full_page=True)
        visitor.close()
        stranger = browser.new_context(viewport=SIZE, locale=language)
        page = stranger.new_page()
        page.goto(f"{address}/sign-in")
        page.screenshot(path=folder / "sign-in.png", full_page=True)
        stranger.close()
    database.close()


def places_of(sample: Sample) -> dict[str, int]:
    """Return what stands for the braces in PAGES."""
    return {
        "campaign": sample.campaign,
        "live": sample.live,
        "settled": sample.settled,
        "contact": sample.contact,
        "review": sample.review,
        "message": sample.message,
    }


if __name__ == "__main__":
    main()
