"""Waking: an engine acts at once on what others wrote into the store, not at its next beat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager

from store.database import Database
from store.wake_ups import Listener, Topic


class Waking:
    """Collects wake-ups and acts on them, however many come, one round after the other."""

    def __init__(self, act: Callable[[Collection[Topic]], Awaitable[object]]) -> None:
        """`act` is given what there is something new of."""
        self._act = act
        self._topics: set[Topic] = set()
        self._rung = asyncio.Event()

    @contextmanager
    def listening(self, database: Database) -> Iterator[None]:
        """Hear of what is written to a store while the block lasts; on SQLite nothing comes."""
        loop = asyncio.get_running_loop()

        def heard(topic: Topic) -> None:
            loop.call_soon_threadsafe(self.ring, topic)

        listener = Listener(database, heard)
        listener.start()
        try:
            yield
        finally:
            listener.stop()

    def ring(self, topic: Topic) -> None:
        """There is something new; call it on the loop."""
        self._topics.add(topic)
        self._rung.set()

    async def heed(self) -> None:
        """Act whenever there is something new, for ever."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            topics, self._topics = self._topics, set()
            await self._act(topics)
