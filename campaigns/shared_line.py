"""SharedLine: what the campaigns of one engine use together: channels and calls per second."""

from __future__ import annotations

import asyncio
from datetime import datetime

from campaigns.line import OutgoingLine
from campaigns.pacing import Allowance


class SharedLine:
    """The trunk as a whole, however many campaigns call over it."""

    def __init__(self) -> None:
        self.one_at_a_time = asyncio.Lock()
        """Whoever claims, recovers or interrupts holds it: what is between two steps is nobody's
        to settle."""
        self.in_progress = 0
        """Calls handed over and not settled yet."""
        self._allowance: Allowance | None = None

    def free(self, line: OutgoingLine) -> int:
        """Return how many more calls the trunk lets us hold."""
        return line.max_channels - self.in_progress

    def allowance(self, line: OutgoingLine, now: datetime) -> Allowance:
        """Return what the calls-per-second limit allows at `now`."""
        before = self._allowance or Allowance.full(line.calls_per_second, now)
        self._allowance = before.at(now)
        return self._allowance

    def placed(self) -> None:
        """Note that one of the allowed calls was placed."""
        if self._allowance is not None:
            self._allowance = self._allowance.less(1)
