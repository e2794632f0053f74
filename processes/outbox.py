"""Outbox: messages go through a pipe from a thread, so that nobody waits for who reads them."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from time import monotonic

log = logging.getLogger(__name__)

MOST_WAITING = 2000
"""Of the messages that may be dropped no further one waits behind so many."""


class Outbox:
    """Sends in order; what is sent to a reader who is gone is lost without a word.

    What can't be packed is a fault of ours, is logged, and holds up nothing behind it.
    """

    def __init__(
        self, pipe: Connection, name: str, may_drop: Callable[[object], bool] = lambda _: False
    ) -> None:
        """`may_drop`: answers for a message whether it is only to be shown."""
        self._pipe = pipe
        self._may_drop = may_drop
        self._waiting: deque[object] = deque()
        self._news = threading.Condition()
        self._is_closed = False
        self._sending_since: float | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def send(self, message: object) -> None:
        """Have a message sent after those before it."""
        with self._news:
            is_full = len(self._waiting) >= MOST_WAITING
            if not self._is_closed and not (is_full and self._may_drop(message)):
                self._waiting.append(message)
                self._news.notify()

    def stuck_seconds(self) -> float:
        """Return for how long a message has not been read; 0: none is under way."""
        since = self._sending_since
        return 0.0 if since is None else monotonic() - since

    def close(self, patience_seconds: float) -> None:
        """Send what waits, for so long at most; afterwards the pipe may be closed."""
        with self._news:
            self._is_closed = True
            self._news.notify()
        self._thread.join(patience_seconds)
        if not self._thread.is_alive():
            return
        with self._news:
            self._waiting.clear()
        # Whoever else holds the far end, a message that is under way now fails.
        with suppress(OSError), socket.socket(fileno=os.dup(self._pipe.fileno())) as under_way:
            under_way.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._news:
                while not self._waiting:
                    if self._is_closed:
                        return
                    self._news.wait()
                message = self._waiting.popleft()
            self._sending_since = monotonic()
            try:
                self._pipe.send(message)
            except OSError:
                with self._news:
                    self._is_closed = True
                    self._waiting.clear()
                return
            except Exception:  # packing runs code of whatever is sent, before the first byte goes
                log.exception("a %s can't be sent", type(message).__name__)
            finally:
                self._sending_since = None
