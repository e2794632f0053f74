"""How engines share what a trunk allows them together; pure."""

from __future__ import annotations


def share_of(whole: int, engines: int, place: int) -> int:
    """Return how many of `whole` channels the engine at that place, from 0, may hold.

    The shares of all engines add up to the whole, so that no two of them have to agree.
    """
    return whole // engines + (place < whole % engines)
