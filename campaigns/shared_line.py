"""SharedLine: what the campaigns of one engine use together: trunks, and one who claims."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from campaigns.line import OutgoingLine
from campaigns.trunks.opening import trunks_of_line
from campaigns.trunks.trunk import Trunk
from campaigns.trunks.trunks import Trunks
from dialer.registration import RegistrationNews


class SharedLine:
    """The trunks as a whole, however many campaigns call over them."""

    def __init__(self, trunks: Trunks | None = None) -> None:
        """`trunks`: None means that the first campaign brings a line of its own."""
        self.one_at_a_time = asyncio.Lock()
        """Whoever claims, recovers or interrupts holds it: what is between two steps is nobody's
        to settle."""
        self.in_progress = 0
        """Calls handed over and not settled yet."""
        self._trunks = trunks

    @property
    def longest_outage(self) -> timedelta:
        """Campaigns are paused when no trunk worked for so long."""
        return timedelta.max if self._trunks is None else self._trunks.longest_outage

    @property
    def all_trunks(self) -> tuple[Trunk, ...]:
        """The trunks; none before the first call over a line for trials."""
        return () if self._trunks is None else self._trunks.all

    def registered(self, news: RegistrationNews, now: datetime) -> None:
        """Note what a registrar said to one of our workers."""
        if self._trunks is not None:
            self._trunks.registered(news, now)

    def forget(self, attempt: int) -> None:
        """Let go of a call of which nobody tells the end any more."""
        if self._trunks is not None:
            self._trunks.forget(attempt)

    def trunks(self, line: OutgoingLine, now: datetime) -> Trunks:
        """Return the trunks; a line for trials is one by itself."""
        if self._trunks is None:
            self._trunks = trunks_of_line(line, now)
        return self._trunks

    def room(self, line: OutgoingLine, now: datetime) -> int:
        """Return how many calls the trunks take now."""
        return self.trunks(line, now).room(now)
