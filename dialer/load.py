"""Which worker takes the next piece of work; pure."""

from __future__ import annotations

from collections.abc import Mapping


def least_loaded(loads: Mapping[int, int], slots: int) -> int | None:
    """Return the worker with the fewest pieces of work, the lowest number among equals.

    `loads` holds the workers that are up; None when every one is full.
    """
    free = [(load, worker) for worker, load in loads.items() if load < slots]
    return min(free)[1] if free else None
