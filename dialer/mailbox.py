"""Mailbox: what happened on a line, handed from native threads to one event loop, in order."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque

from dialer.leg import Ended, KeyPressed, LegEvent, Sound

SOUNDS_WAITING = 250
"""Five seconds of sound; beyond that the oldest is dropped and counted."""
KEYS_WAITING = 64
"""Keys beyond that are refused: nobody presses so many unheard."""


class Mailbox:
    """A bounded, ordered queue with any number of writers in any thread and one reader.

    Writers take no lock, because a media callback must never wait: an event's number is drawn
    and the event appended by operations that are atomic under the GIL.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._numbers = itertools.count()
        self._sounds: deque[tuple[int, Sound]] = deque(maxlen=SOUNDS_WAITING)
        self._others: deque[tuple[int, LegEvent]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._wake_is_due = False
        self._closed = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Frames of sound dropped because the reader was too slow."""
        return self._dropped

    def post(self, event: LegEvent) -> None:
        """Add an event from any thread; what follows `Ended` is ignored."""
        if self._closed:
            return
        if isinstance(event, Sound):
            if len(self._sounds) == SOUNDS_WAITING:
                self._dropped += 1
            self._sounds.append((next(self._numbers), event))
        else:
            if isinstance(event, KeyPressed) and len(self._others) >= KEYS_WAITING:
                return
            self._closed = isinstance(event, Ended)
            self._others.append((next(self._numbers), event))
        if not self._wake_is_due:
            self._wake_is_due = True
            try:
                self._loop.call_soon_threadsafe(self._wake)
            except RuntimeError:  # the loop is closed: nobody will ever read again
                self._closed = True

    async def receive(self) -> LegEvent:
        """Return the oldest event, waiting for one if need be."""
        while True:
            event = self._take()
            if event is not None:
                return event
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def _take(self) -> LegEvent | None:
        if self._others and (not self._sounds or self._others[0][0] < self._sounds[0][0]):
            return self._others.popleft()[1]
        try:
            return self._sounds.popleft()[1]
        except IndexError:
            return None

    def _wake(self) -> None:
        self._wake_is_due = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
