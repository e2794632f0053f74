"""TrunkWatch: whether the trunk is dead, as the calls of a campaign tell."""

from __future__ import annotations

from store.types import Disposition


class TrunkWatch:
    """Counts failures in a row, so that a dead trunk burns no contacts."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self.failures = 0
        """Calls in a row that the trunk lost."""

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
