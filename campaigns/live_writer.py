"""LiveWriter: writes the live book into the store, a batch at a time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from campaigns.live_book import LiveBook
from store.database import Database
from store.desk_live import LiveBatch, write_engine, write_live

log = logging.getLogger(__name__)

SIGN_OF_LIFE: Final = timedelta(seconds=1)
"""So often at least an engine says that it lives."""


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """How an engine fares."""

    slots: int
    """Customers who can be called at once."""
    in_use: int
    workers: int
    trunk: Mapping[str, Any]


class LiveWriter:
    """What an engine tells of itself and its calls."""

    def __init__(self, database: Database, book: LiveBook, engine: str) -> None:
        self._database = database
        self._book = book
        self._engine = engine
        self._signed_at: datetime | None = None

    async def write(self, now: datetime, figures: EngineFigures, thread: Executor) -> None:
        """Write what is new in `thread`; raises StoreError, and then it comes with the next."""
        batch = self._book.batch()
        # The clock may be set back meanwhile.
        due = self._signed_at is None or abs(now - self._signed_at) >= SIGN_OF_LIFE
        if not batch and not due:
            return
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(thread, self._write, batch, figures, now)
        except BaseException:
            self._book.give_back(batch)
            raise
        self._signed_at = now

    def _write(self, batch: LiveBatch, figures: EngineFigures, now: datetime) -> None:
        with self._database.transaction() as session:
            write_live(session, self._engine, batch, now)
            write_engine(
                session,
                self._engine,
                now,
                slots=figures.slots,
                in_use=figures.in_use,
                workers=figures.workers,
                trunk=figures.trunk,
            )
