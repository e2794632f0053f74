"""OptingOut: a wish for no more calls, and from when on it is certain.

A dialog that has understood one may take it back within a moment, when its speaker goes on: 别打…
扰邻居,放门口. What a person was told, or a key, is certain at once.
"""

from __future__ import annotations

CERTAIN_SECONDS = 2.0
"""After so long nobody goes on with the answer that was taken for such a wish."""


class OptingOut:
    """Notices in one call when the wish has become certain; all times are seconds of call audio."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._is_told = False

    def is_new(self, now: float, *, understood: bool, certain: bool) -> bool:
        """Answer whether it has just become certain; true once in a call."""
        if not (understood or certain):
            self._since = None
            return False
        if self._since is None:
            self._since = now
        if self._is_told or not (certain or now - self._since >= CERTAIN_SECONDS):
            return False
        self._is_told = True
        return True
