"""Sends a message over UDP until it is answered (RFC 3261 section 17)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from dialer.callee.dialog import repetition_delays


class Repetition:
    """A message that is sent again and again until it is answered or given up."""

    def __init__(self, send: Callable[[], None], give_up: Callable[[], None]) -> None:
        self._send = send
        self._give_up = give_up
        self._delays: Iterator[float] = repetition_delays()
        self._timer = asyncio.get_running_loop().call_later(next(self._delays), self._again)

    def _again(self) -> None:
        delay = next(self._delays, None)
        if delay is None:
            self._give_up()
            return
        self._send()
        self._timer = asyncio.get_running_loop().call_later(delay, self._again)

    def cancel(self) -> None:
        """Send it no more; a second call does nothing."""
        self._timer.cancel()
