"""Counts that take longer than a page may: made in the background, shown at once as of their time.

What is counted is counted again only while somebody looks, by one thread, and so seldom that it
takes at most a twentieth of that thread's time: calls are made on the same machine.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Any, Final, Generic, TypeVar

from store.errors import StoreError

log = logging.getLogger(__name__)

Value = TypeVar("Value")

PATIENCE_SECONDS: Final = 0.08
"""So long a page waits for a count that was never made: most are there by then."""
FRESH_SECONDS: Final = 2.0
REST: Final = 20.0
"""A count rests for so many times as long as it took."""
KEPT: Final = 128


@dataclass(frozen=True, slots=True)
class Count(Generic[Value]):
    """Something that was counted."""

    value: Value
    at: datetime


@dataclass(slots=True)
class _Entry:
    count: Count[Any] | None = None
    due: float = 0.0
    """On the monotonic clock."""
    running: Future[None] | None = None


class Counted:
    """Counts by a key of their own; the oldest ones that nobody asks for are forgotten."""

    def __init__(
        self,
        clock: Callable[[], float] = monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """`patience_seconds`: how long a page waits for a count that was never made."""
        self._clock = clock
        self._now = now
        self._patience_seconds = patience_seconds
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="counting")

    def get(self, key: Hashable, make: Callable[[], Value]) -> Count[Value] | None:
        """Return the newest count under a key, as of its time; None: it is still being made.

        `make` runs in the counting thread; an error of the store leaves the count as it was,
        any other one is raised here.
        """
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > KEPT:
                self._entries.popitem(last=False)
            if entry.running is None and self._clock() >= entry.due:
                entry.running = self._thread.submit(self._make, entry, make)
            running = entry.running
        if entry.count is None and running is not None:
            done, _ = wait_for([running], timeout=self._patience_seconds)
            for each in done:
                each.result()
        return entry.count

    def forget(self, key: Hashable) -> None:
        """Count again when somebody asks next, because something was changed on purpose."""
        with self._lock:
            self._entries.pop(key, None)

    def close(self) -> None:
        """Let the thread end; counts that wait are not made."""
        self._thread.shutdown(cancel_futures=True)

    def _make(self, entry: _Entry, make: Callable[[], Any]) -> None:
        began = self._clock()
        count = entry.count
        try:
            count = Count(make(), self._now())
        except StoreError as error:
            log.warning("A count could not be made: %s", error)
        finally:
            ended = self._clock()
            with self._lock:
                entry.count = count
                entry.due = ended + max(FRESH_SECONDS, REST * (ended - began))
                entry.running = None
