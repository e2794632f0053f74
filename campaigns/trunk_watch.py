"""TrunkWatch: how fast the trunk may be used, and whether it is dead."""

from __future__ import annotations

from datetime import datetime

from campaigns.pacing import Allowance
from store.types import Disposition


class TrunkWatch:
    """Counts calls per second and failures in a row, so that a dead trunk burns no contacts."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._allowance: Allowance | None = None
        self.failures = 0
        """Calls in a row that the trunk lost."""

    def allowance(self, calls_per_second: float, now: datetime) -> Allowance:
        """Return what the calls-per-second limit allows at `now`."""
        before = self._allowance or Allowance.full(calls_per_second, now)
        self._allowance = before.at(now)
        return self._allowance

    def placed(self) -> None:
        """Note that one of the allowed calls was placed."""
        if self._allowance is not None:
            self._allowance = self._allowance.less(1)

    def saw(self, disposition: Disposition) -> bool:
        """Note how a call ended; say whether the trunk must now be taken for dead."""
        if disposition is Disposition.TRUNK_FAILURE:
            self.failures += 1
        elif disposition is not Disposition.INTERRUPTED:
            self.failures = 0
        return self.failures >= self._patience

    def forgive(self) -> None:
        """Start counting again, after an operator was told."""
        self.failures = 0
