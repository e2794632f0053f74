"""The console over a store of its own, with browsers in which somebody is signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from campaigns.settings import Settings
from console.web.app import create_app
from console.web.counted import Counted
from console.web.sessions import csrf_of, open_session
from store.claims import claim_next, mark_dialing, settle
from store.database import Database
from store.models import Contact, Delivery, Recipient
from store.people_queries import add_user
from store.people_types import Role
from store.queries import campaign_named, create_campaign, set_campaign_status
from store.types import CampaignStatus, ContactStatus
from store.values import Settlement

HOME = "http://localhost"


@dataclass
class Clock:
    """Tells the time that the test wants."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **length: float) -> None:
        """Let some time pass."""
        self.now += timedelta(**length)


@dataclass
class Browser:
    """A browser, with somebody signed in or nobody."""

    client: TestClient
    user_id: int = 0
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **options: Any) -> Response:
        """Ask for a page."""
        return self.client.get(path, **self._with(options))

    def post(self, path: str, fields: dict[str, Any] | None = None, **options: Any) -> Response:
        """Send a form of the page."""
        brought = {"csrf": self.csrf} | (fields or {})
        return self.client.post(path, data=brought, **self._with(options))

    def _with(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"follow_redirects": False} | options


@pytest.fixture
def clock(now: datetime) -> Clock:
    """A clock that stands still until the test moves it."""
    return Clock(now)


@pytest.fixture
def settings() -> Settings:
    """Settings as they are by default."""
    return Settings()


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """An empty store."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture
def app(settings: Settings, database: Database, clock: Clock) -> FastAPI:
    """The console, on which pages wait for what is counted, however busy the machine is."""
    made = create_app(settings, database, clock)
    made.state.counted = Counted(patience_seconds=60.0)
    return made


@pytest.fixture
def stranger(app: FastAPI) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(TestClient(app, base_url=HOME))


@pytest.fixture
def browser_of(app: FastAPI, database: Database, clock: Clock) -> Callable[..., Browser]:
    """Gives a browser in which somebody of a role is signed in, in English unless told."""

    def signed_in(role: Role, login: str = "", language: str = "en-US") -> Browser:
        with database.transaction() as session:
            user = add_user(
                session,
                login=login or role.value,
                name=f"The {role.value}",
                role=role,
                language=language,
                now=clock(),
            )
        secret = open_session(database, user.id, clock(), timedelta(hours=12))
        client = TestClient(app, base_url=HOME, cookies={"menling_session": secret})
        return Browser(client, user.id, csrf_of(secret))

    return signed_in


@pytest.fixture
def admin(browser_of: Callable[..., Browser]) -> Browser:
    """A browser in which an administrator is signed in."""
    return browser_of(Role.ADMIN)


@dataclass
class Calls:
    """Makes contacts in campaigns of their own name, and calls to them."""

    database: Database
    clock: Clock
    made: int = 0

    def campaign(self, name: str = "早班") -> int:
        """Return a running campaign of that name."""
        with self.database.transaction() as session:
            known = campaign_named(session, name)
            if known is not None:
                return known.id
            made = create_campaign(
                session, name=name, flow="pre-delivery", company="顺达", now=self.clock()
            )
            set_campaign_status(session, made.id, CampaignStatus.RUNNING, self.clock())
            return made.id

    def contact(
        self,
        recipient: str = "王小明",
        campaign: str = "早班",
        address: str = "上海市浦东新区幸福路18号",
    ) -> int:
        """Return a contact that waits: +861380013800N with the parcel SDN."""
        owner = self.campaign(campaign)
        self.made += 1
        phone = f"+8613800138{self.made:03}"
        with self.database.transaction() as session:
            contact = Contact(
                campaign_id=owner,
                recipient=Recipient(name=recipient, phone=phone),
                phone=phone,
                language="zh-CN",
                time_zone="Asia/Shanghai",
            )
            session.add(contact)
            session.flush()
            session.add(
                Delivery(
                    campaign_id=owner,
                    contact_id=contact.id,
                    waybill=f"SD{self.made:03}",
                    address=address,
                )
            )
            return contact.id

    def dial(self, campaign: str = "早班", settlement: Settlement | None = None) -> int:
        """Dial the next contact of a campaign; the call ends so, or goes on (None)."""
        owner = self.campaign(campaign)
        with self.database.transaction() as session:
            claimed = claim_next(session, owner, self.clock(), claimed_by="engine")
            assert claimed is not None
            mark_dialing(session, claimed.attempt_id, self.clock())
            if settlement is not None:
                settle(session, claimed.attempt_id, settlement, then=ContactStatus.DONE)
            return claimed.attempt_id


@pytest.fixture
def calls(database: Database, clock: Clock) -> Calls:
    """Makes contacts and calls to them."""
    return Calls(database, clock)
