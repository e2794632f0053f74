"""What people see of the trunks: one plain entry for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from campaigns.trunks.trunk import Trunk


def trunk_figures(trunks: Sequence[Trunk], now: datetime) -> dict[str, object]:
    """Return how the trunks fare, as it is kept of an engine; the totals stand beside the list."""
    return {
        "host": ", ".join(trunk.target.host for trunk in trunks),
        "channels": sum(trunk.terms.max_channels for trunk in trunks),
        "in_use": sum(trunk.use.calls for trunk in trunks),
        "failures": max((trunk.health.breaker.failures for trunk in trunks), default=0),
        "trunks": [_figures(trunk, now) for trunk in trunks],
    }


def _figures(trunk: Trunk, now: datetime) -> dict[str, object]:
    health = trunk.health
    return {
        "name": trunk.terms.name,
        "host": trunk.target.host,
        "state": health.breaker.at(now).state.value,
        "registered": trunk.is_registered(now) if trunk.target.registers else None,
        "channels": trunk.terms.max_channels,
        "in_use": trunk.use.calls,
        "failures": health.breaker.failures,
        "fault": trunk.fault(now),
    }
