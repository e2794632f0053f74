"""A clock that nobody sets, and that goes on while a process or the machine is stopped."""

from __future__ import annotations

import time
from typing import Final

DIAL_WITHIN_SECONDS: Final = 20.0
"""So long after its mark an attempt may be dialled. It is far less than a lease: whoever was
stopped in between dials nobody whose attempt others have taken over."""

_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_seconds() -> float:
    """Return seconds since some moment; the same for all processes of a machine."""
    return time.clock_gettime(_CLOCK)
