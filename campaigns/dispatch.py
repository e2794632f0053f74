"""Dispatch: tells the dispatch system what is in the outbox, one thread at a time."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

from campaigns.events import EngineEvent, Trouble
from campaigns.write_back import WriteBackError, WriteBackReport
from store.errors import StoreError

log = logging.getLogger(__name__)

RESTS: Final = 10
"""So many times as long as it took to tell, nothing is told: the copy of a manifest with 20,000
rows takes seconds of the processor on which calls are placed."""
LONGEST_REST: Final = 60.0
"""Seconds."""


class Dispatch:
    """Whoever must learn the outcomes; what can't be told now is told later."""

    def __init__(
        self,
        write_back: Callable[[], WriteBackReport],
        publish: Callable[[EngineEvent], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._write_back = write_back
        self._publish = publish
        self._clock = clock
        self._rests_until = clock()
        self._lock = threading.Lock()
        """A beat that was given up may still be at it when the next one comes."""

    async def tell(self) -> bool:
        """Write back once, unless the last time took long; say whether there may be more."""
        if self._clock() < self._rests_until:
            return False
        return await self._tell_now()

    async def tell_all(self) -> None:
        """Write back until nothing is left, or nothing can be told."""
        while await self._tell_now():
            pass

    async def _tell_now(self) -> bool:
        began = self._clock()
        try:
            report = await asyncio.to_thread(self._tell)
        except (StoreError, WriteBackError) as error:
            log.warning("write-back failed: %s", error)
            self._publish(Trouble(str(error)))
            return False
        now = self._clock()
        self._rests_until = now + min(LONGEST_REST, RESTS * (now - began))
        return report.outcomes > 0

    def _tell(self) -> WriteBackReport:
        with self._lock:
            return self._write_back()
