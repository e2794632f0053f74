"""Other systems tell events with a key of the API, or by signed requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from campaigns.messages.signing import signed_headers
from campaigns.settings import Settings
from campaigns.settings_incoming import IncomingSettings, SourceSettings
from store.database import Database
from store.event_models import ParcelEvent
from store.people_types import Role

Ask = Callable[..., httpx2.Response]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PLACED = {
    "event_id": "e1",
    "event": "parcel.delivered",
    "waybill": "SD1000000",
    "at": "2026-11-21T04:30:00Z",
    "data": {"name": "王小明", "phone": "13800138001", "vip": True, "pieces": 2, "cod": None},
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings in which one system tells events."""
    oms = SourceSettings(name="oms", secrets=(SecretStr("0" * 24), SecretStr(SECRET)))
    return settings.model_copy(update={"incoming": IncomingSettings(sources=(oms,))})


@pytest.fixture
def hook(ask: Ask, later: datetime) -> Callable[..., httpx2.Response]:
    """Sends a signed request."""

    def once(
        body: bytes, source: str = "oms", at: datetime = later, secret: str = SECRET, **more: Any
    ) -> httpx2.Response:
        headers = signed_headers([secret], "msg_1", int(at.timestamp()), body)
        return ask("POST", f"/hooks/{source}", None, content=body, headers=headers | more)

    return once


def test_an_event_is_taken_once_and_shown_with_what_became_of_it(ask: Ask, seeded: Any) -> None:
    first = ask("POST", "/api/live-events", Role.ADMIN, json=PLACED)
    again = ask("POST", "/api/live-events", Role.ADMIN, json=PLACED)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["status"] == "taken"
    listed = ask("GET", "/api/live-events?status=taken", Role.ADMIN).json()["items"]
    assert [each["event_id"] for each in listed] == ["e1"]
    assert "王小明" not in json.dumps(listed, ensure_ascii=False)


def test_an_event_that_nobody_knows_is_refused_and_says_which_there_are(ask: Ask) -> None:
    answer = ask("POST", "/api/live-events", json={**PLACED, "event": "parcel.stolen"}).json()
    assert answer["status"] == "refused"
    assert "order.placed" in answer["error"]


def test_a_signed_request_needs_no_key_and_counts_once(
    hook: Callable[..., httpx2.Response], database: Database, seeded: Any
) -> None:
    body = json.dumps(PLACED).encode()
    assert [hook(body).status_code for _ in range(2)] == [202, 200]
    with database.reading() as session:
        assert [each.status for each in session.query(ParcelEvent)] == ["delivered"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {"source": "nobody"},
        {"early": timedelta(minutes=6)},
        {"early": timedelta(minutes=-6)},
        {"webhook-id": "msg_2"},
    ],
)
def test_a_request_that_is_not_signed_so_or_is_repeated_late_is_refused(
    hook: Callable[..., httpx2.Response], later: datetime, wrong: dict[str, Any]
) -> None:
    at = later - wrong.pop("early", timedelta(0))
    answer = hook(json.dumps(PLACED).encode(), at=at, **wrong)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_genuine_request_that_cannot_be_read_is_kept_and_told_what_is_wrong(
    hook: Callable[..., httpx2.Response], ask: Ask
) -> None:
    answer = hook(b'{"event": "order.placed"}')
    assert answer.status_code == 422
    assert "waybill is missing" in answer.json()["detail"]
    listed = ask("GET", "/api/live-events?status=refused", Role.ADMIN).json()["items"]
    assert [each["source"] for each in listed] == ["oms"]
