"""Mailbox: what happened on a line, handed from native threads to one event loop, in order."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import defaultdict, deque
from collections.abc import Iterable

from dialer.leg import Ended, KeyPressed, LegEvent, Sound

SOUNDS_WAITING = 250
"""Five seconds of sound; beyond that the oldest is dropped and counted."""
KEYS_WAITING = 64
"""Keys beyond that are refused: nobody presses so many unheard."""


class Mailbox:
    """A bounded, ordered queue with any number of writers in any thread and one reader.

    Writers take no lock, because a native callback must never wait: an event's number is drawn
    and the event appended by operations that are atomic under the GIL.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._numbers = itertools.count()
        self._sounds: deque[tuple[int, Sound]] = deque(maxlen=SOUNDS_WAITING)
        self._others: deque[tuple[int, LegEvent]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """Frames of sound dropped because the reader was too slow."""
        return self._dropped

    def post(self, event: LegEvent) -> None:
        """Add an event from any thread and wake the reader; what follows `Ended` is ignored."""
        if not self._closed:
            self.put(event)
            wake_readers((self,))

    def put(self, event: LegEvent) -> None:
        """Add an event without waking the reader; `wake_readers` does that for many at once."""
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

    async def receive(self) -> LegEvent:
        """Return the oldest event, waiting for one if need be."""
        while True:
            event = self._take()
            if event is not None:
                return event
            self._waiter = self.loop.create_future()
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

    def wake(self) -> None:
        """Let the reader look, on his loop."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def wake_readers(mailboxes: Iterable[Mailbox]) -> None:
    """Let the readers of these look, from any thread: every loop is woken once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Mailbox]] = defaultdict(list)
    for mailbox in mailboxes:
        by_loop[mailbox.loop].append(mailbox)
    for loop, readers in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody will ever read again
            loop.call_soon_threadsafe(_wake_each, readers)


def _wake_each(mailboxes: list[Mailbox]) -> None:
    for mailbox in mailboxes:
        mailbox.wake()
