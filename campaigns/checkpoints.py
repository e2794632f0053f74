"""Checkpoints: the moments in the life of an attempt at which a process may end.

Whoever tries what a sudden end leads to passes a `Checkpoint` in; everybody else passes by.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Point(StrEnum):
    """Where an attempt is, in the order of its life."""

    CLAIMING = "claiming"
    """Claimed, and not committed yet."""
    CLAIMED = "claimed"
    MARKING = "marking"
    """Marked as dialling, and not committed yet."""
    MARKED = "marked"
    """Committed as dialling, and no order went out yet."""
    SUBMITTED = "submitted"
    """The order went to a worker."""
    ORDERED = "ordered"
    """In the worker: the order came, and nothing was dialled yet."""
    INVITING = "inviting"
    """In the worker: the INVITE goes out next."""
    RINGING = "ringing"
    """In the worker."""
    ANSWERED = "answered"
    """In the worker."""
    ENDED = "ended"
    """In the worker: the call is over, and no report was sent yet."""
    REPORTED = "reported"
    """In the worker: the report was sent."""
    REPORT_TAKEN = "report_taken"
    """In the engine: the report came, and nothing was written yet."""
    SETTLING = "settling"
    """In the engine: the end is written, and not committed yet."""
    SETTLED = "settled"
    """In the engine: the end is committed, and nobody was told yet."""


Checkpoint = Callable[[Point, int], None]
"""Is told that an attempt came to a point, by its number in the store."""


def pass_by(point: Point, attempt: int) -> None:
    """Go on."""
