"""OptingOut: a wish for no more calls, and from when on it is certain.

A dialog that has understood one may take it back within a moment, when its speaker goes on: 别打…
扰邻居,放门口. What a person was told is certain at once; a key that was pressed to one is when it
has stayed alone, for numbers are dialled to whoever asks for them.
"""

from __future__ import annotations

CERTAIN_SECONDS = 2.0
"""After so long nobody goes on with the answer that was taken for such a wish."""

NUMBER_SECONDS = 3.0
"""Who dials a number for a person lets no more time pass from one key to the next."""


class LoneKey:
    """Tells a key that stands alone from those of a number; all times are seconds of call audio.

    Who presses the same key again, for nothing seems to happen, dials no number.
    """

    def __init__(self) -> None:
        self._digits = ""
        self._began = 0.0
        self._last = 0.0

    def press(self, digit: str, now: float) -> None:
        """Take a key; `lone` was asked at that moment before."""
        if not self._digits:
            self._began = now
        self._digits += digit
        self._last = now

    def lone(self, now: float) -> tuple[str, float] | None:
        """Return the key that has just proved to be alone, and when it was pressed first."""
        if not self._digits or now - self._last < NUMBER_SECONDS:
            return None
        digits, self._digits = self._digits, ""
        return (digits[0], self._began) if len(set(digits)) == 1 else None


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
