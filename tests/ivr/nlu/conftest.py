"""The moment all corpora speak of, and the questions they answer."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ivr.nlu.understanding import prepare


@pytest.fixture(scope="session")
def now() -> datetime:
    """A Wednesday morning in Shanghai."""
    return datetime(2026, 3, 11, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session", autouse=True)
def _ready() -> None:
    prepare()
