"""What tests of campaigns share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """An empty SQLite database with the newest schema."""
    database = Database(sqlite_url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def calls_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of all who make real calls, so that each sentence is synthesised once."""
    return tmp_path_factory.mktemp("calls")
