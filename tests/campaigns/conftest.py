"""What tests of campaigns share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database with the newest schema."""
    database = Database(f"sqlite:///{tmp_path / 'menling.db'}")
    database.upgrade()
    yield database
    database.close()


@pytest.fixture
def now() -> datetime:
    """A Saturday noon in China."""
    return datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
