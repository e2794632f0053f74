"""A store, its settings, and the duty of the engine that leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from campaigns.chores import OFFICE, Duty
from campaigns.incoming.chores import handle_events
from campaigns.incoming.reading import event_in
from campaigns.incoming.rules import incoming_rules_of
from campaigns.incoming.taking import take
from campaigns.settings import Settings
from campaigns.settings_sections import PathSettings
from store.database import Database
from store.leadership import Leadership
from store.live_events import EventLine

PARCEL = {
    "name": "王小明",
    "phone": "13800138001",
    "address": "上海市浦东新区幸福路1号",
    "window": "2026-11-22 14:00-16:00",
    "item": "书",
}


@pytest.fixture
def database(either_url: str) -> Iterator[Database]:
    database = Database(either_url)
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(paths=PathSettings(data_dir=tmp_path / "data"))


Duties = Callable[..., Duty]


@pytest.fixture
def told() -> list[str]:
    """What operators were told."""
    return []


@pytest.fixture
def duty(
    database: Database, settings: Settings, told: list[str], now: datetime
) -> Iterator[Duties]:
    """Gives the duty of an engine that leads at a moment, under other settings if need be."""
    office = Leadership(database, OFFICE, "engine-1")

    def at(now: datetime, under: Settings = settings) -> Duty:
        assert office.seek(now)
        return Duty(database, under, now, told.append, lambda: True, office)

    yield at
    office.leave(now)


Tell = Callable[..., EventLine]


@pytest.fixture
def tell(database: Database, duty: Duties) -> Tell:
    """Tells an event, and lets the chore do what follows."""

    def once(now: datetime, event: str, event_id: str, waybill: str, **data: Any) -> EventLine:
        at = data.pop("at", now).isoformat()
        body = {"event_id": event_id, "event": event, "waybill": waybill, "at": at, "data": data}
        with database.transaction() as session:
            line, _ = take(session, incoming_rules_of(), event_in("oms", body, now), now)
        handle_events(duty(now))
        return line

    return once


@pytest.fixture
def parcel() -> dict[str, str]:
    """What a shop tells of a parcel."""
    return dict(PARCEL)
