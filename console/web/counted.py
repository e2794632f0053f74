"""Counts that take longer than a page may: made in the background, shown at once as of their time.

What is counted is counted again only while somebody looks, one count after the other, and so seldom
that it takes at most a twentieth of a core: calls are made on the same machine. Counts that the
database makes are made on a thread; those that take an interpreter for themselves are made apart,
and no other count waits behind them.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any, Final, Generic, TypeVar

from console.web.apart import Apart, ApartError
from store.errors import StoreError

log = logging.getLogger(__name__)

Value = TypeVar("Value")

PATIENCE_SECONDS: Final = 0.05
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
    made_of: Hashable = None
    running: Future[None] | None = None


class Counted:
    """Counts by a key of their own; the oldest ones that nobody asks for are forgotten."""

    def __init__(
        self,
        clock: Callable[[], float] = monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience_seconds: float = PATIENCE_SECONDS,
        apart: Apart | None = None,
    ) -> None:
        """`patience_seconds`: how long a page waits for a count that was never made.

        `apart`: the process of counts that are made apart; None: they are made in this one.
        """
        self._clock = clock
        self._now = now
        self._patience_seconds = patience_seconds
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = Lock()
        self._apart = apart
        self._here = ThreadPoolExecutor(1, thread_name_prefix="counting")
        self._there = ThreadPoolExecutor(1, thread_name_prefix="counting apart")

    def get(
        self, key: Hashable, make: Callable[[], Value], *, waiting: bool = True
    ) -> Count[Value] | None:
        """Return the newest count under a key, as of its time; None: it is still being made.

        `make` runs on the counting thread; an error of the store leaves the count as it was,
        any other one is raised here. `waiting`: no, on an event loop.
        """
        patience_seconds = self._patience_seconds if waiting else 0.0
        return self._newest(key, make, self._here, None, patience_seconds)

    def get_apart(
        self, key: Hashable, make: Callable[[], Value], made_of: Hashable = None
    ) -> Count[Value] | None:
        """Return the same of a count that takes an interpreter for itself.

        `make` and what it returns are picklable. `made_of`: what it is made of and nothing else,
        so that it is not made again of the same.
        """
        apart = self._apart
        work = make if apart is None else partial(apart, make)
        return self._newest(key, work, self._there, made_of, self._patience_seconds)

    def forget(self, key: Hashable) -> None:
        """Count again when somebody asks next, because something was changed on purpose."""
        with self._lock:
            self._entries.pop(key, None)

    def close(self) -> None:
        """Let the threads end; counts that wait are not made."""
        for each in (self._here, self._there):
            each.shutdown(wait=False, cancel_futures=True)
        if self._apart is not None:
            self._apart.end()
        for each in (self._here, self._there):
            each.shutdown()
        if self._apart is not None:
            self._apart.close()

    def _newest(
        self,
        key: Hashable,
        make: Callable[[], Value],
        thread: ThreadPoolExecutor,
        made_of: Hashable,
        patience_seconds: float,
    ) -> Count[Value] | None:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > KEPT:
                self._entries.popitem(last=False)
            holds = entry.count is not None and made_of is not None and entry.made_of == made_of
            if entry.running is None and not holds and self._clock() >= entry.due:
                entry.running = thread.submit(self._make, entry, make, made_of)
            running = entry.running
        if entry.count is None and running is not None:
            done, _ = wait_for([running], timeout=patience_seconds)
            for each in done:
                each.result()
        return entry.count

    def _make(self, entry: _Entry, make: Callable[[], Any], made_of: Hashable) -> None:
        began = self._clock()
        count, counted_of = entry.count, entry.made_of
        try:
            count, counted_of = Count(make(), self._now()), made_of
        except ApartError:
            pass  # told by the process itself
        except StoreError as error:
            log.warning("A count could not be made: %s", error)
        except Exception as error:
            # Whoever asked may have gone on without it.
            log.error("A count failed: %s", type(error).__name__)  # noqa: TRY400 - names no data
            raise
        finally:
            ended = self._clock()
            with self._lock:
                entry.count, entry.made_of = count, counted_of
                entry.due = ended + max(FRESH_SECONDS, REST * (ended - began))
                entry.running = None
