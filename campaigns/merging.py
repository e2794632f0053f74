"""Merging: which parcels are told of in one call, because one person waits for them together.

Two parcels belong together when all that a call says and asks of the one is true of the other: the
same person at the same number and language, the same window and address, the same facts. What they
are, whose they are and what is to be paid for each may differ: a call adds it up
(`campaigns.parcels_told`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from campaigns.manifest import ManifestDelivery

ADDED_UP = frozenset({"pieces"})
"""Facts that differ among parcels of one call."""


class Together(NamedTuple):
    """What parcels of one call have in common."""

    phone: str
    extension: str
    name: str
    language: str
    time_zone: str
    window_start: datetime | None
    window_end: datetime | None
    address: str
    region: str
    product_line: str
    facts: tuple[tuple[str, str], ...]


def together(row: ManifestDelivery) -> Together:
    """Return what parcels must have in common with this one to be told of in its call."""
    return Together(
        row.phone,
        row.extension,
        row.name,
        row.language,
        row.time_zone,
        row.window_start,
        row.window_end,
        row.address,
        row.region,
        row.product_line,
        common_facts(row.facts),
    )


def common_facts(facts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the facts that must be the same of all parcels of a call."""
    if not facts:
        return ()
    return tuple(sorted((name, text) for name, text in facts.items() if name not in ADDED_UP))
