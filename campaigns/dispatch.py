"""Dispatch: tells the dispatch system what is in the outbox, one thread at a time."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from campaigns.events import EngineEvent, Trouble
from campaigns.write_back import WriteBackError, WriteBackReport
from store.errors import StoreError

log = logging.getLogger(__name__)


class Dispatch:
    """Whoever must learn the outcomes; what can't be told now is told later."""

    def __init__(
        self, write_back: Callable[[], WriteBackReport], publish: Callable[[EngineEvent], None]
    ) -> None:
        self._write_back = write_back
        self._publish = publish
        self._lock = threading.Lock()
        """A beat that was given up may still be at it when the next one comes."""

    async def tell(self) -> bool:
        """Write back once; say whether there may be more."""
        try:
            return (await asyncio.to_thread(self._tell)).outcomes > 0
        except (StoreError, WriteBackError) as error:
            log.warning("write-back failed: %s", error)
            self._publish(Trouble(str(error)))
            return False

    async def tell_all(self) -> None:
        """Write back until nothing is left, or nothing can be told."""
        while await self.tell():
            pass

    def _tell(self) -> WriteBackReport:
        with self._lock:
            return self._write_back()
