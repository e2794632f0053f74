"""What arrived of the other side's RTP: put in order, counted, timed. Pure: time is told to it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from dialer.callee.rtp import PACKET_SAMPLES, Packet

DEPTH = 4
"""Packets that may overtake a late one before it is given up for lost."""
INTERVALS_KEPT = 6000
"""Two minutes of packets."""
_HALF = 0x8000


def ahead(sequence: int, of: int) -> int:
    """Return how far a sequence number is ahead of another; negative when behind (16 bits)."""
    return (sequence - of + _HALF) % 0x10000 - _HALF


@dataclass(frozen=True, slots=True)
class ReceptionReport:
    """The quality of what arrived."""

    packets: int
    lost: int
    duplicates: int
    jitter_p99_ms: float
    """99 of 100 packets came within so much of 20 ms after the one before."""
    longest_gap_ms: float


class Reception:
    """Takes packets as they come and gives them back in order."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._source = 0
        self._waiting: dict[int, Packet] = {}
        self._last_arrival: float | None = None
        self._intervals: deque[float] = deque(maxlen=INTERVALS_KEPT)
        self._packets = 0
        self._lost = 0
        self._duplicates = 0

    def add(self, packet: Packet, now: float) -> list[Packet]:
        """Take a packet that arrived at `now` (seconds); return those whose turn has come."""
        self._packets += 1
        if self._last_arrival is not None:
            self._intervals.append(now - self._last_arrival)
        self._last_arrival = now
        if self._next is None or packet.source != self._source:
            # A new source counts from anew (RFC 3550 section 8.2).
            self._next, self._source = packet.sequence, packet.source
            self._waiting.clear()
        distance = ahead(packet.sequence, self._next)
        if distance < 0 or packet.sequence in self._waiting:
            self._duplicates += 1
            return []
        self._waiting[packet.sequence] = packet
        ready = self._in_order()
        if len(self._waiting) > DEPTH:
            expected = self._next
            first = min(self._waiting, key=lambda sequence: ahead(sequence, expected))
            self._lost += ahead(first, expected)
            self._next = first
            ready += self._in_order()
        return ready

    def report(self) -> ReceptionReport:
        """Return what can be said of everything received so far."""
        tick = PACKET_SAMPLES / 8000
        deviations = sorted(abs(interval - tick) for interval in self._intervals)
        p99 = deviations[int(0.99 * (len(deviations) - 1))] if deviations else 0.0
        missing = 0
        if self._next is not None and self._waiting:
            expected = self._next
            furthest = max(ahead(sequence, expected) for sequence in self._waiting)
            missing = furthest + 1 - len(self._waiting)
        return ReceptionReport(
            packets=self._packets,
            lost=self._lost + missing,
            duplicates=self._duplicates,
            jitter_p99_ms=round(1000 * p99, 2),
            longest_gap_ms=round(1000 * max(self._intervals, default=0.0), 2),
        )

    def _in_order(self) -> list[Packet]:
        ready: list[Packet] = []
        while self._next is not None and self._next in self._waiting:
            ready.append(self._waiting.pop(self._next))
            self._next = (self._next + 1) & 0xFFFF
        return ready
