"""What is shown of calls reaches the store, sooner or later."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from campaigns.events import CallPlaced
from campaigns.live_book import LiveBook
from campaigns.live_writer import EngineFigures, LiveWriter
from store.database import Database
from store.desk_models import LiveCall
from store.desk_queries import engines
from store.errors import StoreError

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ANNA = CallPlaced(1, 1, 1, "安娜", "+8613800138001", "SD1", "zh-CN")
FIGURES = EngineFigures(slots=8, in_use=1, workers=2, trunk={})


@pytest.fixture
def thread() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


def test_what_a_store_did_not_take_comes_with_the_next_batch(
    tmp_path: Path, thread: Executor
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'menling.db'}")
    book = LiveBook()
    book.take(ANNA, 1, NOON)
    writer = LiveWriter(database, book, "engine")
    with pytest.raises(StoreError, match="no tables"):
        asyncio.run(writer.write(NOON, FIGURES, thread))
    database.upgrade()
    asyncio.run(writer.write(NOON, FIGURES, thread))
    with database.reading() as session:
        shown, (sign,) = session.get(LiveCall, 1), engines(session)
        assert shown is not None
        assert (shown.engine, sign.name, sign.slots) == ("engine", "engine", 8)
    database.close()
