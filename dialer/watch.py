"""When a call must be ended because nothing happens on it; pure."""

from __future__ import annotations

from collections.abc import Callable

from dialer.causes import Ender
from dialer.leg import LegState

LOOK_SECONDS = 1.0
"""How often the packets of an answered call are counted."""


class CallWatch:
    """Notices that nobody answers, and that an answered call fell silent on the wire."""

    def __init__(self, ring_seconds: float, media_seconds: float) -> None:
        self._ring_seconds = ring_seconds
        self._media_seconds = media_seconds
        self._dialled: float | None = None
        self._next_look = 0.0
        self._packets = -1
        self._packets_moved = 0.0

    def alarm(self, now: float, state: LegState, packets: Callable[[], int]) -> Ender | None:
        """Return why the call must be ended now; asks for `packets` once a second."""
        if self._dialled is None:
            self._dialled = now
        if state is not LegState.ANSWERED:
            return Ender.RING_TIMEOUT if now - self._dialled >= self._ring_seconds else None
        if now < self._next_look:
            return None
        self._next_look = now + LOOK_SECONDS
        received = packets()
        if received != self._packets:
            self._packets = received
            self._packets_moved = now
        return Ender.MEDIA_TIMEOUT if now - self._packets_moved >= self._media_seconds else None
