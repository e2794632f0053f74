"""Ports of 127.0.0.1 that nobody else takes between being chosen and being used.

The kernel gives the ports of `ip_local_port_range` to whoever asks for any port, so ours lie below
it. There each process leases a slice, and hands its ports out one after the other.
"""

from __future__ import annotations

import socket
from functools import cache
from pathlib import Path

SLICE = 4096
_LOWEST = 8192
_KERNELS_OWN = Path("/proc/sys/net/ipv4/ip_local_port_range")


class _Slice:
    """The ports from `first` on; a lease on them ends with the process."""

    def __init__(self, first: int) -> None:
        self._ports = range(first, first + SLICE)
        self._next = first
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as lease:
            # A name without a file (unix(7), abstract): the kernel forgets it with the process.
            lease.bind(f"\0menling-ports-{first}")
            lease.detach()  # open until then

    def range_of(self, ports: int) -> int:
        """Return the first of so many ports that are free; raises OSError when there are none."""
        for _ in range(2 * SLICE):
            start = self._next
            if start + ports > self._ports.stop:
                self._next = self._ports.start
                continue
            if (taken := _taken(start, ports)) is None:
                self._next = start + ports
                return start
            self._next = taken + 1
        raise OSError(f"no {ports} ports in a row are free from {self._ports.start} on")


def free_port_range(ports: int) -> int:
    """Return the first of so many UDP ports in a row that are free."""
    leased = _leased()
    if leased is not None and ports <= SLICE:
        return leased.range_of(ports)
    # Every slice is leased, or they are not known: ports that were free a moment ago must do.
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_port:
            any_port.bind(("127.0.0.1", 0))
            start = int(any_port.getsockname()[1]) + 1
        if _taken(start, ports) is None:
            return start


@cache
def _leased() -> _Slice | None:
    try:
        end = int(_KERNELS_OWN.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return None
    for first in range(_LOWEST, end - SLICE + 1, SLICE):
        try:
            return _Slice(first)
        except OSError:
            continue
    return None


def _taken(first: int, ports: int) -> int | None:
    """Return the first port that can't be had, None when all can."""
    for port in range(first, first + ports):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except (OSError, OverflowError):
                return port
    return None
