"""TrunkWatch: whether a campaign must stop because its calls don't get out of the house."""

from __future__ import annotations

from datetime import datetime, timedelta

from store.types import Disposition


class TrunkWatch:
    """Counts failures in a row, and how long no trunk works, so that no contact is burnt.

    A trunk that fails everybody rests by itself. What is counted here are the failures of one
    campaign over trunks that work for others: its number is not allowed, its numbers are none.
    """

    def __init__(self, patience: int, longest_outage: timedelta = timedelta.max) -> None:
        self._patience = patience
        self._longest_outage = longest_outage
        self._out_since: datetime | None = None
        self.failures = 0
        """Calls in a row that trunks lost."""

    def saw(self, disposition: Disposition, *, trunk_rests: bool = False) -> bool:
        """Note how a call ended; say whether the campaign must be paused.

        `trunk_rests`: its trunk was taken out of use for it, which is all there is to do.
        """
        if disposition is Disposition.TRUNK_FAILURE:
            self.failures = 0 if trunk_rests else self.failures + 1
        elif disposition is not Disposition.INTERRUPTED:
            self.failures = 0
        return self.failures >= self._patience

    def is_out_for_too_long(self, now: datetime, *, is_out: bool) -> bool:
        """Note whether any trunk works; say whether none has for too long."""
        if not is_out:
            self._out_since = None
            return False
        if self._out_since is None or now < self._out_since:
            self._out_since = now
        return now - self._out_since >= self._longest_outage

    def forgive(self) -> None:
        """Start counting again, after an operator was told."""
        self.failures = 0
        self._out_since = None
