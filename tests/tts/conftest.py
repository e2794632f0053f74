"""Moments and windows that the tests of speech speak about."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def now() -> datetime:
    """Saturday morning in Shanghai."""
    return datetime(2026, 11, 21, 10, 0, tzinfo=SHANGHAI)
