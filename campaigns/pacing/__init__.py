"""How many calls to place now: pure, with the time as an argument."""

from __future__ import annotations

from campaigns.pacing.allowance import Allowance, calls_to_place

__all__ = ["Allowance", "calls_to_place"]
