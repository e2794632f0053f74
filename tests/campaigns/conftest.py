"""What tests of campaigns share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store.database import Database


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the newest schema, which the tests copy."""
    path = tmp_path_factory.mktemp("store") / "pattern.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    database.close()
    return path


@pytest.fixture
def database(pattern: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database with the newest schema."""
    database = Database(f"sqlite:///{shutil.copy(pattern, tmp_path / 'menling.db')}")
    yield database
    database.close()


@pytest.fixture
def now() -> datetime:
    """A Saturday noon in China."""
    return datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
