"""Every store test runs twice: on SQLite and on a PostgreSQL server that the tests start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store.database import Database


@pytest.fixture
def url(either_url: str) -> str:
    """The URL of an empty database with the newest schema."""
    return either_url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An empty database with the newest schema."""
    database = Database(url)
    yield database
    database.close()
