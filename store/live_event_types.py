"""The words that the columns of live events hold."""

from __future__ import annotations

from enum import StrEnum


class LiveEventStatus(StrEnum):
    """How far an event has come."""

    TAKEN = "taken"
    """Kept; what follows from it is still to be done."""
    HANDLED = "handled"
    REFUSED = "refused"
    """Nothing follows: it says why, and may be sent once more, put right, under the same id."""
